-- Preferred language as held: of the last span that began by the end of the period and has one; ties by bytes.
SELECT person_id, LOWER(stratum) AS stratum
FROM (
  SELECT person_id, language AS stratum,
         ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY enrollment_start_date DESC, enrollment_end_date DESC, {{text_order(language)}}) AS place
  FROM eligibility
  WHERE enrollment_start_date <= {{period_end}} AND language IS NOT NULL
) AS spans
WHERE place = 1
