WITH {{panel_v1()}},
{{spend_v1(medical, claim_start_date BETWEEN {{period_start}} AND {{period_end}})}},
{{fills_v1(drugs, dispensing_date BETWEEN {{period_start}} AND {{period_end}})}},
member_time AS (
  SELECT person_id, practice, COUNT(*) AS member_months FROM panel GROUP BY person_id, practice
),
spending AS (
  SELECT person_id, {{year_month(claim_start_date)}} AS month, spent_cents AS cents FROM medical
  UNION ALL
  SELECT person_id, {{year_month(dispensing_date)}} AS month, allowed_cents AS cents FROM drugs
),
spent AS (
  SELECT p.person_id, p.practice, SUM(s.cents) AS cents
  FROM spending s
  JOIN panel p ON p.person_id = s.person_id AND p.month = s.month
  GROUP BY p.person_id, p.practice
),
result AS (
  SELECT t.person_id, t.practice, 1 AS initial_population, t.member_months AS denominator, 0 AS exclusion, 0 AS exception,
         CASE WHEN s.cents > 10000000 THEN 10000000 ELSE COALESCE(s.cents, 0) END AS numerator
  FROM member_time t
  LEFT JOIN spent s ON s.person_id = t.person_id AND s.practice = t.practice
)
-- Hundreds of dollars over member-years.
{{summary_v1(10000, 12)}}
