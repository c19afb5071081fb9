WITH {{panel_v1()}},
{{ed_visits_v1()}},
result AS (
  SELECT p.person_id, p.practice, COUNT(*) AS initial_population, COUNT(*) AS denominator, 0 AS exclusion, 0 AS exception,
         SUM(CASE WHEN {{begins(v.diagnosis, avoidable)}} THEN 1 ELSE 0 END) AS numerator
  FROM ed_visits v
  JOIN panel p ON p.person_id = v.person_id AND p.month = {{year_month(v.visit_date)}}
  GROUP BY p.person_id, p.practice
)
{{summary_v1(1, 1)}}
