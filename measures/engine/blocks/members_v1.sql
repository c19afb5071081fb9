-- members_v1(): what a measure says of each person and practice: the rows of the CTE result, before they are summed; who is excluded is not excepted, and
-- who is either is not in the numerator. It takes the place of summary_v1 when a node explains a result to its own people; it never leaves the node.
SELECT r.person_id AS person_id, r.practice AS practice, r.initial_population AS initial_population, r.denominator AS denominator, r.exclusion AS exclusion,
       CASE WHEN r.exclusion = 0 THEN r.exception ELSE 0 END AS exception,
       CASE WHEN r.exclusion = 0 AND r.exception = 0 THEN r.numerator ELSE 0 END AS numerator
FROM result r
