WITH {{cohort_v1(45, 18, 74)}},
{{lines_v1(dialysis_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND (SUBSTRING(revenue_center_code, 1, 3) IN ('082', '083', '084', '085') OR SUBSTRING(bill_type_code, 1, 2) = '72' OR SUBSTRING(bill_type_code, 1, 3) = '072') AND {{diagnosis(kidney_failure)}})}},
{{lines_v1(transplant_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND {{procedure_begins(transplant)}})}},
{{lines_v1(waiting_lines, claim_start_date BETWEEN {{prior_start}} AND {{period_end}} AND {{diagnosis(waiting)}})}},
treated AS (
  SELECT person_id FROM transplant_lines
  UNION
  SELECT person_id FROM dialysis_lines GROUP BY person_id HAVING COUNT(DISTINCT EXTRACT(MONTH FROM claim_start_date)) >= 3
),
listed AS (
  SELECT person_id FROM transplant_lines
  UNION
  SELECT person_id FROM waiting_lines
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator, c.hospice AS exclusion, 0 AS exception,
         CASE WHEN l.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  JOIN treated t ON t.person_id = c.person_id
  LEFT JOIN listed l ON l.person_id = c.person_id
)
{{summary_v1(1, 1)}}
