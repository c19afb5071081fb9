WITH {{panel_v1()}},
-- From the year before on, so that who is transferred in January is known to have been in hospital.
{{stays_v1({{prior_start}}, {{period_end}})}},
adults AS (
  SELECT person_id FROM eligibility GROUP BY person_id HAVING {{age(MIN(birth_date), {{period_start}})}} >= 18
),
member_time AS (
  SELECT p.person_id, p.practice, COUNT(*) AS member_months
  FROM panel p
  JOIN adults a ON a.person_id = p.person_id
  GROUP BY p.person_id, p.practice
),
counted AS (
  SELECT p.person_id, p.practice, COUNT(*) AS events
  FROM stays s
  JOIN panel p ON p.person_id = s.person_id AND p.month = {{year_month(s.admitted)}}
  WHERE {{begins(s.diagnosis, preventable)}}
  GROUP BY p.person_id, p.practice
),
result AS (
  SELECT t.person_id, t.practice, 1 AS initial_population, t.member_months AS denominator, 0 AS exclusion, 0 AS exception, COALESCE(n.events, 0) AS numerator
  FROM member_time t
  LEFT JOIN counted n ON n.person_id = t.person_id AND n.practice = t.practice
)
{{summary_v1(1, 12)}}
