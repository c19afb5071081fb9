-- cohort_v1(days, from, to): the people most measures are about: enrolled_v1(days), people_v1(from, to) and attributed_v1() together, with hospice
-- (hospice_v1) as 0 or 1, for the exclusion. cohort: person_id, practice, birth_date, gender, hospice.
{{enrolled_v1($1)}},
{{people_v1($2, $3)}},
{{attributed_v1()}},
{{hospice_v1()}},
cohort AS (
  SELECT e.person_id, a.practice, p.birth_date, p.gender, CASE WHEN h.person_id IS NULL THEN 0 ELSE 1 END AS hospice
  FROM enrolled e
  JOIN people p ON p.person_id = e.person_id
  JOIN attributed a ON a.person_id = e.person_id
  LEFT JOIN hospice h ON h.person_id = e.person_id
)
