package measurebench

import "fmt"

// tables are the queries of all tables, those of people first.
func (p population) tables() []table {
	return append([]table{
		{"eligibility", p.eligibility()},
		{"provider_attribution", fmt.Sprintf(`SELECT person_id, CAST(%d00 + m AS VARCHAR) AS year_month,
  'L' || lpad(CAST(practice AS VARCHAR), 5, '0') AS payer_attributed_provider_practice
FROM person, range(1, 13) AS r(m) WHERE below(i, 'attributed', 100) < 85`, year)},
		{"practice_crosswalk", `SELECT 'L' || lpad(CAST(practice AS VARCHAR), 5, '0') AS local_practice_id, 'PR-' || lpad(CAST(practice AS VARCHAR), 5, '0') AS practice_id
FROM (SELECT DISTINCT practice FROM person) UNION ALL
SELECT '9' || lpad(CAST(practice AS VARCHAR), 9, '0'), 'PR-' || lpad(CAST(practice AS VARCHAR), 5, '0') FROM (SELECT DISTINCT practice FROM person) ORDER BY 1`},
		{"drug_crosswalk", `SELECT lpad(CAST(n AS VARCHAR), 11, '0') AS ndc_code,
  CASE WHEN n < 40 THEN ['83367', '301542', '36567', '6472'][1 + n % 4] WHEN n < 60 THEN '435' WHEN n < 80 THEN ['19831', '25120', '41126'][1 + n % 3] WHEN n < 90 THEN '88249' ELSE CAST(900000 + n AS VARCHAR) END AS ingredient_rxcui,
  CASE WHEN n BETWEEN 40 AND 79 THEN 'Inhalant Product' ELSE 'Oral Product' END AS dose_form_group FROM range(3000) AS r(n)`},
		{"medical_claim", p.medical()},
		{"pharmacy_claim", p.pharmacy()},
	}, p.clinical()...)
}

// eligibility: most are covered throughout; some join, leave, or have a gap of 20 to 120 days.
func (p population) eligibility() string {
	start := fmt.Sprintf("greatest(birth_date, DATE '%d-01-01' + below(i, 'since', 700))", year-3)
	span := func(from, to, where string) string {
		return fmt.Sprintf(`SELECT i, person_id, 'bench' AS payer, CASE WHEN age >= 65 THEN 'medicare' ELSE 'commercial' END AS plan, gender, birth_date,
  CASE WHEN cover = 0 AND below(i, 'death', 200) = 0 THEN DATE '%d-01-01' + below(i, 'died', 365) END AS death_date,
  %s AS enrollment_start_date, %s AS enrollment_end_date, CASE WHEN below(i, 'dual', 10) = 0 THEN '02' ELSE 'NA' END AS dual_status_code,
  lpad(CAST(below(i, 'zip', 30000) AS VARCHAR), 5, '0') AS zip_code, 'full' AS funding FROM person WHERE %s`, year, from, to, where)
	}
	day := func(y int, what string, n int) string {
		return fmt.Sprintf("DATE '%d-01-01' + below(i, '%s', %d)", y, what, n)
	}
	end := fmt.Sprintf("DATE '%d-12-31'", year)
	return "SELECT * EXCLUDE (i) FROM (" + span(start, end, "cover = 0") + " UNION ALL " +
		span("greatest(birth_date, "+day(year, "joined", 300)+")", end, "cover = 1") + " UNION ALL " +
		span(start, "greatest(birth_date, "+day(year, "left", 300)+")", "cover = 2") + " UNION ALL " +
		span(start, "greatest(birth_date, "+day(year, "gap", 200)+")", "cover = 3") + " UNION ALL " +
		span("greatest(birth_date, "+day(year, "gap", 200)+") + 20 + below(i, 'long', 100)", end, "cover = 3") + ") ORDER BY i"
}

