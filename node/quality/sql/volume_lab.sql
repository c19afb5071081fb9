SELECT d.month AS practice, 'lab_result' AS stratum, SUM(d.n) AS num, 1 AS den
FROM (
  SELECT {{year_month(r.day)}} AS month, COUNT(*) AS n
  FROM (SELECT CAST(COALESCE(collection_datetime, result_datetime) AS DATE) AS day FROM lab_result) AS r
  WHERE r.day BETWEEN {{prior_start}} AND {{period_end}}
  GROUP BY r.day
) AS d
GROUP BY d.month
