-- Of the form of their system: ICD-10-CM without dot, ICD-9-CM without dot, HCPCS. No list of codes is asked.
SELECT 'diagnosis' AS practice, 'medical_claim' AS stratum,
       COALESCE(SUM(CASE WHEN LOWER(COALESCE(d.system, 'icd-10-cm')) = 'icd-10-cm' AND LENGTH(d.code) BETWEEN 3 AND 7 AND SUBSTRING(d.code, 1, 1) BETWEEN 'A' AND 'Z'
                          AND SUBSTRING(d.code, 2, 1) BETWEEN '0' AND '9' AND d.code NOT LIKE '%.%' THEN d.n
                         WHEN LOWER(d.system) = 'icd-9-cm' AND LENGTH(d.code) BETWEEN 3 AND 5 AND d.code NOT LIKE '%.%'
                          AND (SUBSTRING(d.code, 1, 1) BETWEEN '0' AND '9' OR SUBSTRING(d.code, 1, 1) IN ('V', 'E')) THEN d.n
                         ELSE 0 END), 0) AS num, COALESCE(SUM(d.n), 0) AS den
FROM (
  SELECT diagnosis_code_type AS system, diagnosis_code_1 AS code, COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}}
  GROUP BY diagnosis_code_type, diagnosis_code_1
) AS d
UNION ALL
SELECT 'procedure' AS practice, 'medical_claim' AS stratum,
       COALESCE(SUM(CASE WHEN LENGTH(h.code) = 5 AND SUBSTRING(h.code, 2, 1) BETWEEN '0' AND '9' AND SUBSTRING(h.code, 3, 1) BETWEEN '0' AND '9'
                          AND SUBSTRING(h.code, 4, 1) BETWEEN '0' AND '9' THEN h.n ELSE 0 END), 0) AS num, COALESCE(SUM(h.n), 0) AS den
FROM (
  SELECT hcpcs_code AS code, COUNT(*) AS n
  FROM medical_claim
  WHERE claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND hcpcs_code IS NOT NULL
  GROUP BY hcpcs_code
) AS h
