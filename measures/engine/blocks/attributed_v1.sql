-- attributed_v1(): the practice on the anchor date, the last day of the period (see assigned_v1). One row a person.
{{assigned_v1()}},
attributed AS (
  SELECT person_id, practice
  FROM assigned
  WHERE until_month = '999999'
)
