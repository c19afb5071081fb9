-- panel_v1(): member months: one row per person and month of the period in which the person is covered and alive on the 15th, with the practice
-- of that month (see assigned_v1). Two covers of one month count once. Reads eligibility and what assigned_v1 reads.
{{assigned_v1()}},
months AS (
  {{months}}
),
covered_months AS (
  SELECT DISTINCT e.person_id, m.month
  FROM eligibility e
  JOIN (SELECT person_id, MIN(death_date) AS death_date FROM eligibility GROUP BY person_id) AS d ON d.person_id = e.person_id
  JOIN months m ON e.enrollment_start_date <= m.middle AND e.enrollment_end_date >= m.middle AND (d.death_date IS NULL OR d.death_date >= m.middle)
  WHERE e.enrollment_start_date <= {{period_end}} AND e.enrollment_end_date >= {{period_start}}
),
panel AS (
  SELECT c.person_id, c.month, a.practice
  FROM covered_months c
  JOIN assigned a ON a.person_id = c.person_id AND c.month >= a.from_month AND c.month < a.until_month
)
