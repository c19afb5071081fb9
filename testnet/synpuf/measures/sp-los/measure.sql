SELECT facility_npi AS practice, 'all' AS stratum,
       CAST(SUM(COALESCE(service_unit_quantity, 0)) AS BIGINT) AS num,
       CAST(COUNT(*) AS BIGINT) AS den
FROM medical_claim
WHERE claim_line_number = 1 AND bill_type_code = '111'
  AND facility_npi IS NOT NULL
  AND admission_date BETWEEN {{period_start}} AND {{period_end}}
GROUP BY facility_npi
