-- hospice_v1(): people with hospice care in the period: place-of-care codes Q5001 to Q5010, hospice revenue codes or bill types. Reads medical_claim.
{{lines_v1(hospice_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND (hcpcs_code BETWEEN 'Q5001' AND 'Q5010' OR revenue_center_code IN ('0115', '0125', '0135', '0145', '0155', '0235', '0650', '0651', '0652', '0655', '0656', '0657', '0658', '0659') OR SUBSTRING(bill_type_code, 1, 2) IN ('81', '82') OR SUBSTRING(bill_type_code, 1, 3) IN ('081', '082')))}},
hospice AS (
  SELECT DISTINCT person_id
  FROM hospice_lines
)
