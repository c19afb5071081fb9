WITH {{cohort_v1(45, 40, 75)}},
-- An event of the year before, or disease coded in both years.
{{lines_v1(events, claim_start_date BETWEEN {{prior_start}} AND {{prior_end}}
  AND (SUBSTRING(bill_type_code, 1, 2) = '11' OR SUBSTRING(bill_type_code, 1, 3) = '011')
  AND ({{diagnosis_begins(infarction)}} OR {{procedure_begins(revascularisation)}}))}},
{{lines_v1(coded, claim_start_date BETWEEN {{prior_start}} AND {{period_end}} AND {{diagnosis_begins(vascular_disease)}})}},
diseased AS (
  SELECT person_id FROM events
  UNION
  SELECT person_id
  FROM coded
  GROUP BY person_id
  HAVING MIN(claim_start_date) <= {{prior_end}} AND MAX(claim_start_date) >= {{period_start}}
),
{{fills_v1(statin_fills, dispensing_date BETWEEN {{period_start}} AND {{period_end}}
  AND ndc_code IN (SELECT ndc_code FROM drug_crosswalk WHERE ingredient_rxcui IN {{codes(statins)}}))}},
treated AS (
  SELECT DISTINCT person_id FROM statin_fills
),
{{lines_v1(excluding, (claim_start_date <= {{period_end}} AND {{diagnosis(kidney_failure)}})
  OR (claim_start_date BETWEEN {{prior_start}} AND {{period_end}}
      AND ({{diagnosis_begins(cirrhosis)}} OR {{diagnosis_begins(muscle)}} OR {{diagnosis_begins(pregnancy)}})))}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN n.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  JOIN diseased d ON d.person_id = c.person_id
  LEFT JOIN treated n ON n.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
