-- fills_v1(name, condition): dispensed drugs that stand, in the sense of lines_v1: once each, reversals taken out. $1: person_id, dispensing_date,
-- ndc_code, days_supply (never negative, missing counts 0), allowed_cents.
$1 AS (
  SELECT person_id, dispensing_date, ndc_code, ABS(COALESCE(days_supply, 0)) AS days_supply, prescribing_provider_npi, dispensing_provider_npi,
         claim_line_number, ABS(COALESCE(allowed_amount, paid_amount, 0)) AS allowed_cents
  FROM pharmacy_claim
  WHERE ($2)
  GROUP BY person_id, dispensing_date, ndc_code, ABS(COALESCE(days_supply, 0)), prescribing_provider_npi, dispensing_provider_npi,
           claim_line_number, ABS(COALESCE(allowed_amount, paid_amount, 0))
  HAVING SUM(CASE WHEN COALESCE(allowed_amount, 0) < 0 OR COALESCE(paid_amount, 0) < 0 OR COALESCE(days_supply, 0) < 0 THEN -1 ELSE 1 END) > 0
)
