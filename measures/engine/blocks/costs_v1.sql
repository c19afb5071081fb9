-- costs_v1(): people at practices, one row for each person and practice of the period, as an observation of a risk model that counts as often as there are
-- member months (panel_v1). observed is what was allowed for all medical and pharmacy claims of those months in whole dollars, from 0 to 100,000. Age is that of
-- the last day, diagnoses those of the period. units: person_id, practice, unit (0), first_day, last_day, age, female, exposure, observed.
{{panel_v1()}},
{{spend_v1(medical, claim_start_date BETWEEN {{period_start}} AND {{period_end}})}},
{{fills_v1(drugs, dispensing_date BETWEEN {{period_start}} AND {{period_end}})}},
{{patients_v1()}},
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
units AS (
  SELECT t.person_id, t.practice, CAST(0 AS BIGINT) AS unit, {{period_start}} AS first_day, {{period_end}} AS last_day,
         CAST({{age(b.birth_date, {{period_end}})}} AS BIGINT) AS age, b.female, t.member_months AS exposure,
         CAST(CASE WHEN s.cents > 10000000 THEN 100000 WHEN s.cents > 0 THEN {{div(s.cents, 100)}} ELSE 0 END AS BIGINT) AS observed
  FROM member_time t
  JOIN patients b ON b.person_id = t.person_id
  LEFT JOIN spent s ON s.person_id = t.person_id AND s.practice = t.practice
)
