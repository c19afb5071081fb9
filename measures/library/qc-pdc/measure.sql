WITH {{cohort_v1(45, 18, 150)}},
{{fills_v1(statin_fills, dispensing_date BETWEEN {{period_start}} AND {{period_end}}
  AND ndc_code IN (SELECT ndc_code FROM drug_crosswalk WHERE ingredient_rxcui IN {{codes(statins)}}))}},
daily AS (
  SELECT person_id, dispensing_date, {{days_between({{period_start}}, dispensing_date)}} AS day_number, SUM(days_supply) AS supply
  FROM statin_fills
  GROUP BY person_id, dispensing_date
),
-- Supply follows supply: it ends on day supplied + slack − 1, where slack is the largest of what each day number exceeds the supply before it by.
running AS (
  SELECT person_id, dispensing_date, day_number, supply,
         SUM(supply) OVER (PARTITION BY person_id ORDER BY dispensing_date ROWS UNBOUNDED PRECEDING) AS supplied
  FROM daily
),
placed AS (
  SELECT person_id, dispensing_date, supply,
         supplied + MAX(day_number - (supplied - supply)) OVER (PARTITION BY person_id ORDER BY dispensing_date ROWS UNBOUNDED PRECEDING) - 1 AS last_day
  FROM running
),
-- What lies after the end of the year covers none of its days.
covered AS (
  SELECT person_id, MIN(dispensing_date) AS first_fill, COUNT(*) AS fill_days,
         SUM(CASE WHEN last_day <= {{days_between({{period_start}}, {{period_end}})}} THEN supply
                  WHEN last_day - supply >= {{days_between({{period_start}}, {{period_end}})}} THEN 0
                  ELSE supply - (last_day - {{days_between({{period_start}}, {{period_end}})}}) END) AS days_covered
  FROM placed
  GROUP BY person_id
),
treated AS (
  SELECT person_id, days_covered, {{days_between(first_fill, {{period_end}})}} + 1 AS treatment_days
  FROM covered
  WHERE fill_days >= 2 AND {{days_between(first_fill, {{period_end}})}} >= 91
),
adherent AS (
  SELECT person_id FROM treated WHERE 10 * days_covered >= 8 * treatment_days
),
{{lines_v1(excluding, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND {{diagnosis(kidney_failure)}})}},
excluded AS (
  SELECT DISTINCT person_id FROM excluding
),
result AS (
  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator,
         CASE WHEN c.hospice = 1 OR x.person_id IS NOT NULL THEN 1 ELSE 0 END AS exclusion, 0 AS exception,
         CASE WHEN n.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM cohort c
  JOIN treated d ON d.person_id = c.person_id
  LEFT JOIN adherent n ON n.person_id = c.person_id
  LEFT JOIN excluded x ON x.person_id = c.person_id
)
{{summary_v1(1, 1)}}
