package oracle

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readMembers reads a payer's folder. A table is every file of its name with .csv or .csv.gz, whatever stands between; it may be absent.
func readMembers(folder string, period int) (map[string]*member, error) {
	r := reader{period: strconv.Itoa(period), members: make(map[string]*member), roster: make(map[string]string), quintiles: make(map[string]string), held: newWithheld()}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("oracle: %w", err)
	}
	for _, table := range []struct {
		name     string
		required []string
		row      func(field func(string) string) error
	}{
		{"drug_crosswalk", []string{"ndc_code", "ingredient_rxcui"}, r.held.drug},
		{"eligibility", []string{"person_id"}, r.held.span},
		{"medical_claim", []string{"person_id"}, r.held.claim},
		{"eligibility", []string{"person_id", "birth_date", "enrollment_start_date", "enrollment_end_date"}, r.eligibility},
		{"provider_attribution", []string{"person_id", "year_month"}, r.attribution},
		{"deprivation_index", []string{"zip_code", "quintile"}, r.deprivation},
		{"practice_crosswalk", []string{"local_practice_id", "practice_id"}, r.crosswalk},
		{"medical_claim", []string{"person_id"}, r.claim},
		{"lab_result", []string{"person_id"}, r.test},
		{"pharmacy_claim", []string{"person_id", "dispensing_date"}, r.fill},
	} {
		for _, e := range entries {
			name, _, _ := strings.Cut(e.Name(), ".")
			if name != table.name || !strings.HasSuffix(e.Name(), ".csv") && !strings.HasSuffix(e.Name(), ".csv.gz") {
				continue
			}
			if err := eachRow(filepath.Join(folder, e.Name()), table.required, table.row); err != nil {
				return nil, err
			}
		}
	}
	for _, m := range r.members {
		m.settle()
		if m.practice == "" {
			m.practice = m.plurality(r.period, r.roster)
		}
		if id, ok := r.roster[m.practice]; ok {
			m.practice = id
		}
		for month, practice := range m.months {
			if id, ok := r.roster[practice]; ok {
				m.months[month] = id
			}
		}
	}
	return r.members, nil
}

type reader struct {
	period    string
	members   map[string]*member
	roster    map[string]string // local id → roster id
	quintiles map[string]string // by zip code
	held      *withheld
}

func (r reader) of(field func(string) string) *member {
	id := field("person_id")
	if r.members[id] == nil {
		r.members[id] = &member{quintiles: r.quintiles}
	}
	return r.members[id]
}

func (r reader) eligibility(field func(string) string) error {
	if selfFunded(field) {
		return nil
	}
	m := r.of(field)
	if m.sexes == nil {
		m.sexes = map[string]int{}
	}
	m.sexes[field("gender")]++
	birth, err := time.Parse(time.DateOnly, field("birth_date"))
	if err != nil {
		return err
	}
	if m.birth.IsZero() || birth.Before(m.birth) {
		m.birth = birth
	}
	if d := field("death_date"); d != "" {
		death, err := time.Parse(time.DateOnly, d)
		if err != nil {
			return err
		}
		if m.death.IsZero() || death.Before(m.death) {
			m.death = death
		}
	}
	var span [2]time.Time
	for i, column := range []string{"enrollment_start_date", "enrollment_end_date"} {
		if span[i], err = time.Parse(time.DateOnly, field(column)); err != nil {
			return err
		}
	}
	m.spans = append(m.spans, span)
	m.held = append(m.held, holding{span[0], span[1], field("dual_status_code"), field("low_income_subsidy_indicator"), field("zip_code"),
		field("race"), field("ethnicity"), field("language")})
	return nil
}

func (r reader) attribution(field func(string) string) error {
	practice := field("custom_attributed_provider_practice")
	if practice == "" {
		practice = field("payer_attributed_provider_practice")
	}
	month := field("year_month")
	m := r.of(field)
	if r.held.during(field, month+"00", month+"99") {
		return nil
	}
	if practice == "" || !strings.HasPrefix(month, r.period) {
		return nil
	}
	if m.months == nil {
		m.months = map[string]string{}
	}
	m.months[month] = practice
	if month > m.month {
		m.month, m.practice = month, practice
	}
	return nil
}

func (r reader) crosswalk(field func(string) string) error {
	r.roster[field("local_practice_id")] = field("practice_id")
	return nil
}

