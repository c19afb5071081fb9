SELECT region AS practice, 'all' AS stratum,
       CAST(SUM(CASE WHEN diabetes = 1 THEN 1 ELSE 0 END) AS BIGINT) AS num,
       CAST(COUNT(*) AS BIGINT) AS den
FROM annual_summary
WHERE year = {{year}} AND member_months = 12
GROUP BY region
