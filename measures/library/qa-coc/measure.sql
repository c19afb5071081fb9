WITH {{cohort_v1(45, 0, 150)}},
{{lines_v1(visits, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND claim_type = 'professional'
  AND hcpcs_code IN {{codes(primary_care_visits)}} AND place_of_service_code IN {{codes(primary_care_places)}}
  AND COALESCE(rendering_npi, billing_npi) IS NOT NULL)}},
-- One visit a day and clinician.
by_clinician AS (
  SELECT person_id, COALESCE(rendering_npi, billing_npi) AS clinician, COUNT(DISTINCT claim_start_date) AS n
  FROM visits
  GROUP BY person_id, COALESCE(rendering_npi, billing_npi)
),
by_person AS (
  SELECT person_id, SUM(n) AS visits, SUM(n * n) AS squares, MAX(n) AS most
  FROM by_clinician
  GROUP BY person_id
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator, c.hospice AS exclusion, 0 AS exception,
         CASE WHEN 10 * (v.squares - v.visits) >= 7 * v.visits * (v.visits - 1) THEN 1 ELSE 0 END AS numerator
  FROM cohort c
  JOIN by_person v ON v.person_id = c.person_id
  WHERE v.visits >= 4
)
{{summary_v1(1, 1)}}
