-- enrolled_v1(days): a member on the last day of the period, and never more than so many days in a row of it without cover. Spans may
-- overlap, touch or repeat; what a change of plan or a second cover adds counts once. Reads eligibility.
enrolled AS (
  SELECT person_id
  FROM (
    SELECT person_id, first_day, last_day,
           MAX(last_day) OVER (PARTITION BY person_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_until
    FROM (
      SELECT person_id,
             CASE WHEN enrollment_start_date < {{period_start}} THEN {{period_start}} ELSE enrollment_start_date END AS first_day,
             CASE WHEN enrollment_end_date > {{period_end}} THEN {{period_end}} ELSE enrollment_end_date END AS last_day
      FROM eligibility
      WHERE enrollment_start_date <= {{period_end}} AND enrollment_end_date >= {{period_start}} AND enrollment_start_date <= enrollment_end_date
    ) AS spans
  ) AS cover
  GROUP BY person_id
  HAVING MAX(last_day) = {{period_end}}
     AND MAX(CASE WHEN {{days_between({{add_days(COALESCE(covered_until, {{days_before(period_start, 1)}}), 1)}}, first_day)}} > $1 THEN 1 ELSE 0 END) = 0
)
