package measurebench

import (
	"fmt"
	"strings"
)

// medical makes the medical lines: claims of three lines in the order of their dates, as payers keep them, each of a person who may be seen often or
// seldom; what it is for follows the person's conditions. Every 250th claim comes twice or is taken back.
func (p population) medical() string {
	lines := p.lines / 5 * 4
	claims := lines * 250 / 251 / 3
	days := 3 * 365
	// Few people have most of the care: the square of an even draw.
	drawn := fmt.Sprintf(`SELECT c, k, CAST((%[1]d - 1) * pow(below(c, 'who', 10000000) / 1e7, 2) AS BIGINT) AS rank_of, DATE '%[2]d-01-01' + least(%[3]d, CAST(floor(c * %[3]d / %[4]d.0) AS INTEGER) + below(c, 'late', 40)) AS claim_start_date
FROM (SELECT c, below(c, 'kind', 1000) AS k FROM range(%[4]d) AS r(c))`, p.members, year-2, days-1, claims)
	// Who is seen often has nothing to do with the number of the person: 7919 is a prime.
	header := fmt.Sprintf(`SELECT d.c, d.claim_start_date, person.*,
  CASE WHEN kidney AND k < 700 THEN 'dialysis' WHEN k < 560 THEN 'office' WHEN k < 740 THEN 'laboratory' WHEN k < 900 THEN 'outpatient' WHEN k < 930 THEN 'emergency'
       WHEN k < 955 THEN 'stay' WHEN k < 957 AND age >= 70 THEN 'hospice' ELSE 'other' END AS kind
FROM (%s) AS d JOIN person ON person.i = (d.rank_of * 7919) %% %d`, drawn, p.members)
	var dx []string
	for n := 2; n <= 25; n++ {
		switch n {
		case 2:
			dx = append(dx, "CASE WHEN kind IN ('stay', 'office', 'dialysis', 'outpatient', 'emergency') THEN CASE WHEN kind = 'dialysis' THEN 'Z992' WHEN hypertension AND below(c, 'd2', 10) < 6 THEN 'I10' WHEN diabetes THEN 'E119' ELSE rare(c, 'd2') END END AS diagnosis_code_2")
		case 3:
			dx = append(dx, "CASE WHEN kind IN ('stay', 'office') AND below(c, 'd3', 10) < 5 THEN CASE WHEN diabetes THEN 'E1165' WHEN vascular THEN 'I2510' WHEN copd THEN 'J449' WHEN asthma THEN 'J4540' ELSE rare(c, 'd3') END END AS diagnosis_code_3")
		default:
			dx = append(dx, fmt.Sprintf("CASE WHEN kind = 'stay' AND below(c, 'depth', 22) + 3 >= %d OR %[1]d <= 6 AND kind = 'office' AND below(c, 'deep', 12) >= 3 + %[1]d THEN rare(c, 'd%[1]d') END AS diagnosis_code_%[1]d", n))
		}
	}
	for n := 2; n <= 6; n++ {
		dx = append(dx, fmt.Sprintf("CASE WHEN kind = 'stay' AND below(c, 'operated', 10) > %d THEN '0W' || rare(c, 'p%[1]d') || 'ZZ' END AS procedure_code_%[1]d", n+2))
	}
	claim := `SELECT c, person_id, practice, kind, age, gender, claim_start_date, CASE WHEN kind = 'stay' THEN claim_start_date + 1 + below(c, 'los', 8) ELSE claim_start_date END AS claim_end_date,
  CASE WHEN kind = 'stay' THEN claim_start_date END AS admission_date, CASE WHEN kind = 'stay' THEN claim_start_date + 1 + below(c, 'los', 8) END AS discharge_date,
  CASE WHEN kind = 'stay' THEN ['01', '01', '01', '03', '06', '20', '02'][1 + below(c, 'to', 7)] END AS discharge_disposition_code,
  CASE kind WHEN 'stay' THEN '111' WHEN 'dialysis' THEN '721' WHEN 'hospice' THEN '813' WHEN 'outpatient' THEN '131' WHEN 'emergency' THEN '131' END AS bill_type_code,
  CASE WHEN kind = 'stay' THEN one_of(drgs, c, 'drg') END AS drg_code,
  CASE kind WHEN 'office' THEN ['11', '11', '11', '11', '50', '22', '02', '72'][1 + below(c, 'pos', 8)] WHEN 'laboratory' THEN '81' WHEN 'other' THEN '12' END AS place_of_service_code,
  '9' || lpad(CAST(CASE WHEN below(c, 'own', 10) < 7 THEN practice ELSE below(c, 'doctor', 4000) END AS VARCHAR), 9, '0') AS billing_npi,
  '8' || lpad(CAST(CASE WHEN below(c, 'own', 10) < 7 THEN practice * 4 + below(c, 'colleague', 2) ELSE below(c, 'doctor', 16000) END AS VARCHAR), 9, '0') AS rendering_npi,
  CASE kind WHEN 'stay' THEN one_of(inpatient, c, 'reason') WHEN 'dialysis' THEN 'N186' WHEN 'emergency' THEN one_of(codes, c, 'reason')
    ELSE CASE WHEN below(c, 'why', 10) < 3 AND diabetes THEN 'E1122' WHEN below(c, 'why', 10) < 5 AND hypertension THEN 'I10' WHEN below(c, 'why', 10) < 6 AND vascular THEN 'I70209'
      WHEN below(c, 'why', 10) < 6 AND asthma THEN 'J4530' WHEN below(c, 'why', 10) < 7 THEN one_of(codes, c, 'reason') WHEN below(c, 'history', 400) = 0 THEN ['C182', 'Z9013', 'Z90710', 'Z9012', 'K7030', 'N185', 'Z7682', 'G720'][1 + below(c, 'past', 8)]
      ELSE rare(c, 'd1') END END AS diagnosis_code_1,
  CASE WHEN kind = 'stay' AND below(c, 'surgery', 3) = 0 THEN ['0DTE0ZZ', '02703ZZ', '0TY00Z0', '0HTV0ZZ', '0UTC0ZZ', '0DJD8ZZ', '0SRC0J9', '10E0XZZ', '0W9G3ZZ', '5A1D70Z'][1 + below(c, 'cut', 10)] END AS procedure_code_1,
  ` + strings.Join(dx, ",\n  ") + " FROM (" + header + "), usual"
	row := func(id, sign, where string) string {
		return `SELECT ` + id + ` AS claim_id, l AS claim_line_number, CASE WHEN bill_type_code IS NULL THEN 'professional' ELSE 'institutional' END AS claim_type, person_id,
  claim_start_date, claim_end_date, claim_start_date AS claim_line_start_date, claim_end_date AS claim_line_end_date, admission_date, discharge_date, discharge_disposition_code, place_of_service_code, bill_type_code, drg_code,
  CASE kind WHEN 'stay' THEN ['0120', '0250', '0300'][l] WHEN 'outpatient' THEN ['0300', '0250', '0401', '0636', '0510', '0923'][1 + below(c * 3 + l, 'rev', 6)] WHEN 'emergency' THEN ['0450', '0250', '0300'][l]
    WHEN 'dialysis' THEN CASE WHEN below(c, 'home', 7) = 0 THEN '0841' ELSE '0821' END WHEN 'hospice' THEN '0651' END AS revenue_center_code,
  CAST(` + sign + ` * CASE WHEN kind = 'stay' THEN claim_end_date - claim_start_date ELSE 1 END AS BIGINT) AS service_unit_quantity,
  CASE kind WHEN 'office' THEN CASE WHEN l = 1 THEN ['T1015', 'G0463', 'G0466', 'G0467', 'G0438', 'G0439', 'X1001', 'X1002', 'X1003', 'X1004', 'X1005', 'X1006'][1 + below(c, 'visit', 12)]
      WHEN below(c * 3 + l, 'special', 12) = 0 THEN ['G0105', 'G0121', 'G0104', 'G0328', 'G0008', 'Q2037', 'P3000', 'G0123', 'G0476', 'G0202', 'G0444', 'G0446'][1 + below(c * 3 + l, 'which', 12)]
      ELSE 'Y' || lpad(CAST(below(c * 3 + l, 'service', 3000) AS VARCHAR), 4, '0') END
    WHEN 'hospice' THEN 'Q5001' WHEN 'stay' THEN NULL ELSE 'Y' || lpad(CAST(below(c * 3 + l, 'service', 6000) AS VARCHAR), 4, '0') END AS hcpcs_code,
  CASE WHEN kind = 'dialysis' THEN ['V5', 'V6', 'V7'][1 + below(c, 'access', 3)] WHEN below(c * 3 + l, 'modified', 8) = 0 THEN '25' END AS hcpcs_modifier_1,
  rendering_npi, billing_npi, CASE WHEN bill_type_code IS NOT NULL THEN '7' || lpad(CAST(below(c, 'hospital', 800) AS VARCHAR), 9, '0') END AS facility_npi,
  CAST(` + sign + ` * (CASE kind WHEN 'stay' THEN 310000 WHEN 'emergency' THEN 42000 WHEN 'dialysis' THEN 9000 WHEN 'outpatient' THEN 30000 ELSE 3000 END + below(c * 3 + l, 'price', 9000)) / 100 AS DECIMAL(12, 2)) AS allowed_amount,
  CAST(` + sign + ` * (CASE kind WHEN 'stay' THEN 250000 WHEN 'emergency' THEN 34000 WHEN 'dialysis' THEN 7000 WHEN 'outpatient' THEN 24000 ELSE 2000 END + below(c * 3 + l, 'price', 9000)) / 100 AS DECIMAL(12, 2)) AS paid_amount,
  'icd-10-cm' AS diagnosis_code_type, COLUMNS('diagnosis_code_\d+'), CASE WHEN procedure_code_1 IS NOT NULL THEN 'icd-10-pcs' END AS procedure_code_type, COLUMNS('procedure_code_\d+')
FROM claim, range(1, 4) AS lines(l)` + where
	}
	return "WITH claim AS (" + claim + ") " + row("'C' || lpad(CAST(c AS VARCHAR), 10, '0')", "1", "") + " UNION ALL " +
		row("'D' || lpad(CAST(c AS VARCHAR), 10, '0')", "CASE WHEN c % 500 = 0 THEN -1 ELSE 1 END", " WHERE c % 250 = 0")
}

