-- stays_v1(from, to): acute inpatient stays admitted from … to: institutional lines of bill type 11x, joined into one stay where an admission
-- is on or before the day after the discharge before it (transfers and interim bills). The first claim gives diagnosis and DRG, the last the
-- disposition. $1 and $2 are dates. stays: person_id, stay (number within the person), admitted, discharged, diagnosis, drg, disposition.
{{lines_v1(stay_lines, COALESCE(admission_date, claim_start_date) BETWEEN $1 AND $2 AND (SUBSTRING(bill_type_code, 1, 2) = '11' OR SUBSTRING(bill_type_code, 1, 3) = '011'))}},
stay_claims AS (
  SELECT person_id, COALESCE(admission_date, claim_start_date) AS admitted, COALESCE(discharge_date, claim_end_date, claim_start_date) AS discharged,
         MIN({{text_order(COALESCE(diagnosis_code_1, ''))}}) AS diagnosis, MIN({{text_order(COALESCE(drg_code, ''))}}) AS drg, MIN({{text_order(COALESCE(discharge_disposition_code, ''))}}) AS disposition
  FROM stay_lines
  GROUP BY person_id, COALESCE(admission_date, claim_start_date), COALESCE(discharge_date, claim_end_date, claim_start_date)
),
stay_runs AS (
  SELECT person_id, admitted, discharged, diagnosis, drg, disposition,
         SUM(CASE WHEN in_hospital_until IS NOT NULL AND {{days_between(in_hospital_until, admitted)}} <= 1 THEN 0 ELSE 1 END)
           OVER (PARTITION BY person_id ORDER BY admitted, discharged ROWS UNBOUNDED PRECEDING) AS stay
  FROM (
    SELECT person_id, admitted, discharged, diagnosis, drg, disposition,
           MAX(discharged) OVER (PARTITION BY person_id ORDER BY admitted, discharged ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS in_hospital_until
    FROM stay_claims
  ) AS ordered
),
stays AS (
  SELECT person_id, stay, MIN(admitted) AS admitted, MAX(discharged) AS discharged,
         MAX(CASE WHEN first_place = 1 THEN diagnosis END) AS diagnosis, MAX(CASE WHEN first_place = 1 THEN drg END) AS drg,
         MAX(CASE WHEN last_place = 1 THEN disposition END) AS disposition
  FROM (
    SELECT person_id, stay, admitted, discharged, diagnosis, drg, disposition,
           ROW_NUMBER() OVER (PARTITION BY person_id, stay ORDER BY admitted, discharged) AS first_place,
           ROW_NUMBER() OVER (PARTITION BY person_id, stay ORDER BY discharged DESC, admitted DESC) AS last_place
    FROM stay_runs
  ) AS placed
  GROUP BY person_id, stay
)
