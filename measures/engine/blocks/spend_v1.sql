-- spend_v1(name, condition): money of medical_claim, for sums: like lines_v1, but a line that takes back more than there is stays, with its
-- negative amount, so that a correction of part of a claim lowers the cost. $1: person_id, claim_start_date, codes, spent_cents.
$1 AS (
  SELECT person_id, claim_start_date, claim_type, place_of_service_code, bill_type_code, hcpcs_code,
         CASE WHEN balance > 0 THEN cents ELSE -cents END AS spent_cents
  FROM (
    SELECT person_id, claim_line_number, claim_type, claim_start_date, claim_end_date, admission_date, discharge_date, discharge_disposition_code,
           place_of_service_code, bill_type_code, drg_code, revenue_center_code, hcpcs_code, hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4,
           rendering_npi, billing_npi, facility_npi, diagnosis_code_1, ABS(COALESCE(allowed_amount, paid_amount, 0)) AS cents,
           SUM(CASE WHEN COALESCE(allowed_amount, 0) < 0 OR COALESCE(paid_amount, 0) < 0 OR COALESCE(service_unit_quantity, 0) < 0 THEN -1 ELSE 1 END) AS balance
    FROM medical_claim
    WHERE ($2)
    GROUP BY person_id, claim_line_number, claim_type, claim_start_date, claim_end_date, admission_date, discharge_date, discharge_disposition_code,
             place_of_service_code, bill_type_code, drg_code, revenue_center_code, hcpcs_code, hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4,
             rendering_npi, billing_npi, facility_npi, diagnosis_code_1, ABS(COALESCE(allowed_amount, paid_amount, 0))
  ) AS balanced
  WHERE balance <> 0
)
