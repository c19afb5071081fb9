SELECT d.month AS practice, 'pharmacy_claim' AS stratum, SUM(d.n) AS num, 1 AS den
FROM (
  SELECT {{year_month(dispensing_date)}} AS month, COUNT(*) AS n
  FROM pharmacy_claim
  WHERE dispensing_date BETWEEN {{prior_start}} AND {{period_end}}
  GROUP BY dispensing_date
) AS d
GROUP BY d.month
