WITH {{cohort_v1(45, 45, 75)}},
-- Out: colorectal cancer, or the whole colon taken out, at any time up to the end of the year.
{{lines_v1(excluding, claim_start_date <= {{period_end}}
  AND ({{diagnosis_begins(cancer_categories)}} OR {{diagnosis(cancer_codes)}} OR {{procedure(colectomy)}}))}},
-- Screened: each test within its own look-back, the year of the measure included.
{{lines_v1(claimed, claim_start_date <= {{period_end}}
  AND ((hcpcs_code IN {{codes(colonoscopy)}} AND claim_start_date >= {{years_before(period_start, 9)}})
    OR ({{procedure(endoscopy)}} AND claim_start_date >= {{years_before(period_start, 9)}})
    OR (hcpcs_code IN {{codes(sigmoidoscopy)}} AND claim_start_date >= {{years_before(period_start, 4)}})
    OR (hcpcs_code IN {{codes(stool_dna)}} AND claim_start_date >= {{years_before(period_start, 2)}})
    OR (hcpcs_code IN {{codes(stool_immunochemical)}} AND claim_start_date >= {{period_start}})))}},
{{results_v1(dna_tests, source_component_code IN {{codes(stool_dna_lab)}})}},
{{results_v1(immunochemical_tests, source_component_code IN {{codes(stool_immunochemical_lab)}})}},
screened AS (
  SELECT person_id FROM claimed
  UNION
  SELECT person_id FROM dna_tests WHERE test_date BETWEEN {{years_before(period_start, 2)}} AND {{period_end}}
  UNION
  SELECT person_id FROM immunochemical_tests WHERE test_date BETWEEN {{period_start}} AND {{period_end}}
),
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
)
{{summary_v1(1, 1)}}
