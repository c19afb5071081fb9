-- covered_v1(): everybody covered on a day of the period, one row a person and whether attributed or not, as an observation of a risk model. observed is what was
-- allowed for all medical claims that begin in the period in whole dollars, at least 0. Age is that of the last day, diagnoses those of the period. No measure is
-- made over it: nobody has a practice. units: person_id, practice (empty), unit (0), first_day, last_day, age, female, exposure, observed. Reads eligibility,
-- medical_claim.
covered AS (
  SELECT person_id, MIN(birth_date) AS birth_date,
         CASE WHEN SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) >= SUM(CASE WHEN gender = 'male' THEN 1 ELSE 0 END)
               AND SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) > 0 THEN 1 ELSE 0 END AS female
  FROM eligibility
  WHERE birth_date <= {{period_end}} AND enrollment_start_date <= {{period_end}} AND enrollment_end_date >= {{period_start}}
    AND (death_date IS NULL OR death_date >= {{period_start}})
  GROUP BY person_id
),
claimed AS (
  SELECT person_id, SUM(allowed_amount) AS cents
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY person_id
),
units AS (
  SELECT c.person_id, '' AS practice, CAST(0 AS BIGINT) AS unit, {{period_start}} AS first_day, {{period_end}} AS last_day,
         CAST({{age(c.birth_date, {{period_end}})}} AS BIGINT) AS age, c.female, CAST(1 AS BIGINT) AS exposure,
         CAST(CASE WHEN s.cents > 0 THEN {{div(s.cents, 100)}} ELSE 0 END AS BIGINT) AS observed
  FROM covered c
  LEFT JOIN claimed s ON s.person_id = c.person_id
)
