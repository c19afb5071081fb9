WITH {{panel_v1()}},
{{spend_v1(medical, claim_start_date BETWEEN {{period_start}} AND {{period_end}})}},
{{fills_v1(drugs, dispensing_date BETWEEN {{period_start}} AND {{period_end}})}},
spending AS (
  SELECT person_id, {{year_month(claim_start_date)}} AS month, spent_cents AS cents,
         CASE WHEN claim_type = 'professional' AND hcpcs_code IN {{codes(primary_care_visits)}} AND place_of_service_code IN {{codes(primary_care_places)}}
              THEN spent_cents ELSE 0 END AS primary_cents
  FROM medical
  UNION ALL
  SELECT person_id, {{year_month(dispensing_date)}} AS month, allowed_cents AS cents, 0 AS primary_cents FROM drugs
),
result AS (
  SELECT p.person_id, p.practice, 1 AS initial_population, SUM(s.cents) AS denominator, 0 AS exclusion, 0 AS exception, SUM(s.primary_cents) AS numerator
  FROM spending s
  JOIN panel p ON p.person_id = s.person_id AND p.month = s.month
  GROUP BY p.person_id, p.practice
)
-- Units of $5,000.
{{summary_v1(500000, 500000)}}
