-- results_v1(name, condition): laboratory results that were given: with a value, and neither cancelled, deleted nor entered in error (FHIR and HL7 v2
-- words). $1: person_id, code, test_date (collection, else result), result, result_micros. Reads lab_result.
$1 AS (
  SELECT person_id, source_component_code AS code, CAST(COALESCE(collection_datetime, result_datetime) AS DATE) AS test_date, result, result_micros
  FROM lab_result
  WHERE result IS NOT NULL
    AND LOWER(COALESCE(status, 'final')) NOT IN ('cancelled', 'entered-in-error', 'x', 'd', 'w')
    AND COALESCE(collection_datetime, result_datetime) IS NOT NULL
    AND ($2)
)
