package synthetic

import (
	"fmt"
	"strconv"
)

// payer writes one payer's files.
type payer struct {
	index, people, claims, labs                       int
	eligibility, medical, lab, attribution, crosswalk *table
	deprivation                                       *table // nil without strata
}

func newPayer(dir string, index int, strata bool) (*payer, error) {
	p := &payer{index: index}
	held := []string{"person_id", "payer", "plan", "gender", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date"}
	if strata {
		held = append(held, traits...)
		made, err := newTable(dir, "deprivation_index", []string{"zip_code", "quintile"})
		if err != nil {
			return nil, err
		}
		p.deprivation = made
		for zip, quintile := range quintiles {
			p.deprivation.row(zipCode(zip), quintile)
		}
	}
	for _, t := range []struct {
		to   **table
		name string
		cols []string
	}{
		{&p.eligibility, "eligibility", held},
		{&p.medical, "medical_claim", []string{"claim_id", "claim_line_number", "claim_type", "person_id", "claim_start_date", "claim_end_date",
			"admission_date", "discharge_date", "place_of_service_code", "bill_type_code", "service_unit_quantity", "hcpcs_code", "billing_npi",
			"paid_amount", "allowed_amount", "diagnosis_code_type", "diagnosis_code_1", "diagnosis_code_2", "procedure_code_type", "procedure_code_1"}},
		{&p.lab, "lab_result", []string{"lab_result_id", "person_id", "source_component_type", "source_component_code", "status", "result", "collection_datetime", "source_units"}},
		{&p.attribution, "provider_attribution", []string{"person_id", "year_month", "payer_attributed_provider_practice"}},
		{&p.crosswalk, "practice_crosswalk", []string{"local_practice_id", "practice_id"}},
	} {
		made, err := newTable(dir, t.name, t.cols)
		if err != nil {
			return nil, err
		}
		*t.to = made
	}
	return p, nil
}

func (p *payer) tables() []*table {
	all := []*table{p.eligibility, p.medical, p.lab, p.attribution, p.crosswalk}
	if p.deprivation != nil {
		all = append(all, p.deprivation)
	}
	return all
}

func (p *payer) enrol(m *person) {
	sex := "male"
	if m.female {
		sex = "female"
	}
	name := fmt.Sprintf("payer-%d", p.index+1)
	for i, s := range m.spans {
		plan := "hmo"
		if i > 0 {
			plan = "ppo"
		}
		row := []any{m.id, name, plan, sex, m.birth, m.death, s.from, s.to}
		if p.deprivation != nil {
			row = append(row, held(m.id, i)...)
		}
		p.eligibility.row(row...)
	}
}

// attribute writes the payer's practice of the person in June and in December.
func (p *payer) attribute(m *person, year int) {
	if m.practice < 0 {
		return
	}
	june := m.practice
	if m.before >= 0 {
		june = m.before
	}
	p.attribution.row(m.id, strconv.Itoa(year*100+6), local(p.index, june))
	p.attribution.row(m.id, strconv.Itoa(year*100+12), local(p.index, m.practice))
}

// line is one claim line; blank fields are blank in the file.
type line struct {
	on        day
	left      day // discharge of an inpatient stay
	pos, bill string
	hcpcs     string
	diagnosis []string // ICD-10-CM without dots
	procedure string   // ICD-10-PCS
	dollars   int
}

// claim writes a claim of one or more lines. A bill type makes it institutional.
func (p *payer) claim(m *person, npi string, lines ...line) {
	p.claims++
	id := fmt.Sprintf("%c%09d", 'A'+p.index, p.claims)
	for i, l := range lines {
		kind, end := "professional", l.on
		if l.bill != "" {
			kind = "institutional"
		}
		var admitted, units any = "", 1
		if l.left != 0 {
			admitted, end, units = l.on, l.left, int(l.left-l.on)
		}
		var dx1, dx2, dxType, pcsType string
		if len(l.diagnosis) > 0 {
			dx1, dxType = l.diagnosis[0], "icd-10-cm"
		}
		if len(l.diagnosis) > 1 {
			dx2 = l.diagnosis[1]
		}
		if l.procedure != "" {
			pcsType = "icd-10-pcs"
		}
		p.medical.row(id, i+1, kind, m.id, l.on, end, admitted, l.left, l.pos, l.bill, units, l.hcpcs, npi,
			cents(l.dollars*80), cents(l.dollars*100), dxType, dx1, dx2, pcsType, l.procedure)
	}
}

// result writes a laboratory result. A blank value has the status of a cancelled test.
func (p *payer) result(m *person, loinc string, on day, value, units string) {
	p.labs++
	status := "final"
	if value == "" {
		status = "cancelled"
	}
	p.lab.row(fmt.Sprintf("%cL%08d", 'A'+p.index, p.labs), m.id, "loinc", loinc, status, value, on, units)
}
