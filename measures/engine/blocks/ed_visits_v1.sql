-- ed_visits_v1(): emergency department visits of the period, one a person and day: revenue code 045x or 0981, or place of service 23. A visit that
-- ends in an acute stay beginning the same or the next day is part of the stay and is left out. diagnosis is the principal one of the visit
-- (institutional lines first; of several the lowest by bytes). Includes the stays of the period.
{{stays_v1({{period_start}}, {{days_after(period_end, 1)}})}},
{{lines_v1(ed_lines, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND (SUBSTRING(revenue_center_code, 1, 3) = '045' OR revenue_center_code = '0981' OR place_of_service_code = '23'))}},
ed_days AS (
  SELECT person_id, claim_start_date AS visit_date,
         COALESCE(MIN(CASE WHEN claim_type = 'institutional' THEN {{text_order(diagnosis_code_1)}} END), MIN({{text_order(diagnosis_code_1)}}), '') AS diagnosis
  FROM ed_lines
  GROUP BY person_id, claim_start_date
),
ed_visits AS (
  SELECT v.person_id, v.visit_date, v.diagnosis
  FROM ed_days v
  LEFT JOIN (
    SELECT DISTINCT d.person_id, d.visit_date
    FROM ed_days d
    JOIN stays s ON s.person_id = d.person_id AND {{days_between(d.visit_date, s.admitted)}} BETWEEN 0 AND 1
  ) AS admitted ON admitted.person_id = v.person_id AND admitted.visit_date = v.visit_date
  WHERE admitted.person_id IS NULL
)
