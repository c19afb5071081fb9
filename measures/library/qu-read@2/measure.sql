WITH {{readmissions_v1()}},
{{expected_v1()}},
result AS (
  SELECT person_id, practice, COUNT(*) AS initial_population, SUM(expected) AS denominator, 0 AS exclusion, 0 AS exception, SUM(observed) AS numerator
  FROM expected
  GROUP BY person_id, practice
)
-- Readmissions over tenths of expected ones.
{{summary_v1(1, 1000)}}
