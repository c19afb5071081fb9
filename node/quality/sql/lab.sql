WITH {{enrolled_v1(366)}},
tested AS (
  SELECT DISTINCT person_id
  FROM lab_result
  WHERE CAST(COALESCE(collection_datetime, result_datetime) AS DATE) BETWEEN {{period_start}} AND {{period_end}}
)
SELECT 'members' AS practice, 'lab_result' AS stratum, COUNT(t.person_id) AS num, COUNT(*) AS den
FROM enrolled e
LEFT JOIN tested t ON t.person_id = e.person_id
