SELECT d.month AS practice, 'medical_claim' AS stratum, SUM(d.n) AS num, 1 AS den
FROM (
  SELECT {{year_month(claim_start_date)}} AS month, COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{prior_start}} AND {{period_end}}
  GROUP BY claim_start_date
) AS d
GROUP BY d.month
