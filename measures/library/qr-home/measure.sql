WITH {{panel_v1()}},
{{lines_v1(dialysis_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND (SUBSTRING(revenue_center_code, 1, 3) IN ('082', '083', '084', '085') OR SUBSTRING(bill_type_code, 1, 2) = '72' OR SUBSTRING(bill_type_code, 1, 3) = '072') AND {{diagnosis(kidney_failure)}})}},
births AS (
  SELECT person_id, MIN(birth_date) AS birth_date FROM eligibility GROUP BY person_id
),
dialysis_months AS (
  SELECT d.person_id, {{year_month(d.claim_start_date)}} AS month, MAX(CASE WHEN (revenue_center_code IN {{codes(home_haemodialysis)}} OR SUBSTRING(revenue_center_code, 1, 3) IN ('083', '084', '085')) THEN 1 ELSE 0 END) AS at_home
  FROM dialysis_lines d
  JOIN births b ON b.person_id = d.person_id
  WHERE {{age(b.birth_date, d.claim_start_date)}} >= 18
  GROUP BY d.person_id, {{year_month(d.claim_start_date)}}
),
result AS (
  SELECT p.person_id, p.practice, COUNT(*) AS initial_population, COUNT(*) AS denominator, 0 AS exclusion, 0 AS exception, SUM(m.at_home) AS numerator
  FROM dialysis_months m
  JOIN panel p ON p.person_id = m.person_id AND p.month = m.month
  GROUP BY p.person_id, p.practice
)
{{summary_v1(1, 1)}}
