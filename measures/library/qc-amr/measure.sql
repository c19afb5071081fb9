WITH {{cohort_v1(45, 5, 64)}},
{{lines_v1(coded, claim_start_date BETWEEN {{prior_start}} AND {{period_end}} AND {{diagnosis_begins(persistent_asthma)}})}},
asthmatic AS (
  SELECT person_id FROM coded GROUP BY person_id HAVING COUNT(DISTINCT claim_start_date) >= 2
),
-- A package is a reliever or a controller; one that has both kinds of ingredients is a reliever.
packages AS (
  SELECT ndc_code, MAX(CASE WHEN ingredient_rxcui IN {{codes(relievers)}} AND dose_form_group = 'Inhalant Product' THEN 1 ELSE 0 END) AS reliever
  FROM drug_crosswalk
  WHERE ((ingredient_rxcui IN {{codes(relievers)}} OR ingredient_rxcui IN {{codes(inhaled_controllers)}}) AND dose_form_group = 'Inhalant Product')
     OR ingredient_rxcui IN {{codes(other_controllers)}}
  GROUP BY ndc_code
),
{{fills_v1(drug_fills, dispensing_date BETWEEN {{period_start}} AND {{period_end}} AND ndc_code IN (SELECT ndc_code FROM packages))}},
units AS (
  SELECT f.person_id,
         SUM(CASE WHEN p.reliever = 1 THEN 1 ELSE 0 END * CASE WHEN f.days_supply <= 30 THEN 1 ELSE {{div(f.days_supply + 29, 30)}} END) AS relievers,
         SUM(CASE WHEN p.reliever = 0 THEN 1 ELSE 0 END * CASE WHEN f.days_supply <= 30 THEN 1 ELSE {{div(f.days_supply + 29, 30)}} END) AS controllers
  FROM drug_fills f
  JOIN packages p ON p.ndc_code = f.ndc_code
  GROUP BY f.person_id
),
medicated AS (
  SELECT u.person_id FROM units u JOIN asthmatic a ON a.person_id = u.person_id
),
controlled AS (
  SELECT person_id FROM units WHERE controllers >= relievers
),
{{lines_v1(excluding, claim_start_date <= {{period_end}} AND {{diagnosis_begins(other_lung_disease)}})}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN n.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  JOIN medicated d ON d.person_id = c.person_id
  LEFT JOIN controlled n ON n.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
