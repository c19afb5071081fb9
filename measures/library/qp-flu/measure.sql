WITH {{cohort_v1(45, 1, 150)}},
{{lines_v1(shots, claim_start_date BETWEEN {{date(prior_year, 7, 1)}} AND {{date(year, 6, 30)}}
  AND (hcpcs_code IN {{codes(influenza)}} OR hcpcs_code IN {{codes(influenza_claims)}}))}},
vaccinated AS (
  SELECT person_id FROM shots
  UNION
  SELECT person_id
  FROM immunization
  WHERE source_code IN {{codes(influenza)}} AND LOWER(COALESCE(status, 'completed')) = 'completed'
    AND occurrence_date BETWEEN {{date(prior_year, 7, 1)}} AND {{date(year, 6, 30)}}
),
{{lines_v1(excluding, claim_start_date <= {{period_end}} AND {{diagnosis(contraindication)}})}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN v.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  LEFT JOIN vaccinated v ON v.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
  WHERE c.birth_date <= {{prior_start}}
)
{{summary_v1(1, 1)}}
