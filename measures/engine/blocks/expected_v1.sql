-- expected_v1(): what the model of the measure expects of each unit, in 10⁻⁴ of the outcome's unit, rounded down, from 1 up to the most that the model's
-- definition allows (measures/risk, Scorer.Expected, is the same in Go). Behind readmissions_v1 or costs_v1, whichever outcome the model is of. Here stand
-- the model's coefficients (10⁻¹²), in two parts (high × 10⁶ + low) so that no product leaves 63 bits: those of the categories, one row each, and of
-- the age bands by sex. expected: person_id, practice, unit, observed, expected. Reads medical_claim.
{{coded_days_v1()}},
risk_terms AS (
  $terms
),
risk_codes AS (
  SELECT c.code, t.category
  FROM (SELECT DISTINCT code FROM coded_days) AS c
  JOIN risk_terms t ON {{text_order(c.code)}} >= t.from_code AND {{text_order(c.code)}} <= t.to_code
),
risk_days AS (
  SELECT u.person_id, u.practice, u.unit, k.category, COUNT(DISTINCT d.day) AS days
  FROM units u
  JOIN coded_days d ON d.person_id = u.person_id AND d.day BETWEEN u.first_day AND u.last_day
  JOIN risk_codes k ON k.code = d.code
  GROUP BY u.person_id, u.practice, u.unit, k.category
),
risk_columns AS (
  SELECT r.person_id, r.practice, r.unit, t.model_column, t.most, t.high, t.low, SUM(CASE WHEN r.days > t.days_cap THEN t.days_cap ELSE r.days END) AS days
  FROM risk_days r
  JOIN risk_terms t ON t.category = r.category
  GROUP BY r.person_id, r.practice, r.unit, t.model_column, t.most, t.high, t.low
),
risk_sums AS (
  SELECT person_id, practice, unit, SUM(CASE WHEN days > most THEN most * high ELSE days * high END) AS high, SUM(CASE WHEN days > most THEN most * low ELSE days * low END) AS low
  FROM risk_columns
  GROUP BY person_id, practice, unit
),
risk_parts AS (
  SELECT u.person_id, u.practice, u.unit, u.observed, u.exposure * ($high + COALESCE(s.high, 0)) AS high, u.exposure * ($low + COALESCE(s.low, 0)) AS low
  FROM units u
  LEFT JOIN risk_sums s ON s.person_id = u.person_id AND s.practice = u.practice AND s.unit = u.unit
),
risk_totals AS (
  SELECT person_id, practice, unit, observed, high + {{div(low, 1000000)}} AS millionths
  FROM risk_parts
),
expected AS (
  SELECT person_id, practice, unit, observed,
         CAST(CASE WHEN millionths < 200 THEN 1 WHEN millionths > $most THEN {{div($most, 100)}} ELSE {{div(millionths, 100)}} END AS BIGINT) AS expected
  FROM risk_totals
)
