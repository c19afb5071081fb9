package measurebench

import "strings"

// handWritten are queries as somebody writes them who has DuckDB alone in mind: its own functions and joins, no shared blocks. Each yields
// practice, numerator and denominator in order of practice.
var handWritten = map[string]string{
	"qa-pcp": handCohort("0 AND 150") + `,
visited AS (SELECT DISTINCT person_id FROM (` + handLines(`hcpcs_code IN ('G0402', 'G0438', 'G0439', 'G0463', 'G0466', 'G0467', 'G0468', 'T1015')
  AND (place_of_service_code IS NULL OR place_of_service_code IN ('02', '10', '11', '12', '19', '22', '49', '50', '71', '72')) AND claim_start_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'`) + `))
SELECT practice, count(*) FILTER (person_id IN (SELECT person_id FROM visited)) AS num, count(*) AS den FROM cohort GROUP BY practice ORDER BY practice`,

	"qc-a1c9": handCohort("18 AND 75") + `,
diabetic AS (
  SELECT person_id FROM (` + handLines(`claim_start_date BETWEEN DATE '2025-01-01' AND DATE '2026-12-31' AND regexp_matches(concat_ws(' ', *COLUMNS('diagnosis_code_[0-9]+')), '\b(E08|E09|E10|E11|E13)')`) + `)
  GROUP BY person_id HAVING count(DISTINCT claim_start_date) >= 2 OR bool_or(bill_type_code LIKE '11%' OR bill_type_code LIKE '011%')
),
latest AS (
  SELECT person_id, min_by(result_micros, (- epoch(CAST(coalesce(collection_datetime, result_datetime) AS DATE)), result_micros)) AS result_micros FROM lab_result
  WHERE source_component_code IN ('4548-4', '17856-6') AND result_micros IS NOT NULL AND lower(coalesce(status, 'final')) NOT IN ('cancelled', 'entered-in-error', 'x', 'd', 'w')
    AND coalesce(collection_datetime, result_datetime) >= DATE '2026-01-01' AND coalesce(collection_datetime, result_datetime) < DATE '2027-01-01' GROUP BY person_id
)
SELECT practice, count(*) FILTER (result_micros IS NULL OR result_micros > 9000000) AS num, count(*) AS den
FROM cohort SEMI JOIN diabetic USING (person_id) LEFT JOIN latest USING (person_id) GROUP BY practice ORDER BY practice`,

	"qk-tcoc": `WITH ` + handDeclared + `,
covered AS (
  SELECT DISTINCT person_id, month FROM eligibility JOIN (SELECT person_id, min(death_date) AS died FROM eligibility GROUP BY person_id) USING (person_id)
  JOIN (SELECT strftime(d, '%Y%m') AS month, d + 14 AS middle FROM (SELECT CAST(unnest(range(DATE '2026-01-01', DATE '2027-01-01', INTERVAL 1 MONTH)) AS DATE) AS d)) AS months
    ON middle BETWEEN enrollment_start_date AND enrollment_end_date AND coalesce(died >= middle, true)
),
panel AS (
  SELECT c.person_id, c.month, coalesce(d.practice, f.practice, u.practice) AS practice
  FROM covered c ASOF LEFT JOIN declared d ON d.person_id = c.person_id AND c.month >= d.year_month
  LEFT JOIN (SELECT person_id, min_by(practice, year_month) AS practice FROM declared GROUP BY person_id) AS f ON f.person_id = c.person_id
  LEFT JOIN undeclared u ON u.person_id = c.person_id
),
spending AS (
  SELECT person_id, strftime(claim_start_date, '%Y%m') AS month, CASE WHEN balance > 0 THEN cents ELSE -cents END AS cents FROM (
    SELECT ` + handKey + `, sum(CASE WHEN least(allowed_amount, paid_amount, service_unit_quantity) < 0 THEN -1 ELSE 1 END) AS balance
    FROM medical_claim WHERE claim_start_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY ALL) WHERE balance <> 0
  UNION ALL
  SELECT person_id, strftime(dispensing_date, '%Y%m'), cents FROM (
    SELECT person_id, dispensing_date, claim_line_number, ndc_code, abs(coalesce(days_supply, 0)) AS supply, prescribing_provider_npi, dispensing_provider_npi, abs(coalesce(allowed_amount, paid_amount, 0)) AS cents, sum(CASE WHEN least(allowed_amount, paid_amount, days_supply) < 0 THEN -1 ELSE 1 END) AS balance
    FROM pharmacy_claim WHERE dispensing_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' GROUP BY ALL) WHERE balance > 0
),
spent AS (SELECT person_id, practice, least(sum(cents), 10000000) AS cents FROM spending JOIN panel USING (person_id, month) GROUP BY ALL),
member_time AS (SELECT person_id, practice, count(*) AS months FROM panel WHERE practice IS NOT NULL GROUP BY ALL)
SELECT practice, CAST(greatest((sum(coalesce(cents, 0)) + 5000) // 10000, 0) AS BIGINT) AS num, CAST((sum(months) + 6) // 12 AS BIGINT) AS den
FROM member_time LEFT JOIN spent USING (person_id, practice) GROUP BY practice ORDER BY practice`,
}

