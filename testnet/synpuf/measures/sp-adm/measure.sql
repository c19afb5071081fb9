WITH admitted AS (
  SELECT person_id, COUNT(*) AS stays
  FROM medical_claim
  WHERE claim_line_number = 1 AND bill_type_code = '111'
    AND admission_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY person_id
),
residents AS (
  SELECT person_id, region, member_months
  FROM annual_summary
  WHERE year = {{year}}
)
SELECT r.region AS practice, 'all' AS stratum,
       CAST(SUM(COALESCE(a.stays, 0)) AS BIGINT) AS num,
       CAST(SUM(r.member_months) AS BIGINT) AS den
FROM residents r
LEFT JOIN admitted a ON a.person_id = r.person_id
GROUP BY r.region
