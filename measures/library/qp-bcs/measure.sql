WITH {{cohort_v1(45, 42, 74)}},
-- A mammogram of the year or the year before, by claim or as an imaging result.
{{lines_v1(mammograms, claim_start_date BETWEEN {{prior_start}} AND {{period_end}}
  AND (hcpcs_code IN {{codes(mammography)}} OR revenue_center_code IN {{codes(mammography_revenue)}}))}},
{{results_v1(images, source_component_code IN {{codes(mammography_lab)}})}},
screened AS (
  SELECT person_id FROM mammograms
  UNION
  SELECT person_id FROM images WHERE test_date BETWEEN {{prior_start}} AND {{period_end}}
),
-- Out: both breasts removed, at once or one after the other, at any time up to the end of the year.
{{lines_v1(left_lines, claim_start_date <= {{period_end}}
  AND ({{procedure(bilateral_mastectomy)}} OR {{diagnosis(bilateral_absence)}} OR {{procedure(left_mastectomy)}} OR {{diagnosis(left_absence)}}))}},
{{lines_v1(right_lines, claim_start_date <= {{period_end}}
  AND ({{procedure(bilateral_mastectomy)}} OR {{diagnosis(bilateral_absence)}} OR {{procedure(right_mastectomy)}} OR {{diagnosis(right_absence)}}))}},
excluded AS (
  SELECT DISTINCT l.person_id
  FROM left_lines l
  JOIN right_lines r ON r.person_id = l.person_id
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
