WITH admitted AS (
  SELECT person_id, COUNT(*) AS stays
  FROM medical_claim
  WHERE claim_line_number = 1 AND bill_type_code = '111'
    AND admission_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY person_id
)
SELECT s.region AS practice, 'all' AS stratum,
       CAST(SUM(COALESCE(a.stays, 0)) AS BIGINT) AS num,
       CAST(SUM(s.member_months) AS BIGINT) AS den
FROM annual_summary s
LEFT JOIN admitted a ON a.person_id = s.person_id
WHERE s.year = {{year}}
GROUP BY s.region
