package withhold

import "fmt"

// columns of a table that codes of a system may stand in.
type columns map[string][]string

// table says of a table of persons when a row happened and which of its columns hold codes.
type table struct {
	from, to []string // columns of the first and last day, in order of preference; empty: undated
	kind     dating
	codes    columns
	claims   bool // Part 2 takes out the whole claim, not the row
}

type dating int

const (
	byDay dating = iota
	byMonth
	byYear
)

// source is where the clinical tables keep a code, whatever its system.
var source = columns{"diagnosis": {"source_code"}, "procedure": {"source_code"}, "hcpcs": {"source_code"}, "snomed": {"source_code"}, "ingredient": {"source_code"}}

// tables are the canonical tables that have person_id, eligibility aside (node/store documents them; a test there holds the two together).
var tables = map[string]table{
	"medical_claim": {claims: true, from: []string{"claim_start_date", "admission_date", "claim_end_date"}, to: []string{"claim_end_date", "discharge_date", "claim_start_date"},
		codes: columns{"diagnosis": numbered("diagnosis_code"), "procedure": numbered("procedure_code"), "hcpcs": {"hcpcs_code"}, "place": {"place_of_service_code"},
			"revenue": {"revenue_center_code"}, "drg": {"drg_code"}, "npi": {"rendering_npi", "billing_npi", "facility_npi"}}},
	"pharmacy_claim": {from: []string{"dispensing_date"}, to: []string{"dispensing_date"},
		codes: columns{"ingredient": {"ndc_code"}, "npi": {"prescribing_provider_npi", "dispensing_provider_npi"}}},
	"lab_result":           {from: []string{"collection_datetime", "result_datetime"}, to: []string{"collection_datetime", "result_datetime"}},
	"observation":          {from: []string{"observation_date"}, to: []string{"observation_date"}, codes: columns{"snomed": {"source_code"}}},
	"immunization":         {from: []string{"occurrence_date"}, to: []string{"occurrence_date"}},
	"provider_attribution": {kind: byMonth, from: []string{"year_month"}},
	"encounter":            {from: []string{"encounter_start_datetime", "encounter_end_datetime"}, to: []string{"encounter_end_datetime", "encounter_start_datetime"}, codes: source},
	"condition":            {from: []string{"recorded_date", "onset_date"}, to: []string{"recorded_date", "onset_date"}, codes: source},
	"procedure":            {from: []string{"procedure_datetime"}, to: []string{"procedure_datetime"}, codes: source},
	"service_request":      {from: []string{"authored_datetime"}, to: []string{"authored_datetime"}, codes: source},
	"medication_request":   {from: []string{"start_datetime", "authored_datetime"}, to: []string{"end_datetime", "start_datetime", "authored_datetime"}, codes: source},
	"annual_summary":       {kind: byYear, from: []string{"year"}},
	"measure_result":       {},
}

// unpersonal tables hold nobody's rows.
var unpersonal = map[string]bool{"drug_crosswalk": true, "deprivation_index": true, "practice_crosswalk": true}

// Known says whether there is a rule for a table.
func Known(name string) bool {
	_, ok := tables[name]
	return ok || unpersonal[name] || name == "eligibility"
}

// Columns are the columns of a table that its rule reads, person_id aside.
func Columns(name string) []string {
	if name == "eligibility" {
		return []string{"plan", "funding", "enrollment_start_date", "enrollment_end_date"}
	}
	t := tables[name]
	out := append(append([]string{}, t.from...), t.to...)
	for _, c := range t.codes {
		out = append(out, c...)
	}
	if t.claims {
		out = append(out, "claim_id")
	}
	return out
}

func numbered(name string) []string {
	out := make([]string, 25)
	for i := range out {
		out[i] = fmt.Sprintf("%s_%d", name, i+1)
	}
	return out
}