// clinical is what comes from laboratories and records: four results, two readings, two visits a member, and what belongs to them.
func (p population) clinical() []table {
	at := func(what string) string {
		return fmt.Sprintf("(TIMESTAMP '%d-01-01 08:00:00' + to_days(below(n, '%s', 1094)) + to_minutes(below(n, '%s-m', 540)))", year-2, what, what)
	}
	from := func(rows int) string {
		return fmt.Sprintf("(SELECT n, CAST(below(n, 'who', %d) AS BIGINT) AS w FROM range(%d) AS r(n)) AS drawn JOIN person ON person.i = drawn.w", p.members, rows)
	}
	visits := fmt.Sprintf("(SELECT n, below(n, 'visitor', %d) AS w, %s AS started FROM range(%d) AS r(n)) AS v JOIN person ON person.i = v.w", p.members, at("visit"), 2*p.members)
	return []table{
		{"lab_result", fmt.Sprintf(`SELECT 'R' || CAST(n AS VARCHAR) AS lab_result_id, person_id, 'loinc' AS source_component_type,
  CASE WHEN diabetes AND n %% 2 = 0 THEN '4548-4' ELSE ['33914-3', '98979-8', '9318-7', '14959-1', '57905-2', '77353-1', '24606-6', '10524-7', '77379-6', '2093-3', '13457-7', '718-7', '2160-0', '2951-2', '2823-3', '6690-2'][1 + below(n, 'test', 16)] END AS source_component_code,
  CASE WHEN below(n, 'st', 50) = 0 THEN 'cancelled' ELSE 'final' END AS status,
  CASE WHEN diabetes AND n %% 2 = 0 THEN CAST(5 + below(n, 'a1c', 7) AS VARCHAR) || '.' || CAST(below(n, 'tenth', 10) AS VARCHAR) ELSE CAST(20 + below(n, 'value', 200) AS VARCHAR) END AS result,
  %s AS collection_datetime, '%%' AS source_units FROM %s ORDER BY n`, at("drawn"), from(4*p.members))},
		{"observation", fmt.Sprintf(`SELECT 'O' || CAST(n AS VARCHAR) || '-' || CAST(k AS VARCHAR) AS observation_id, person_id, CAST(%s AS DATE) AS observation_date,
  'vital' AS observation_type, 'loinc' AS source_code_type, CASE k WHEN 0 THEN '8480-6' ELSE '8462-4' END AS source_code,
  CASE k WHEN 0 THEN CAST(105 + below(n, 'sys', 55) AS VARCHAR) ELSE CAST(60 + below(n, 'dia', 40) AS VARCHAR) END AS result, 'final' AS status,
  CAST(NULL AS VARCHAR) AS status_reason_code, %s AS observation_datetime, %s AS issued_datetime
FROM %s, range(2) AS two(k) UNION ALL
SELECT 'S' || CAST(n AS VARCHAR), person_id, CAST(started AS DATE), 'survey', 'loinc', CASE WHEN age BETWEEN 12 AND 17 THEN '73831-0' ELSE '73832-8' END,
  CASE WHEN below(n, 'positive', 10) < 2 THEN '428181000124104' ELSE '428171000124102' END, CASE WHEN below(n, 'declined', 30) = 0 THEN 'cancelled' ELSE 'final' END,
  CASE WHEN below(n, 'declined', 30) = 0 THEN '720834000' END, started, started FROM %s WHERE age >= 12 AND below(n, 'screened', 10) < 6`, at("read"), at("read"), at("read"), from(p.members), visits)},
		{"encounter", "SELECT 'E' || CAST(n AS VARCHAR) AS encounter_id, person_id, 'finished' AS status, 'local' AS source_code_type, 'BENCH-VISIT' AS source_code, started AS encounter_start_datetime, started + to_minutes(20) AS encounter_end_datetime FROM " + visits},
		{"service_request", "SELECT 'Q' || CAST(n AS VARCHAR) AS service_request_id, person_id, 'active' AS status, 'order' AS intent, 'local' AS source_code_type, 'BENCH-REFERRAL' AS source_code, started AS authored_datetime FROM " + visits + " WHERE below(n, 'referred', 10) = 0"},
		{"medication_request", "SELECT 'X' || CAST(n AS VARCHAR) AS medication_request_id, person_id, 'active' AS status, 'order' AS intent, 'local' AS source_code_type, 'BENCH-DRUG' AS source_code, started AS authored_datetime, started AS start_datetime, started + to_days(90) AS end_datetime FROM " + visits + " WHERE below(n, 'prescribed', 10) = 0"},
		{"procedure", "SELECT 'P' || CAST(n AS VARCHAR) AS procedure_id, person_id, 'completed' AS status, 'local' AS source_code_type, 'BENCH-PROCEDURE' AS source_code, started AS procedure_datetime FROM " + visits + " WHERE below(n, 'done', 10) = 0"},
		{"condition", fmt.Sprintf("SELECT 'C' || CAST(i AS VARCHAR) AS condition_id, person_id, 'active' AS status, 'confirmed' AS verification_status, 'icd-10-cm' AS source_code_type, CASE WHEN below(i, 'bipolar', 60) = 0 THEN 'F319' WHEN hypertension THEN 'I10' ELSE rare(i, 'problem') END AS source_code, DATE '%d-01-01' + below(i, 'recorded', 900) AS recorded_date FROM person WHERE below(i, 'problem', 3) = 0", year-2)},
		{"immunization", fmt.Sprintf(`SELECT 'V' || CAST(i AS VARCHAR) || '-' || CAST(k AS VARCHAR) AS immunization_id, person_id,
  birth_date + 60 + CAST(k / 6 AS INTEGER) * 110 + below(i, 'dose' || CAST(k AS VARCHAR), 25) AS occurrence_date, 'cvx' AS source_code_type,
  ['20', '10', '17', '08', '133', CASE WHEN k >= 18 THEN '94' ELSE '116' END][1 + k %% 6] AS source_code, 'completed' AS status
FROM person, range(24) AS r(k) WHERE age BETWEEN 1 AND 4 AND below(i, 'shot' || CAST(k AS VARCHAR), 60) > 0 UNION ALL
SELECT 'F' || CAST(i AS VARCHAR), person_id, DATE '%d-09-01' + below(i, 'flu', 120), 'cvx', '150', 'completed' FROM person WHERE age > 4 AND below(i, 'vaccinated', 10) < 3`, year-1)},
	}
}
