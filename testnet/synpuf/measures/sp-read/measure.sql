-- One row a stay: segment 1 of an inpatient claim.
WITH stays AS (
  SELECT claim_id, person_id, facility_npi AS practice, admission_date, discharge_date
  FROM medical_claim
  WHERE claim_line_number = 1 AND bill_type_code = '111' AND admission_date IS NOT NULL
),
index_stays AS (
  SELECT claim_id, person_id, practice, discharge_date, {{add_days(discharge_date, 30)}} AS last_day
  FROM stays
  WHERE practice IS NOT NULL
    AND admission_date BETWEEN {{period_start}} AND {{period_end}}
    AND discharge_date IS NOT NULL
    AND discharge_date <= {{days_before(period_end, 30)}}
),
readmitted AS (
  SELECT DISTINCT i.claim_id
  FROM index_stays i
  JOIN stays s ON s.person_id = i.person_id AND s.claim_id <> i.claim_id
              AND s.admission_date > i.discharge_date AND s.admission_date <= i.last_day
)
SELECT i.practice AS practice, 'all' AS stratum,
       CAST(COUNT(r.claim_id) AS BIGINT) AS num,
       CAST(COUNT(*) AS BIGINT) AS den
FROM index_stays i
LEFT JOIN readmitted r ON r.claim_id = i.claim_id
GROUP BY i.practice