// pharmacy makes the dispensed lines: statins for those with vascular disease or high blood pressure, inhalers for asthma, anything for all.
func (p population) pharmacy() string {
	fills := p.lines / 5
	return fmt.Sprintf(`SELECT 'F' || lpad(CAST(f AS VARCHAR), 10, '0') AS claim_id, 1 AS claim_line_number, person_id, '8' || lpad(CAST(practice * 4 AS VARCHAR), 9, '0') AS prescribing_provider_npi,
  DATE '%[1]d-01-01' + least(1094, CAST(floor(f * 1094 / %[2]d.0) AS INTEGER) + below(f, 'late', 20)) AS dispensing_date,
  lpad(CAST(CASE WHEN (vascular OR hypertension) AND below(f, 'for', 10) < 5 THEN person.i %% 40 WHEN asthma AND below(f, 'for', 10) < 8 THEN 40 + below(f, 'inhaler', 50) ELSE 90 + below(f, 'drug', 2900) END AS VARCHAR), 11, '0') AS ndc_code,
  CAST(CASE WHEN below(f, 'long', 3) = 0 THEN 90 ELSE 30 END AS BIGINT) AS days_supply,
  CAST((400 + below(f, 'price', 20000)) / 100 AS DECIMAL(12, 2)) AS paid_amount, CAST((600 + below(f, 'price', 20000)) / 100 AS DECIMAL(12, 2)) AS allowed_amount
FROM (SELECT f, CAST((%[3]d - 1) * pow(below(f, 'who', 10000000) / 1e7, 2) AS BIGINT) AS rank_of FROM range(%[2]d) AS r(f)) AS d JOIN person ON person.i = (d.rank_of * 7919) %% %[3]d`, year-2, fills, p.members)
}
