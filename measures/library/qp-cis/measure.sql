WITH {{cohort_v1(45, 2, 2)}},
-- Doses from the immunization table (CVX) and, by the plan's own codes in the slots, from claims.
{{lines_v1(shots, claim_start_date BETWEEN {{years_before(period_start, 2)}} AND {{period_end}} AND (
       hcpcs_code IN {{codes(dtap)}}
    OR hcpcs_code IN {{codes(polio)}}
    OR hcpcs_code IN {{codes(mmr)}}
    OR hcpcs_code IN {{codes(hib)}}
    OR hcpcs_code IN {{codes(hepatitis_b)}}
    OR hcpcs_code IN {{codes(varicella)}}
    OR hcpcs_code IN {{codes(pneumococcal)}}))}},
vaccines AS (
  SELECT person_id, source_code AS code, occurrence_date AS given
  FROM immunization
  WHERE LOWER(COALESCE(status, 'completed')) = 'completed' AND occurrence_date IS NOT NULL
  UNION ALL
  SELECT person_id, hcpcs_code AS code, claim_start_date AS given FROM shots
),
-- The day before the dose the child is not two yet: the second birthday itself still counts.
protected AS (
  SELECT c.person_id
  FROM cohort c
  JOIN vaccines v ON v.person_id = c.person_id
  WHERE {{age(c.birth_date, {{add_days(v.given, -1)}})}} <= 1
  GROUP BY c.person_id
  HAVING COUNT(DISTINCT CASE WHEN v.code IN {{codes(dtap)}} AND {{days_between(c.birth_date, v.given)}} >= 42 THEN v.given END) >= 4
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(polio)}} AND {{days_between(c.birth_date, v.given)}} >= 42 THEN v.given END) >= 3
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(mmr)}} AND {{age(c.birth_date, v.given)}} >= 1 THEN v.given END) >= 1
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(hib)}} AND {{days_between(c.birth_date, v.given)}} >= 42 THEN v.given END) >= 3
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(hepatitis_b)}} AND {{days_between(c.birth_date, v.given)}} >= 0 THEN v.given END) >= 3
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(varicella)}} AND {{age(c.birth_date, v.given)}} >= 1 THEN v.given END) >= 1
     AND COUNT(DISTINCT CASE WHEN v.code IN {{codes(pneumococcal)}} AND {{days_between(c.birth_date, v.given)}} >= 42 THEN v.given END) >= 4
),
{{lines_v1(excluding, claim_start_date <= {{period_end}} AND {{diagnosis_begins(contraindication)}})}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN p.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  LEFT JOIN protected p ON p.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
