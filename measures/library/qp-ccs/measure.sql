WITH {{cohort_v1(45, 24, 64)}},
{{lines_v1(smears, claim_start_date BETWEEN {{years_before(period_start, 2)}} AND {{period_end}}
  AND (hcpcs_code IN {{codes(cytology)}} OR revenue_center_code IN {{codes(cytology_revenue)}}))}},
{{lines_v1(hpv_lines, claim_start_date BETWEEN {{years_before(period_start, 4)}} AND {{period_end}} AND hcpcs_code IN {{codes(hpv)}})}},
{{results_v1(cytology_results, source_component_code IN {{codes(cytology_lab)}})}},
{{results_v1(hpv_results, source_component_code IN {{codes(hpv_lab)}})}},
-- Each test with its day and the age from which it counts.
tests AS (
  SELECT person_id, claim_start_date AS test_date, 21 AS from_age FROM smears
  UNION ALL
  SELECT person_id, claim_start_date AS test_date, 30 AS from_age FROM hpv_lines
  UNION ALL
  SELECT person_id, test_date, 21 AS from_age FROM cytology_results WHERE test_date BETWEEN {{years_before(period_start, 2)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, test_date, 30 AS from_age FROM hpv_results WHERE test_date BETWEEN {{years_before(period_start, 4)}} AND {{period_end}}
),
screened AS (
  SELECT DISTINCT c.person_id
  FROM cohort c
  JOIN tests t ON t.person_id = c.person_id
  WHERE {{age(c.birth_date, t.test_date)}} >= t.from_age
),
{{lines_v1(excluding, claim_start_date <= {{period_end}} AND ({{diagnosis(no_cervix)}} OR {{procedure(cervix_removed)}}))}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN s.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  LEFT JOIN screened s ON s.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
  WHERE c.gender = 'female'
)
{{summary_v1(1, 1)}}
