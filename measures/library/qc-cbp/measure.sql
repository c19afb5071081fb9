WITH {{cohort_v1(45, 18, 85)}},
-- Hypertension on two days, the second early enough for the year's care to follow.
{{lines_v1(coded, claim_start_date BETWEEN {{prior_start}} AND {{date(year, 6, 30)}} AND {{diagnosis(hypertension)}})}},
hypertensive AS (
  SELECT person_id FROM coded GROUP BY person_id HAVING COUNT(DISTINCT claim_start_date) >= 2
),
-- The last day of the year with both values; of several the lowest each. Values are millionths of mmHg.
readings AS (
  SELECT person_id, COALESCE(observation_date, CAST(observation_datetime AS DATE)) AS read_on, source_code, result_micros
  FROM observation
  WHERE (source_code IN {{codes(systolic)}} OR source_code IN {{codes(diastolic)}})
    AND result_micros IS NOT NULL
    AND LOWER(COALESCE(status, 'final')) NOT IN ('cancelled', 'entered-in-error')
    AND COALESCE(observation_date, CAST(observation_datetime AS DATE)) BETWEEN {{period_start}} AND {{period_end}}
),
days AS (
  SELECT person_id, read_on,
         MIN(CASE WHEN source_code IN {{codes(systolic)}} THEN result_micros END) AS systolic,
         MIN(CASE WHEN source_code IN {{codes(diastolic)}} THEN result_micros END) AS diastolic
  FROM readings
  GROUP BY person_id, read_on
),
latest AS (
  SELECT person_id, systolic, diastolic, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY read_on DESC) AS place
  FROM days
  WHERE systolic IS NOT NULL AND diastolic IS NOT NULL
),
controlled AS (
  SELECT person_id FROM latest WHERE place = 1 AND systolic < 140000000 AND diastolic < 90000000
),
{{lines_v1(excluding, (claim_start_date <= {{period_end}} AND {{diagnosis(kidney_failure)}})
  OR (claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND {{diagnosis_begins(pregnancy)}}))}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN n.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  JOIN hypertensive d ON d.person_id = c.person_id
  LEFT JOIN controlled n ON n.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
