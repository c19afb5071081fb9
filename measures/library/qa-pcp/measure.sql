WITH {{cohort_v1(45, 0, 150)}},
-- A visit: a code of the set at a place where primary care is given; facility claims carry no place.
{{lines_v1(visits, claim_start_date BETWEEN {{period_start}} AND {{period_end}}
  AND hcpcs_code IN {{codes(primary_care_visits)}}
  AND (place_of_service_code IS NULL OR place_of_service_code IN {{codes(primary_care_places)}}))}},
visited AS (
  SELECT DISTINCT person_id FROM visits
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator, c.hospice AS exclusion, 0 AS exception,
         CASE WHEN v.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  LEFT JOIN visited v ON v.person_id = c.person_id
)
{{summary_v1(1, 1)}}
