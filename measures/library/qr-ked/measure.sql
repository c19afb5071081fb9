WITH {{cohort_v1(45, 18, 85)}},
{{lines_v1(coded, claim_start_date BETWEEN {{prior_start}} AND {{period_end}} AND {{diagnosis_begins(diabetes_categories)}})}},
diabetic AS (
  SELECT person_id FROM coded GROUP BY person_id HAVING COUNT(DISTINCT claim_start_date) >= 2
),
{{results_v1(filtration_results, source_component_code IN {{codes(filtration)}})}},
{{results_v1(ratio_results, source_component_code IN {{codes(albumin_ratio)}})}},
{{lines_v1(filtration_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND hcpcs_code IN {{codes(filtration)}})}},
{{lines_v1(ratio_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND hcpcs_code IN {{codes(albumin_ratio)}})}},
blood AS (
  SELECT person_id FROM filtration_results WHERE test_date BETWEEN {{period_start}} AND {{period_end}}
  UNION
  SELECT person_id FROM filtration_lines
),
urine AS (
  SELECT person_id FROM ratio_results WHERE test_date BETWEEN {{period_start}} AND {{period_end}}
  UNION
  SELECT person_id FROM ratio_lines
),
{{lines_v1(excluding, claim_start_date <= {{period_end}} AND {{diagnosis(kidney_failure)}})}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN b.person_id IS NOT NULL AND u.person_id IS NOT NULL THEN 1 ELSE 0 END AS numerator
  FROM cohort c
  JOIN diabetic d ON d.person_id = c.person_id
  LEFT JOIN blood b ON b.person_id = c.person_id
  LEFT JOIN urine u ON u.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
