WITH {{panel_v1()}},
{{ed_visits_v1()}},
member_time AS (
  SELECT person_id, practice, COUNT(*) AS member_months FROM panel GROUP BY person_id, practice
),
counted AS (
  SELECT p.person_id, p.practice, COUNT(*) AS events
  FROM ed_visits v
  JOIN panel p ON p.person_id = v.person_id AND p.month = {{year_month(v.visit_date)}}
  GROUP BY p.person_id, p.practice
),
result AS (
  SELECT t.person_id, t.practice, 1 AS initial_population, t.member_months AS denominator, 0 AS exclusion, 0 AS exception, COALESCE(n.events, 0) AS numerator
  FROM member_time t
  LEFT JOIN counted n ON n.person_id = t.person_id AND n.practice = t.practice
)
{{summary_v1(1, 12)}}
