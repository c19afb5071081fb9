WITH person AS (
  SELECT region, member_months,
         inpatient_cost + outpatient_cost + professional_cost AS cents
  FROM annual_summary
  WHERE year = {{year}}
)
SELECT region AS practice, 'all' AS stratum,
       CAST(SUM(CASE WHEN cents < 0 THEN 0 ELSE {{div(cents + 500, 1000)}} END) AS BIGINT) AS num,
       CAST(SUM(member_months) AS BIGINT) AS den
FROM person
GROUP BY region
