SELECT 'lines' AS practice, 'pharmacy_claim' AS stratum, COALESCE(SUM(d.n - 1), 0) AS num, COALESCE(SUM(d.n), 0) AS den
FROM (
  SELECT COUNT(*) AS n
  FROM pharmacy_claim
  WHERE dispensing_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY person_id, dispensing_date, claim_line_number, ndc_code, days_supply, allowed_amount, paid_amount, dispensing_provider_npi
) AS d
