package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/node/store"
)

// identified is a reference to somebody with an NPI: by identifier, by a conditional reference, or by a resource of the data that has one.
type identified struct {
	Reference  string     `json:"reference"`
	Identifier identifier `json:"identifier"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

const npiSystem = "http://hl7.org/fhir/sid/us-npi"

type money struct {
	Value    json.Number `json:"value"`
	Currency string      `json:"currency"`
}

type adjudication struct {
	Category concept `json:"category"`
	Amount   *money  `json:"amount"`
}

// bill is what an ExplanationOfBenefit and a Claim have in common, and the former's adjudication.
type bill struct {
	Type     string     `json:"resourceType"`
	ID       string     `json:"id"`
	Status   string     `json:"status"`
	Use      string     `json:"use"`
	Kind     concept    `json:"type"`
	Billable period     `json:"billablePeriod"`
	Provider identified `json:"provider"`
	Facility identified `json:"facility"`
	Claim    reference  `json:"claim"`
	Payment  struct {
		Date string `json:"date"`
	} `json:"payment"`
	CareTeam []struct {
		Sequence json.Number `json:"sequence"`
		Provider identified  `json:"provider"`
		Role     concept     `json:"role"`
	} `json:"careTeam"`
	Info []struct {
		Category concept   `json:"category"`
		Code     concept   `json:"code"`
		Period   *period   `json:"timingPeriod"`
		Quantity *quantity `json:"valueQuantity"`
	} `json:"supportingInfo"`
	Diagnosis []struct {
		Code concept   `json:"diagnosisCodeableConcept"`
		Type []concept `json:"type"`
	} `json:"diagnosis"`
	Procedure []struct {
		Code concept `json:"procedureCodeableConcept"`
	} `json:"procedure"`
	Item  []item         `json:"item"`
	Total []adjudication `json:"total"`
}

type item struct {
	Sequence     json.Number    `json:"sequence"`
	CareTeam     []json.Number  `json:"careTeamSequence"`
	Revenue      concept        `json:"revenue"`
	Product      concept        `json:"productOrService"`
	Modifier     []concept      `json:"modifier"`
	Serviced     string         `json:"servicedDate"`
	Period       *period        `json:"servicedPeriod"`
	Location     concept        `json:"locationCodeableConcept"`
	Quantity     *quantity      `json:"quantity"`
	Adjudication []adjudication `json:"adjudication"`
}

var claimLayouts = []store.Layout{
	{Table: "medical_claim", Columns: slices.Concat([]string{"claim_id", "claim_line_number", "claim_type", "person_id", "claim_start_date", "claim_end_date", "claim_line_start_date", "claim_line_end_date",
		"admission_date", "discharge_date", "discharge_disposition_code", "bill_type_code", "drg_code", "place_of_service_code", "revenue_center_code", "service_unit_quantity", "hcpcs_code",
		"hcpcs_modifier_1", "hcpcs_modifier_2", "hcpcs_modifier_3", "hcpcs_modifier_4", "hcpcs_modifier_5", "rendering_npi", "billing_npi", "facility_npi", "paid_amount", "allowed_amount", "paid_date",
		"diagnosis_code_type"}, numberedColumns("diagnosis_code"), []string{"procedure_code_type"}, numberedColumns("procedure_code"))},
	{Table: "pharmacy_claim", Columns: []string{"claim_id", "claim_line_number", "person_id", "prescribing_provider_npi", "dispensing_provider_npi", "dispensing_date", "ndc_code", "days_supply",
		"paid_amount", "allowed_amount"}},
}

const maxClaimCodes = 25

func numberedColumns(name string) (out []string) {
	for i := range maxClaimCodes {
		out = append(out, fmt.Sprintf("%s_%d", name, i+1))
	}
	return out
}

// billed takes the resource apart; what is not in force or no bill is counted and left alone.
func (m *mapper) billed(r *resource, person string) error {
	var b bill
	if err := json.Unmarshal(r.raw, &b); err != nil {
		return &fieldError{"the resource", errors.New("cannot be read: " + shape(err))}
	}
	b.ID = r.ID
	switch {
	case b.Status != "active":
		m.skipped[b.Type+" that is not active"]++
		return nil
	case b.Use != "" && b.Use != "claim":
		m.skipped[b.Type+" that is no bill"]++
		return nil
	case b.Type == "Claim" && m.explained[b.ID]:
		m.skipped["Claim with an ExplanationOfBenefit"]++
		return nil
	}
	c := &claimed{m: m, b: &b, person: person, f: fields{clock: m.clock}}
	if len(b.Item) == 0 {
		b.Item = []item{{Sequence: "1"}}
	}
	amounts := slices.ContainsFunc(b.Item, func(i item) bool { return len(i.Adjudication) > 0 })
	if !amounts { // amounts of the whole claim stand on its first line
		b.Item[0].Adjudication = b.Total
	}
	for _, i := range b.Item {
		if err := c.line(i); err != nil {
			return err
		}
	}
	return nil
}

// npi is the NPI of somebody, or "".
func (m *mapper) npi(p identified) string {
	if p.Identifier.System == npiSystem {
		return p.Identifier.Value
	}
	if _, value, ok := strings.Cut(p.Reference, npiSystem+"|"); ok {
		return value
	}
	if id, ok := m.urls[p.Reference]; ok {
		p.Reference = id
	}
	for _, kind := range []string{"Practitioner", "Organization"} {
		if id := m.resolve(p.Reference, kind); id != "" && m.npis[kind+"/"+id] != "" {
			return m.npis[kind+"/"+id]
		}
	}
	return ""
}

// provider keeps the NPI of a Practitioner or Organization, for those who refer to it, and which Claims are explained.
func (m *mapper) provider(url string, raw json.RawMessage) {
	var p struct {
		Type       string          `json:"resourceType"`
		ID         string          `json:"id"`
		Identifier json.RawMessage `json:"identifier"`
		Claim      reference       `json:"claim"`
	}
	if json.Unmarshal(raw, &p) != nil || identity(p.ID, url) == "" {
		return // what is wrong with it is said where it is mapped
	}
	p.ID = identity(p.ID, url)
	switch p.Type {
	case "ExplanationOfBenefit":
		m.references = append(m.references, p.Claim.Reference)
	case "Practitioner", "Organization":
		var list []identifier
		if json.Unmarshal(p.Identifier, &list) != nil {
			return
		}
		for _, i := range list {
			if i.System == npiSystem {
				m.npis[p.Type+"/"+p.ID] = i.Value
			}
		}
		if url != "" {
			m.urls[url] = p.Type + "/" + p.ID
		}
	}
}
