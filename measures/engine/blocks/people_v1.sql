-- people_v1(from, to): alive at the end of the last day of the period and of an age from … to then, with the birth date and the sex most
-- often recorded (ties: female, male, unknown). Where spans disagree on a birth or death date the earliest counts. Reads eligibility.
people AS (
  SELECT person_id, MIN(birth_date) AS birth_date,
         CASE WHEN SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) >= SUM(CASE WHEN gender = 'male' THEN 1 ELSE 0 END)
               AND SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) > 0 THEN 'female'
              WHEN SUM(CASE WHEN gender = 'male' THEN 1 ELSE 0 END) > 0 THEN 'male' ELSE 'unknown' END AS gender
  FROM eligibility
  GROUP BY person_id
  HAVING MAX(CASE WHEN death_date <= {{period_end}} THEN 1 ELSE 0 END) = 0
     AND {{age(MIN(birth_date), {{period_end}})}} BETWEEN $1 AND $2
)
