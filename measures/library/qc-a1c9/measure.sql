WITH {{cohort_v1(45, 18, 75)}},
-- Diabetes: its codes on two days of the year or the year before, or on one inpatient claim.
{{lines_v1(coded, claim_start_date BETWEEN {{prior_start}} AND {{period_end}} AND {{diagnosis_begins(diabetes_categories)}})}},
diabetic AS (
  SELECT person_id
  FROM coded
  GROUP BY person_id
  HAVING COUNT(DISTINCT claim_start_date) >= 2
      OR MAX(CASE WHEN bill_type_code LIKE '11%' OR bill_type_code LIKE '011%' THEN 1 ELSE 0 END) = 1
),
-- The last test of the year that has a number; of several on one day the lowest.
{{results_v1(tests, source_component_code IN {{codes(hba1c)}} AND result_micros IS NOT NULL)}},
latest AS (
  SELECT person_id, result_micros,
         ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY test_date DESC, result_micros) AS place
  FROM tests
  WHERE test_date BETWEEN {{period_start}} AND {{period_end}}
),
in_control AS (
  SELECT person_id FROM latest WHERE place = 1 AND result_micros <= 9000000
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator, c.hospice AS exclusion, 0 AS exception,
         CASE WHEN n.person_id IS NULL THEN 1 ELSE 0 END AS numerator
  FROM cohort c
  JOIN diabetic d ON d.person_id = c.person_id
  LEFT JOIN in_control n ON n.person_id = c.person_id
)
{{summary_v1(1, 1)}}
