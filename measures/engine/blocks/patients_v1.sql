-- patients_v1(): everybody, with the earliest birth date that is held and whether a woman: what most spans say, and so where as many say a man. What is neither
-- counts with the men. patients: person_id, birth_date, female (0 or 1). Reads eligibility.
patients AS (
  SELECT person_id, MIN(birth_date) AS birth_date,
         CASE WHEN SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) >= SUM(CASE WHEN gender = 'male' THEN 1 ELSE 0 END)
               AND SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) > 0 THEN 1 ELSE 0 END AS female
  FROM eligibility
  GROUP BY person_id
)
