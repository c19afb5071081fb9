-- lines_v1(name, condition): the claim lines of medical_claim that meet the condition and stand: once each where a claim came twice
-- (equal in person, line number, type, dates, places, codes, providers and amounts), and not at all where as many lines with a negative amount or
-- quantity take them back. The condition goes first, so a reversal must repeat what the condition asks for, as reversals do. $1 has the columns
-- below, amounts in cents and never negative.
$1 AS (
  SELECT person_id, claim_line_number, claim_type, claim_start_date, claim_end_date, admission_date, discharge_date, discharge_disposition_code,
         place_of_service_code, bill_type_code, drg_code, revenue_center_code, hcpcs_code, hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4,
         rendering_npi, billing_npi, facility_npi, diagnosis_code_1, ABS(COALESCE(allowed_amount, paid_amount, 0)) AS allowed_cents
  FROM medical_claim
  WHERE ($2)
  GROUP BY person_id, claim_line_number, claim_type, claim_start_date, claim_end_date, admission_date, discharge_date, discharge_disposition_code,
           place_of_service_code, bill_type_code, drg_code, revenue_center_code, hcpcs_code, hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4,
           rendering_npi, billing_npi, facility_npi, diagnosis_code_1, ABS(COALESCE(allowed_amount, paid_amount, 0))
  HAVING SUM(CASE WHEN COALESCE(allowed_amount, 0) < 0 OR COALESCE(paid_amount, 0) < 0 OR COALESCE(service_unit_quantity, 0) < 0 THEN -1 ELSE 1 END) > 0
)
