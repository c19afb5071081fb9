-- HbA1c in percent (LOINC 4548-4, 17856-6): another unit, or a number that no person has in percent.
SELECT 'hba1c' AS practice, 'lab_result' AS stratum,
       COALESCE(SUM(CASE WHEN result_micros BETWEEN 3000000 AND 20000000 AND (source_units IS NULL OR SUBSTRING(source_units, 1, 1) = '%' OR LOWER(source_units) LIKE 'percent%')
                         THEN 0 ELSE 1 END), 0) AS num, COUNT(*) AS den
FROM lab_result
WHERE source_component_code IN ('4548-4', '17856-6') AND result_micros IS NOT NULL
  AND CAST(COALESCE(collection_datetime, result_datetime) AS DATE) BETWEEN {{period_start}} AND {{period_end}}
