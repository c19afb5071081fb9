WITH {{costs_v1()}},
{{expected_v1()}},
result AS (
  SELECT person_id, practice, 1 AS initial_population, SUM(expected) AS denominator, 0 AS exclusion, 0 AS exception, SUM(observed) AS numerator
  FROM expected
  GROUP BY person_id, practice
)
-- Units of $5,000.
{{summary_v1(5000, 50000000)}}
