WITH {{panel_v1()}},
{{stays_v1({{prior_start}}, {{period_end}})}},
births AS (
  SELECT person_id, MIN(birth_date) AS birth_date FROM eligibility GROUP BY person_id
),
-- Discharges that leave 30 days in the year.
index_stays AS (
  SELECT s.person_id, s.stay, s.discharged
  FROM stays s
  JOIN births b ON b.person_id = s.person_id
  WHERE s.discharged BETWEEN {{period_start}} AND {{date(year, 12, 1)}}
    AND {{age(b.birth_date, s.admitted)}} >= 18
    AND s.drg NOT IN {{codes(not_index)}}
    AND s.disposition NOT IN ('02', '05', '07', '20', '40', '41', '42', '43', '50', '51', '65', '66')
),
readmitted AS (
  SELECT DISTINCT i.person_id, i.stay
  FROM index_stays i
  JOIN stays n ON n.person_id = i.person_id AND {{days_between(i.discharged, n.admitted)}} BETWEEN 1 AND 30
),
result AS (
  SELECT p.person_id, p.practice, COUNT(*) AS initial_population, COUNT(*) AS denominator, 0 AS exclusion, 0 AS exception,
         SUM(CASE WHEN r.person_id IS NULL THEN 0 ELSE 1 END) AS numerator
  FROM index_stays i
  JOIN panel p ON p.person_id = i.person_id AND p.month = {{year_month(i.discharged)}}
  JOIN panel q ON q.person_id = i.person_id AND q.month = {{year_month({{add_days(i.discharged, 30)}})}}
  LEFT JOIN readmitted r ON r.person_id = i.person_id AND r.stay = i.stay
  GROUP BY p.person_id, p.practice
)
{{summary_v1(1, 1)}}