// handKey is what two lines that are one have in common.
const handKey = `person_id, claim_start_date, billing_npi, bill_type_code, claim_line_number, claim_type, claim_end_date, admission_date, discharge_date, discharge_disposition_code, place_of_service_code,
  drg_code, revenue_center_code, hcpcs_code, hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4, rendering_npi, facility_npi, diagnosis_code_1, abs(coalesce(allowed_amount, paid_amount, 0)) AS cents`

// handLines are claim lines once each, without those taken back.
func handLines(where string) string {
	return `SELECT ` + handKey + ` FROM medical_claim WHERE ` + where + ` GROUP BY ALL
  HAVING sum(CASE WHEN least(allowed_amount, paid_amount, service_unit_quantity) < 0 THEN -1 ELSE 1 END) > 0`
}

// handDeclared is who belongs to which practice in which month, and where nobody says so, by visits.
var handDeclared = `declared AS (
  SELECT person_id, year_month, coalesce(w.practice_id, local_practice) AS practice
  FROM (SELECT person_id, year_month, coalesce(custom_attributed_provider_practice, payer_attributed_provider_practice) AS local_practice FROM provider_attribution
    WHERE year_month BETWEEN '202601' AND '202612' AND local_practice IS NOT NULL)
  LEFT JOIN practice_crosswalk w ON w.local_practice_id = local_practice
),
undeclared AS (
  SELECT person_id, practice FROM (
    SELECT v.person_id, practice_id AS practice, count(DISTINCT claim_start_date) AS days, max(claim_start_date) AS latest
    FROM (` + handLines(`claim_start_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND claim_type = 'professional' AND place_of_service_code IN ('02', '10', '11', '12', '19', '22', '49', '50', '71', '72')
      AND person_id NOT IN (SELECT person_id FROM declared)`) + `) AS v JOIN practice_crosswalk ON local_practice_id = billing_npi
    GROUP BY ALL)
  QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY days DESC, latest DESC, practice) = 1
)`

func handCohort(ages string) string {
	return strings.NewReplacer("$ages", ages).Replace(`WITH ` + handDeclared + `,
enrolled AS (
  SELECT person_id FROM (
    SELECT person_id, first_day, last_day, first_day - coalesce(max(last_day) OVER (PARTITION BY person_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), DATE '2025-12-31') - 1 AS gap
    FROM (SELECT person_id, greatest(enrollment_start_date, DATE '2026-01-01') AS first_day, least(enrollment_end_date, DATE '2026-12-31') AS last_day FROM eligibility
      WHERE enrollment_start_date <= DATE '2026-12-31' AND enrollment_end_date >= DATE '2026-01-01' AND enrollment_start_date <= enrollment_end_date))
  GROUP BY person_id HAVING max(last_day) = DATE '2026-12-31' AND max(gap) <= 45
),
people AS (
  SELECT person_id FROM eligibility GROUP BY person_id
  HAVING NOT coalesce(bool_or(death_date <= DATE '2026-12-31'), false) AND date_sub('year', min(birth_date), DATE '2026-12-31') BETWEEN $ages
),
practices AS (SELECT person_id, max_by(practice, year_month) AS practice FROM declared GROUP BY person_id UNION ALL FROM undeclared),
hospice AS (
  SELECT person_id FROM (` + handLines(`claim_start_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31' AND (hcpcs_code BETWEEN 'Q5001' AND 'Q5010'
    OR revenue_center_code IN ('0115', '0125', '0135', '0145', '0155', '0235', '0650', '0651', '0652', '0655', '0656', '0657', '0658', '0659') OR regexp_matches(bill_type_code, '^0?8[12]'))`) + `)
),
cohort AS (SELECT person_id, practice FROM enrolled SEMI JOIN people USING (person_id) JOIN practices USING (person_id) ANTI JOIN hospice USING (person_id))`)
}
