-- coded_days_v1(): the days of the period and the 365 days before it on which a claim of a person begins that carries an ICD-10-CM code, by the code's first
-- three characters, upper case and without point. Claims that came twice or were taken back say the same of a person's health and are among them.
-- coded_days: person_id, day, code. Reads medical_claim.
all_codes AS (
  {{diagnosis_rows(COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}})}}
),
coded_days AS (
  SELECT DISTINCT person_id, day, SUBSTRING(REPLACE(UPPER(code), '.', ''), 1, 3) AS code
  FROM all_codes
  WHERE LENGTH(REPLACE(UPPER(code), '.', '')) >= 3
)
