-- Enrolled: a member on the last day of the year, and no more than 45 days in a row of it without cover.
WITH spans AS (
  SELECT person_id,
         CASE WHEN enrollment_start_date < {{period_start}} THEN {{period_start}} ELSE enrollment_start_date END AS first_day,
         CASE WHEN enrollment_end_date > {{period_end}} THEN {{period_end}} ELSE enrollment_end_date END AS last_day
  FROM eligibility
  WHERE enrollment_start_date <= {{period_end}} AND enrollment_end_date >= {{period_start}}
),
cover AS (
  SELECT person_id, first_day, last_day,
         MAX(last_day) OVER (PARTITION BY person_id ORDER BY first_day, last_day
                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_until
  FROM spans
),
enrolled AS (
  SELECT person_id
  FROM cover
  GROUP BY person_id
  HAVING MAX(last_day) = {{period_end}}
     AND MAX(CASE WHEN first_day > {{add_days(COALESCE(covered_until, {{days_before(period_start, 1)}}), 46)}} THEN 1 ELSE 0 END) = 0
),
-- Alive on the last day, and aged 18 to 75 then.
people AS (
  SELECT person_id
  FROM eligibility
  GROUP BY person_id
  HAVING MAX(CASE WHEN death_date <= {{period_end}} THEN 1 ELSE 0 END) = 0
     AND MIN(birth_date) > {{years_before(period_end, 76)}}
     AND MIN(birth_date) <= {{years_before(period_end, 18)}}
),
-- The practice of the last month of the year that has one: the payer's choice under the programme, else its own assignment.
ranked AS (
  SELECT person_id, COALESCE(custom_attributed_provider_practice, payer_attributed_provider_practice) AS local_practice,
         ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY year_month DESC) AS place
  FROM provider_attribution
  WHERE year_month BETWEEN {{first_month}} AND {{last_month}}
    AND COALESCE(custom_attributed_provider_practice, payer_attributed_provider_practice) IS NOT NULL
),
attributed AS (
  SELECT r.person_id, COALESCE(practice_crosswalk.practice_id, r.local_practice) AS practice
  FROM ranked r
  LEFT JOIN practice_crosswalk ON practice_crosswalk.local_practice_id = r.local_practice
  WHERE r.place = 1
),
hospice AS (
  SELECT DISTINCT person_id
  FROM medical_claim
  WHERE hcpcs_code IN {{codes(hospice)}}
    AND claim_start_date BETWEEN {{period_start}} AND {{period_end}}
),
-- Diabetes: its codes on two days of the year or the year before, or on one inpatient claim.
coded AS (
  SELECT person_id, claim_start_date, bill_type_code
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{prior_start}} AND {{period_end}}
    AND (SUBSTRING(diagnosis_code_1, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_2, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_3, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_4, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_5, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_6, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_7, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_8, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_9, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_10, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_11, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_12, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_13, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_14, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_15, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_16, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_17, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_18, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_19, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_20, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_21, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_22, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_23, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_24, 1, 3) IN {{codes(diabetes_categories)}}
      OR SUBSTRING(diagnosis_code_25, 1, 3) IN {{codes(diabetes_categories)}})
),
diabetic AS (
  SELECT person_id
  FROM coded
  GROUP BY person_id
  HAVING COUNT(DISTINCT claim_start_date) >= 2
      OR MAX(CASE WHEN bill_type_code LIKE '11%' OR bill_type_code LIKE '011%' THEN 1 ELSE 0 END) = 1
),
-- The last test of the year that has a number; of several on one day the lowest.
tests AS (
  SELECT person_id, CAST(COALESCE(collection_datetime, result_datetime) AS DATE) AS test_date, result_micros
  FROM lab_result
  WHERE source_component_code IN {{codes(hba1c)}}
    AND result_micros IS NOT NULL
),
latest AS (
  SELECT person_id, result_micros,
         ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY test_date DESC, result_micros) AS place
  FROM tests
  WHERE test_date BETWEEN {{period_start}} AND {{period_end}}
),
in_control AS (
  SELECT person_id FROM latest WHERE place = 1 AND result_micros <= 9000000
)
SELECT a.practice AS practice, 'all' AS stratum,
       CAST(COUNT(*) - COUNT(n.person_id) AS BIGINT) AS num,
       CAST(COUNT(*) AS BIGINT) AS den
FROM enrolled e
JOIN people p ON p.person_id = e.person_id
JOIN attributed a ON a.person_id = e.person_id
JOIN diabetic d ON d.person_id = e.person_id
LEFT JOIN in_control n ON n.person_id = e.person_id
LEFT JOIN hospice h ON h.person_id = e.person_id
WHERE h.person_id IS NULL
GROUP BY a.practice
