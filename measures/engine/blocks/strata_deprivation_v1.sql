-- Deprivation quintile of the place of residence, from the table a payer supplies (deprivation_index: zip_code, quintile 1 least … 5 most deprived). The
-- place is that of the last span that began by the end of the period and has one; ties by bytes.
SELECT spans.person_id, 'quintile-' || CAST(x.quintile AS VARCHAR) AS stratum
FROM (
  SELECT person_id, zip_code,
         ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY enrollment_start_date DESC, enrollment_end_date DESC, {{text_order(zip_code)}}) AS place
  FROM eligibility
  WHERE enrollment_start_date <= {{period_end}} AND zip_code IS NOT NULL
) AS spans
JOIN deprivation_index x ON x.zip_code = spans.zip_code
WHERE spans.place = 1
