WITH {{enrolled_v1(366)}},
{{attributed_v1()}}
SELECT 'members' AS practice, 'eligibility' AS stratum, COUNT(a.person_id) AS num, COUNT(*) AS den
FROM enrolled e
LEFT JOIN attributed a ON a.person_id = e.person_id
