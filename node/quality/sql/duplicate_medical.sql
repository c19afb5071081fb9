SELECT 'lines' AS practice, 'medical_claim' AS stratum, COALESCE(SUM(d.n - 1), 0) AS num, COALESCE(SUM(d.n), 0) AS den
FROM (
  SELECT COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY person_id, claim_start_date, claim_end_date, claim_line_number, claim_type, hcpcs_code, hcpcs_modifier_1, revenue_center_code, diagnosis_code_1, rendering_npi,
           billing_npi, allowed_amount, paid_amount, service_unit_quantity
) AS d
