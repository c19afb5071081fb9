package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/node/store"
)

// fhirLayouts are the columns that a FHIR load fills, in the order in which
// the mapping gives their values.
var fhirLayouts = []store.Layout{
	{Table: "eligibility", Columns: []string{"person_id", "payer", "gender", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date", "zip_code", "county", "race", "ethnicity", "language"}},
	{Table: "encounter", Columns: []string{"encounter_id", "person_id", "status", "source_code_type", "source_code", "encounter_start_datetime", "encounter_end_datetime"}},
	{Table: "condition", Columns: []string{"condition_id", "person_id", "status", "verification_status", "source_code_type", "source_code", "recorded_date", "onset_date", "resolved_date"}},
	{Table: "observation", Columns: []string{"observation_id", "person_id", "observation_date", "observation_type", "source_code_type", "source_code", "result", "source_units", "status", "status_reason_code", "observation_datetime", "issued_datetime", "observation_end_datetime"}},
	{Table: "lab_result", Columns: []string{"lab_result_id", "person_id", "source_component_type", "source_component_code", "status", "result", "result_datetime", "collection_datetime", "source_units"}},
	{Table: "procedure", Columns: []string{"procedure_id", "person_id", "status", "source_code_type", "source_code", "procedure_datetime"}},
	{Table: "service_request", Columns: []string{"service_request_id", "person_id", "status", "intent", "do_not_perform", "source_code_type", "source_code", "authored_datetime"}},
	{Table: "medication_request", Columns: []string{"medication_request_id", "person_id", "status", "intent", "do_not_perform", "source_code_type", "source_code", "authored_datetime", "start_datetime", "end_datetime"}},
	{Table: "immunization", Columns: []string{"immunization_id", "person_id", "occurrence_date", "source_code_type", "source_code", "status"}},
}

var systems = map[string]string{
	"http://snomed.info/sct": "snomed-ct", "http://loinc.org": "loinc", "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
	"http://hl7.org/fhir/sid/icd-10-cm": "icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm": "icd-9-cm", "http://hl7.org/fhir/sid/icd-10": "icd-10",
	"http://www.cms.gov/Medicare/Coding/ICD10": "icd-10-pcs", "http://hl7.org/fhir/sid/icd-10-pcs": "icd-10-pcs", "http://hl7.org/fhir/sid/ndc": "ndc",
	"http://hl7.org/fhir/sid/cvx": "cvx", "http://www.ama-assn.org/go/cpt": "cpt", "http://www.nlm.nih.gov/research/umls/hcpcs": "hcpcs",
	"https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs", "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
}

func systemOf(uri string) string {
	if s, ok := systems[uri]; ok {
		return s
	}
	return "local"
}

// each calls f once for every distinct code of the concepts.
func each(f func(kind, code string) error, concepts ...concept) (int, error) {
	var seen []string
	for _, c := range concepts {
		for _, k := range c.Coding {
			if k.Code == "" || slices.Contains(seen, k.Code) {
				continue
			}
			seen = append(seen, k.Code)
			if err := f(systemOf(k.System), k.Code); err != nil {
				return len(seen), err
			}
		}
	}
	return len(seen), nil
}

// fieldError names the element that cannot be used.
type fieldError struct {
	element string
	err     error
}

func (e *fieldError) Error() string { return e.element + " " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// fields reads dates of one resource and keeps the first error.
type fields struct {
	clock
	err error
}

func (f *fields) take(read func(string) (any, error), element, s string) any {
	v, err := read(s)
	if err != nil && f.err == nil {
		f.err = &fieldError{element, err}
	}
	return v
}

func (m *mapper) resource(r *resource) error {
	person := m.person(r)
	if person == "" && r.Type != "Patient" {
		return &fieldError{"the subject", errors.New("is missing or is no Patient")}
	}
	if r.ID == "" {
		return &fieldError{"id", errors.New("is missing")}
	}
	switch r.Type {
	case "Patient":
		return m.patient(r)
	case "Encounter":
		return m.encounter(r, person)
	case "Condition":
		return m.condition(r, person)
	case "Observation":
		return m.observation(r, person)
	case "Procedure":
		return m.procedure(r, person)
	case "ServiceRequest":
		f := fields{clock: m.clock}
		at := f.take(f.instant, "authoredOn", r.Authored)
		return m.coded(r, &f, func(kind, code string) error {
			return m.add("service_request", m.space+r.ID, person, r.Status, r.Intent, flag(r.DoNotPerform), kind, code, at)
		}, r.Code)
	case "MedicationRequest":
		return m.medication(r, person)
	case "ExplanationOfBenefit", "Claim":
		return m.billed(r, person)
	case "Immunization":
		return m.immunization(r, person)
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// coded adds a row per code, and counts resources that have none.
func (m *mapper) coded(r *resource, f *fields, add func(kind, code string) error, concepts ...concept) error {
	if f.err != nil {
		return f.err
	}
	n, err := each(add, concepts...)
	if err == nil && n == 0 {
		m.skipped[r.Type+" without a code"]++
	}
	return err
}

func (m *mapper) encounter(r *resource, person string) error {
	var kinds []concept
	if len(r.Kind) > 0 {
		if err := json.Unmarshal(r.Kind, &kinds); err != nil {
			return &fieldError{"type", errors.New("is not a list of concepts")}
		}
	}
	f := fields{clock: m.clock}
	var p period
	if r.Period != nil {
		p = *r.Period
	}
	from, to := f.take(f.instant, "period.start", p.Start), f.take(f.instant, "period.end", p.End)
	return m.coded(r, &f, func(kind, code string) error {
		return m.add("encounter", m.space+r.ID, person, r.Status, kind, code, from, to)
	}, kinds...)
}

func code(c concept) string {
	if len(c.Coding) > 0 {
		return c.Coding[0].Code
	}
	return ""
}

func (m *mapper) condition(r *resource, person string) error {
	f := fields{clock: m.clock}
	onset, end := m.onset(r, person), r.Abatement
	if r.AbatementPeriod != nil {
		end = r.AbatementPeriod.End
	}
	recorded, from := f.take(f.lastDay, "recordedDate", r.Recorded), f.take(f.lastDay, "onset", onset)
	resolved := f.take(f.lastDay, "abatement", end)
	return m.coded(r, &f, func(kind, c string) error {
		return m.add("condition", m.space+r.ID, person, code(r.ClinicalStatus), code(r.VerificationStatus), kind, c, recorded, from, resolved)
	}, r.Code)
}

// onset is the first day of a condition as it is said; an age in years counts from the birth date.
func (m *mapper) onset(r *resource, person string) string {
	switch {
	case r.OnsetPeriod != nil:
		return r.OnsetPeriod.Start
	case r.Onset != "" || r.OnsetAge == nil:
		return r.Onset
	}
	unit := r.OnsetAge.Code
	if unit == "" {
		unit = r.OnsetAge.Unit
	}
	years, err := strconv.Atoi(r.OnsetAge.Value.String())
	born, wrong := time.Parse(time.DateOnly, m.births[person])
	if err != nil || wrong != nil || years < 0 || years > 150 || !slices.Contains([]string{"a", "year", "years", "yr"}, unit) {
		return ""
	}
	return born.AddDate(years, 0, 0).Format(time.DateOnly)
}

func (m *mapper) procedure(r *resource, person string) error {
	f := fields{clock: m.clock}
	at := r.Performed
	if r.PerformedPeriod != nil {
		at = r.PerformedPeriod.Start
	}
	from := f.take(f.instant, "performed", at)
	return m.coded(r, &f, func(kind, code string) error {
		return m.add("procedure", m.space+r.ID, person, r.Status, kind, code, from)
	}, r.Code)
}

func (m *mapper) medication(r *resource, person string) error {
	f := fields{clock: m.clock}
	at := f.take(f.instant, "authoredOn", r.Authored)
	from, to, err := m.clock.taken(r)
	if err != nil {
		return &fieldError{"the dosage, dispense or order date", err}
	}
	drug := concept{}
	switch {
	case r.Medication != nil:
		drug = *r.Medication
	case r.MedicationRef != nil:
		var ok bool
		if drug, ok = m.drug(r); !ok {
			return &fieldError{"medicationReference", errors.New("refers to a Medication that is not in the data")}
		}
	}
	return m.coded(r, &f, func(kind, code string) error {
		return m.add("medication_request", m.space+r.ID, person, r.Status, r.Intent, flag(r.DoNotPerform), kind, code, at, from, to)
	}, drug)
}

func (m *mapper) drug(r *resource) (concept, bool) {
	ref := r.MedicationRef.Reference
	if local, ok := strings.CutPrefix(ref, "#"); ok {
		for _, raw := range r.Contained {
			var c resource
			if json.Unmarshal(raw, &c) == nil && c.Type == "Medication" && c.ID == local {
				return c.Code, true
			}
		}
		return concept{}, false
	}
	c, ok := m.drugs[m.resolve(ref, "Medication")]
	return c, ok
}

func (m *mapper) immunization(r *resource, person string) error {
	f := fields{clock: m.clock}
	at := f.take(f.day, "occurrence", r.Occurrence)
	if f.err != nil {
		return f.err
	}
	kind, code := "", ""
	for _, k := range r.Vaccine.Coding {
		if s := systemOf(k.System); k.Code != "" && (kind == "" || s == "cvx" && kind != "cvx") {
			kind, code = s, k.Code
		}
	}
	return m.add("immunization", m.space+r.ID, person, at, kind, code, r.Status)
}

// resolve turns a reference to a resource of a type into its id, or "".
func (m *mapper) resolve(ref, kind string) string {
	if id, ok := m.urls[ref]; ok {
		ref = id
	}
	if id, ok := strings.CutPrefix(ref, "urn:uuid:"); ok {
		return id
	}
	ref, _, _ = strings.Cut(ref, "/_history/")
	if i := strings.LastIndex(ref, kind+"/"); i == 0 || i > 0 && ref[i-1] == '/' {
		return ref[i+len(kind)+1:]
	}
	return ""
}

func (m *mapper) person(r *resource) string {
	if r.Subject.Reference != "" {
		return m.resolve(r.Subject.Reference, "Patient")
	}
	return m.resolve(r.Patient.Reference, "Patient")
}

func (m *mapper) add(table string, values ...any) error {
	if err := m.unit.Add(table, values); err != nil {
		return fmt.Errorf("as a row of %s: %w", table, err)
	}
	return nil
}
