-- summary_v1(num_unit, den_unit): the end of a measure. It sums the members of the CTE result, who are neither excluded nor excepted, per practice and
-- stratum, each sum divided by its unit and rounded half up; a sum below 0 (more taken back than spent) is 0.
SELECT r.practice AS practice, $stratum AS stratum,
       CAST(CASE WHEN SUM(r.numerator) > 0 THEN {{div(SUM(r.numerator) + $half_num, $1)}} ELSE 0 END AS BIGINT) AS num,
       CAST(CASE WHEN SUM(r.denominator) > 0 THEN {{div(SUM(r.denominator) + $half_den, $2)}} ELSE 0 END AS BIGINT) AS den
FROM result r $join
WHERE r.exclusion = 0 AND r.exception = 0 AND r.denominator <> 0
GROUP BY r.practice $group
