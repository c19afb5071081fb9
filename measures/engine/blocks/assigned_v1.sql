-- assigned_v1(): practices by month. What a person declared goes before the plan's assignment of the same month; a month without either takes
-- the month before it, or the first one that has any. Somebody with no month at all goes to the practice of the roster with the most visit
-- days of the period (professional lines at places of primary care, billed by a provider in the crosswalk); ties: the latest visit, then the
-- practice id by bytes. Reads provider_attribution, practice_crosswalk, medical_claim.
{{lines_v1(practice_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND claim_type = 'professional' AND billing_npi IS NOT NULL AND place_of_service_code IN ('02', '10', '11', '12', '19', '22', '49', '50', '71', '72'))}},
declared AS (
  SELECT person_id, year_month,
         COALESCE(custom_attributed_provider_practice, payer_attributed_provider_practice) AS local_practice
  FROM provider_attribution
  WHERE year_month BETWEEN {{first_month}} AND {{last_month}}
    AND COALESCE(custom_attributed_provider_practice, payer_attributed_provider_practice) IS NOT NULL
),
assigned AS (
  SELECT d.person_id,
         CASE WHEN LAG(d.year_month) OVER (PARTITION BY d.person_id ORDER BY d.year_month) IS NULL THEN {{first_month}} ELSE d.year_month END AS from_month,
         COALESCE(LEAD(d.year_month) OVER (PARTITION BY d.person_id ORDER BY d.year_month), '999999') AS until_month,
         COALESCE(w.practice_id, d.local_practice) AS practice
  FROM declared d
  LEFT JOIN practice_crosswalk w ON w.local_practice_id = d.local_practice
  UNION ALL
  SELECT plurality.person_id, {{first_month}} AS from_month, '999999' AS until_month, plurality.practice
  FROM (
    SELECT visited.person_id, visited.practice,
           ROW_NUMBER() OVER (PARTITION BY visited.person_id ORDER BY visited.visit_days DESC, visited.latest DESC, {{text_order(visited.practice)}}) AS place
    FROM (
      SELECT v.person_id, w.practice_id AS practice, COUNT(DISTINCT v.claim_start_date) AS visit_days, MAX(v.claim_start_date) AS latest
      FROM practice_lines v
      JOIN practice_crosswalk w ON w.local_practice_id = v.billing_npi
      LEFT JOIN declared d ON d.person_id = v.person_id
      WHERE d.person_id IS NULL
      GROUP BY v.person_id, w.practice_id
    ) AS visited
  ) AS plurality
  WHERE plurality.place = 1
)
