-- Blood pressure in mm[Hg] (LOINC 8480-6 systolic, 8462-4 diastolic): a number that no person has, such as one in kPa.
SELECT 'blood pressure' AS practice, 'observation' AS stratum,
       COALESCE(SUM(CASE WHEN source_code = '8480-6' AND result_micros BETWEEN 50000000 AND 320000000 THEN 0
                         WHEN source_code = '8462-4' AND result_micros BETWEEN 20000000 AND 220000000 THEN 0 ELSE 1 END), 0) AS num, COUNT(*) AS den
FROM observation
WHERE source_code IN ('8480-6', '8462-4') AND result_micros IS NOT NULL
  AND observation_date BETWEEN {{period_start}} AND {{period_end}}
