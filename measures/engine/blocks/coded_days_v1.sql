-- coded_days_v1(): the days of the period and the 365 days before it on which a claim of a person begins that carries an ICD-10-CM code, by the code's first
-- three characters, upper case and without point. Claims that came twice or were taken back say the same of a person's health and are among them.
-- coded_days: person_id, day, code. Reads medical_claim.
all_codes AS (
  SELECT person_id, claim_start_date AS day, diagnosis_code_1 AS code FROM medical_claim
  WHERE diagnosis_code_1 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_2 AS code FROM medical_claim
  WHERE diagnosis_code_2 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_3 AS code FROM medical_claim
  WHERE diagnosis_code_3 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_4 AS code FROM medical_claim
  WHERE diagnosis_code_4 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_5 AS code FROM medical_claim
  WHERE diagnosis_code_5 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_6 AS code FROM medical_claim
  WHERE diagnosis_code_6 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_7 AS code FROM medical_claim
  WHERE diagnosis_code_7 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_8 AS code FROM medical_claim
  WHERE diagnosis_code_8 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_9 AS code FROM medical_claim
  WHERE diagnosis_code_9 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_10 AS code FROM medical_claim
  WHERE diagnosis_code_10 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_11 AS code FROM medical_claim
  WHERE diagnosis_code_11 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_12 AS code FROM medical_claim
  WHERE diagnosis_code_12 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_13 AS code FROM medical_claim
  WHERE diagnosis_code_13 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_14 AS code FROM medical_claim
  WHERE diagnosis_code_14 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_15 AS code FROM medical_claim
  WHERE diagnosis_code_15 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_16 AS code FROM medical_claim
  WHERE diagnosis_code_16 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_17 AS code FROM medical_claim
  WHERE diagnosis_code_17 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_18 AS code FROM medical_claim
  WHERE diagnosis_code_18 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_19 AS code FROM medical_claim
  WHERE diagnosis_code_19 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_20 AS code FROM medical_claim
  WHERE diagnosis_code_20 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_21 AS code FROM medical_claim
  WHERE diagnosis_code_21 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_22 AS code FROM medical_claim
  WHERE diagnosis_code_22 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_23 AS code FROM medical_claim
  WHERE diagnosis_code_23 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_24 AS code FROM medical_claim
  WHERE diagnosis_code_24 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
  UNION ALL
  SELECT person_id, claim_start_date AS day, diagnosis_code_25 AS code FROM medical_claim
  WHERE diagnosis_code_25 IS NOT NULL AND COALESCE(diagnosis_code_type, 'icd-10-cm') IN ('icd-10-cm', '') AND claim_start_date BETWEEN {{days_before(period_start, 365)}} AND {{period_end}}
),
coded_days AS (
  SELECT DISTINCT person_id, day, SUBSTRING(REPLACE(UPPER(code), '.', ''), 1, 3) AS code
  FROM all_codes
  WHERE LENGTH(REPLACE(UPPER(code), '.', '')) >= 3
)