func (r reader) claim(field func(string) string) error {
	c := claim{on: field("claim_start_date"), to: field("claim_end_date"), kind: field("claim_type"), place: field("place_of_service_code"),
		bill: field("bill_type_code"), hcpcs: field("hcpcs_code"), revenue: field("revenue_center_code"), rendering: field("rendering_npi"),
		billing: field("billing_npi"), admitted: field("admission_date"), discharged: field("discharge_date"), drg: field("drg_code"),
		disposition: field("discharge_disposition_code"), first: field("diagnosis_code_1")}
	if c.on == "" || r.held.claims[[2]string{field("person_id"), field("claim_id")}] || r.held.during(field, c.on, cmp.Or(c.to, c.discharged, c.on)) {
		return nil
	}
	c.balance = 1
	for _, column := range []string{"paid_amount", "allowed_amount", "service_unit_quantity"} {
		if strings.HasPrefix(field(column), "-") {
			c.balance = -1
		}
	}
	amount := field("allowed_amount")
	if amount == "" {
		amount = field("paid_amount")
	}
	var err error
	if c.cents, err = centsOf(strings.TrimPrefix(amount, "-")); err != nil {
		return err
	}
	c.content = strings.Join([]string{field("claim_line_number"), c.kind, c.on, c.to, c.admitted, c.discharged, c.disposition, c.place, c.bill, c.drg, c.revenue, c.hcpcs,
		field("hcpcs_modifier_1"), field("hcpcs_modifier_2"), field("hcpcs_modifier_3"), field("hcpcs_modifier_4"), c.rendering, c.billing, field("facility_npi"),
		c.first, strconv.FormatInt(c.cents, 10)}, "\x00")
	for i := range numbered {
		if d := field(numbered[i][0]); d != "" {
			c.diagnoses = append(c.diagnoses, d)
		}
		if p := field(numbered[i][1]); p != "" {
			c.procedures = append(c.procedures, p)
		}
	}
	m := r.of(field)
	if kind := field("diagnosis_code_type"); kind == "" || kind == "icd-10-cm" {
		m.coded = append(m.coded, coded{c.on, c.diagnoses})
	}
	m.claims = append(m.claims, c)
	return nil
}

func (r reader) fill(field func(string) string) error {
	f := claim{on: field("dispensing_date"), balance: 1}
	if r.held.drugs[field("ndc_code")] || r.held.during(field, f.on, f.on) {
		return nil
	}
	for _, column := range []string{"paid_amount", "allowed_amount", "days_supply"} {
		if strings.HasPrefix(field(column), "-") {
			f.balance = -1
		}
	}
	amount := field("allowed_amount")
	if amount == "" {
		amount = field("paid_amount")
	}
	var err error
	if f.cents, err = centsOf(strings.TrimPrefix(amount, "-")); err != nil {
		return err
	}
	f.content = strings.Join([]string{field("claim_line_number"), f.on, field("ndc_code"), strings.TrimPrefix(field("days_supply"), "-"),
		field("prescribing_provider_npi"), field("dispensing_provider_npi"), strconv.FormatInt(f.cents, 10)}, "\x00")
	m := r.of(field)
	m.fills = append(m.fills, f)
	return nil
}

// numbered are the names of the 25 diagnosis and procedure columns.
var numbered = func() (names [25][2]string) {
	for i := range names {
		names[i] = [2]string{"diagnosis_code_" + strconv.Itoa(i+1), "procedure_code_" + strconv.Itoa(i+1)}
	}
	return names
}()

func (r reader) test(field func(string) string) error {
	on := field("collection_datetime")
	if on == "" {
		on = field("result_datetime")
	}
	if slices.Contains([]string{"cancelled", "entered-in-error", "x", "d", "w"}, strings.ToLower(field("status"))) {
		return nil
	}
	if day := on[:min(len(on), len(time.DateOnly))]; r.held.during(field, day, day) {
		return nil
	}
	if value := field("result"); value != "" && len(on) >= len(time.DateOnly) {
		m := r.of(field)
		m.tests = append(m.tests, test{field("source_component_code"), on[:len(time.DateOnly)], value})
	}
	return nil
}

// enrolled: alive and a member on 31 December, no more than 45 days in a row of the year without cover, no hospice in the year.
func (m *member) enrolled(period int) bool {
	first, last := time.Date(period, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(period, 12, 31, 0, 0, 0, 0, time.UTC)
	if len(m.spans) == 0 || !m.death.IsZero() && !m.death.After(last) {
		return false
	}
	const oneDay = 86400 // in seconds of UTC
	without, longest := 0, 0
	for day := first.Unix(); day <= last.Unix(); day += oneDay {
		covered := slices.ContainsFunc(m.spans, func(s [2]time.Time) bool { return s[0].Unix() <= day && day <= s[1].Unix() })
		if covered {
			without = 0
		} else {
			without++
		}
		longest = max(longest, without)
	}
	if without > 0 || longest > 45 {
		return false
	}
	return !m.hospice(period)
}
