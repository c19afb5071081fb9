-- Ten digits, the last the check digit of the Luhn formula over 80840 and the others [ISO/IEC 7812-1; CMS, National Provider Identifier
-- standard]. 24 is what the prefix adds.
SELECT 'provider' AS practice, 'medical_claim' AS stratum,
       COALESCE(SUM(CASE WHEN LENGTH(d.npi) = 10 AND MOD(24 + $sum, 10) = 0 THEN d.n ELSE 0 END), 0) AS num, COALESCE(SUM(d.n), 0) AS den
FROM (
  SELECT COALESCE(rendering_npi, billing_npi, facility_npi) AS npi, COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY COALESCE(rendering_npi, billing_npi, facility_npi)
) AS d
