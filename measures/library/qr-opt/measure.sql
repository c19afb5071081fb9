WITH {{panel_v1()}},
-- Dialysis and transplants from the year before on, with what is needed to judge the start.
{{lines_v1(kidney_lines, claim_start_date BETWEEN {{prior_start}} AND {{days_after(period_end, 30)}}
  AND ((SUBSTRING(revenue_center_code, 1, 3) IN ('082', '083', '084', '085') OR SUBSTRING(bill_type_code, 1, 2) = '72' OR SUBSTRING(bill_type_code, 1, 3) = '072') OR {{procedure_begins(haemodialysis)}}))}},
{{lines_v1(transplant_lines, claim_start_date BETWEEN {{prior_start}} AND {{days_after(period_end, 30)}} AND {{procedure_begins(transplant)}})}},
{{lines_v1(failure_lines, claim_start_date BETWEEN {{prior_start}} AND {{days_after(period_end, 30)}} AND {{diagnosis(kidney_failure)}})}},
treatments AS (
  SELECT person_id, claim_start_date AS treated_on, 1 AS transplant, 0 AS at_home, 0 AS catheter, 0 AS permanent FROM transplant_lines
  UNION ALL
  SELECT person_id, claim_start_date AS treated_on, 0 AS transplant,
         CASE WHEN (revenue_center_code IN {{codes(home_haemodialysis)}} OR SUBSTRING(revenue_center_code, 1, 3) IN ('083', '084', '085')) THEN 1 ELSE 0 END AS at_home,
         CASE WHEN 'V5' IN (hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4) THEN 1 ELSE 0 END AS catheter,
         CASE WHEN 'V6' IN (hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4)
                OR 'V7' IN (hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4) THEN 1 ELSE 0 END AS permanent
  FROM kidney_lines
),
births AS (
  SELECT person_id, MIN(birth_date) AS birth_date FROM eligibility GROUP BY person_id
),
starts AS (
  SELECT t.person_id, MIN(t.treated_on) AS started
  FROM treatments t
  JOIN births b ON b.person_id = t.person_id
  JOIN (SELECT DISTINCT person_id FROM failure_lines) AS f ON f.person_id = t.person_id
  GROUP BY t.person_id, b.birth_date
  HAVING MIN(t.treated_on) BETWEEN {{period_start}} AND {{period_end}} AND {{age(b.birth_date, MIN(t.treated_on))}} >= 18
),
-- The first day within 30 that says something of the access.
access AS (
  SELECT s.person_id, t.treated_on, MAX(t.catheter) AS catheter, MAX(t.permanent) AS permanent,
         ROW_NUMBER() OVER (PARTITION BY s.person_id ORDER BY t.treated_on) AS place
  FROM starts s
  JOIN treatments t ON t.person_id = s.person_id AND {{days_between(s.started, t.treated_on)}} <= 30
  WHERE t.catheter = 1 OR t.permanent = 1
  GROUP BY s.person_id, t.treated_on
),
optimal AS (
  SELECT s.person_id
  FROM starts s
  JOIN treatments t ON t.person_id = s.person_id
  WHERE (t.transplant = 1 AND t.treated_on = s.started) OR (t.at_home = 1 AND {{days_between(s.started, t.treated_on)}} <= 30)
  UNION
  SELECT person_id FROM access WHERE place = 1 AND permanent = 1 AND catheter = 0
),
result AS (
  SELECT p.person_id, p.practice, 1 AS initial_population, 1 AS denominator, 0 AS exclusion, 0 AS exception,
         CASE WHEN o.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM starts s
  JOIN panel p ON p.person_id = s.person_id AND p.month = {{year_month(s.started)}}
  LEFT JOIN optimal o ON o.person_id = s.person_id
)
{{summary_v1(1, 1)}}
