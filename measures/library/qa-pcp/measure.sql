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
-- Alive on the last day.
people AS (
  SELECT person_id
  FROM eligibility
  GROUP BY person_id
  HAVING MAX(CASE WHEN death_date <= {{period_end}} THEN 1 ELSE 0 END) = 0
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
-- A visit: a code of the set at a place where primary care is given; facility claims carry no place.
visited AS (
  SELECT DISTINCT person_id
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}}
    AND hcpcs_code IN {{codes(primary_care_visits)}}
    AND (place_of_service_code IS NULL OR place_of_service_code IN {{codes(primary_care_places)}})
)
SELECT a.practice AS practice, 'all' AS stratum,
       CAST(COUNT(n.person_id) AS BIGINT) AS num,
       CAST(COUNT(*) AS BIGINT) AS den
FROM enrolled e
JOIN people p ON p.person_id = e.person_id
JOIN attributed a ON a.person_id = e.person_id
LEFT JOIN visited n ON n.person_id = e.person_id
LEFT JOIN hospice h ON h.person_id = e.person_id
WHERE h.person_id IS NULL
GROUP BY a.practice
