-- readmissions_v1(): the index stays of the period, one row each, as an observation of a risk model: acute stays discharged from 1 January to 1 December of
-- people of 18 or older on the day of admission, not transferred, gone to hospice, dead or gone against advice, nor for maternity, newborns, chemotherapy,
-- radiotherapy or rehabilitation (MS-DRG), of members in the month of discharge, at whose practice they count, and in that of the 30th day after. observed is
-- 1 where another stay begins 2 to 30 days after. Diagnoses count from 365 days before the discharge to its day; the readmission's do not.
-- units: person_id, practice, unit, first_day, last_day, age, female, exposure, observed.
{{panel_v1()}},
{{stays_v1({{prior_start}}, {{period_end}})}},
{{patients_v1()}},
index_stays AS (
  SELECT s.person_id, s.stay, s.discharged, {{age(b.birth_date, s.admitted)}} AS age, b.female
  FROM stays s
  JOIN patients b ON b.person_id = s.person_id
  WHERE s.discharged BETWEEN {{period_start}} AND {{date(year, 12, 1)}}
    AND {{age(b.birth_date, s.admitted)}} >= 18
    AND s.drg NOT IN ('765', '766', '767', '768', '769', '770', '774', '775', '776', '777', '778', '779', '780', '781', '782', '783', '784', '785', '786', '787',
                      '788', '789', '790', '791', '792', '793', '794', '795', '796', '797', '798', '805', '806', '807', '817', '818', '819', '831', '832', '833',
                      '837', '838', '839', '846', '847', '848', '849', '945', '946')
    AND s.disposition NOT IN ('02', '05', '07', '20', '40', '41', '42', '43', '50', '51', '65', '66')
),
readmitted AS (
  SELECT DISTINCT i.person_id, i.stay
  FROM index_stays i
  JOIN stays n ON n.person_id = i.person_id AND {{days_between(i.discharged, n.admitted)}} BETWEEN 1 AND 30
),
units AS (
  SELECT p.person_id, p.practice, CAST(i.stay AS BIGINT) AS unit, {{add_days(i.discharged, -365)}} AS first_day, i.discharged AS last_day,
         CAST(i.age AS BIGINT) AS age, i.female, 1 AS exposure, CAST(CASE WHEN r.person_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS observed
  FROM index_stays i
  JOIN panel p ON p.person_id = i.person_id AND p.month = {{year_month(i.discharged)}}
  JOIN panel q ON q.person_id = i.person_id AND q.month = {{year_month({{add_days(i.discharged, 30)}})}}
  LEFT JOIN readmitted r ON r.person_id = i.person_id AND r.stay = i.stay
)
