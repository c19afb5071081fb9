-- Claims of the last quarter of the year before that were paid later after its end than the data of the period reaches after the period's end: such a
-- part of the period's last quarter is still to come.
WITH reach AS (SELECT MAX(paid_date) AS day FROM medical_claim),
quarter AS (
  SELECT paid_date, COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{date(prior_year, 10, 1)}} AND {{prior_end}} AND paid_date IS NOT NULL
  GROUP BY paid_date
)
SELECT 'all' AS practice, 'medical_claim' AS stratum,
       COALESCE(SUM(CASE WHEN {{days_between({{prior_end}}, q.paid_date)}} > {{days_between({{period_end}}, r.day)}} THEN q.n ELSE 0 END), 0) AS num, COALESCE(SUM(q.n), 0) AS den
FROM quarter q
CROSS JOIN reach r
