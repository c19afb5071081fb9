package deck

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The value sets of the cases below: codes of no meaning, several systems in one set.
var sets = map[string][][2]string{
	"Encounter to Screen for Depression": {{snomed, "E-1"}, {"http://www.ama-assn.org/go/cpt", "E-2"}, {"http://www.nlm.nih.gov/research/umls/hcpcs", "E-3"}},
	"Physical Therapy Evaluation":        {{snomed, "P-1"}}, "Telephone Visits": {{snomed, "T-1"}},
	"Referral for Adult Depression": {{snomed, "RA"}, {snomed, "RB"}}, "Referral for Adolescent Depression": {{snomed, "RT"}, {snomed, "RB"}},
	"Follow Up for Adult Depression": {{snomed, "FA"}}, "Follow Up for Adolescent Depression": {{snomed, "FT"}},
	"Adult Depression Medications": {{rxnorm, "MA"}}, "Adolescent Depression Medications": {{rxnorm, "MT"}},
	"Medical Reason": {{snomed, "NO"}}, "Bipolar Disorder": {{snomed, "BI"}, {"http://hl7.org/fhir/sid/icd-10-cm", "F31.9"}},
}

const (
	snomed   = "http://snomed.info/sct"
	rxnorm   = "http://www.nlm.nih.gov/research/umls/rxnorm"
	adult    = "73832-8"
	teen     = "73831-0"
	negative = "428171000124102"
	positive = "428181000124104"
	declined = "720834000"
)

type object = map[string]any

func concept(system string, codes ...string) object {
	var list []object
	for _, c := range codes {
		list = append(list, object{"system": system, "code": c})
	}
	return object{"coding": list}
}

func span(start, end string) object {
	p := object{"start": start}
	if end != "" {
		p["end"] = end
	}
	return p
}

// with is the resource with further elements, in pairs; nil takes one away.
func with(r object, pairs ...any) object {
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i].(string)] = pairs[i+1]
		if pairs[i+1] == nil {
			delete(r, pairs[i].(string))
		}
	}
	return r
}

func encounter(start, end string, more ...any) object {
	return with(object{"resourceType": "Encounter", "status": "finished", "type": []object{concept(snomed, "E-1")}, "period": span(start, end)}, more...)
}

// visit is an encounter of 8:00 to 8:15 on a day.
func visit(day string, more ...any) object {
	return encounter(day+"T08:00:00Z", day+"T08:15:00.000+00:00", more...)
}

func screening(code, at, result string, more ...any) object {
	return with(object{"resourceType": "Observation", "status": "final", "code": concept("http://loinc.org", code), "effectiveDateTime": at,
		"valueCodeableConcept": concept(snomed, result)}, more...)
}

func refused(code, issued string, reason ...string) object {
	return object{"resourceType": "Observation", "status": "cancelled", "code": concept("http://loinc.org", code), "issued": issued, "valueBoolean": true,
		"extension": []object{{"url": "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneReason", "valueCodeableConcept": concept(snomed, reason...)}}}
}

func referral(code, authored string, more ...any) object {
	return with(object{"resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": concept(snomed, code), "authoredOn": authored}, more...)
}

func followUp(code string, more ...any) object {
	return with(object{"resourceType": "Procedure", "status": "completed", "code": concept(snomed, code)}, more...)
}

// drug is an order for 30 days.
func drug(code, authored string, more ...any) object {
	return with(object{"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": concept(rxnorm, code), "authoredOn": authored,
		"dispenseRequest": object{"expectedSupplyDuration": object{"value": 30, "unit": "days"}}}, more...)
}

func bipolar(code string, more ...any) object {
	return with(object{"resourceType": "Condition", "code": concept(snomed, code), "clinicalStatus": concept("", "active")}, more...)
}

func notDone(what bool) []object {
	return []object{{"url": "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone", "valueBoolean": what}}
}

type edge struct {
	name, born string // "" is 1980
	want       string
	resources  []object
}

func list(r ...object) []object { return r }

// all holds each case against what it must give.
func all(t *testing.T, edges []edge) {
	t.Helper()
	for _, r := range run(t, edges) {
		if !r.OK {
			t.Errorf("%s: %s, want %s %s", r.Case, r.Got, r.Expected, r.Problem)
		}
	}
}

// run takes the cases through the deck command's work.
func run(t *testing.T, edges []edge) []Result {
	t.Helper()
	dir := t.TempDir()
	write := func(path string, v any) {
		raw, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(path, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	values := object{"Race": object{"oid": "2.16.840.1.114222.4.11.836", "codes": [][2]string{{"urn:oid:2.16.840.1.113883.6.238", "1002-5"}}}}
	for name, codes := range sets {
		values[name] = object{"oid": "2.16.840.1.113883.3.526.3.1571|20250101", "codes": codes}
	}
	file := filepath.Join(dir, "values")
	write(file, values)
	for i, e := range edges {
		person := fmt.Sprintf("p%d", i)
		born := e.born
		if born == "" {
			born = "1980-05-05"
		}
		resources := list(object{"resourceType": "Patient", "id": person, "birthDate": born, "gender": "female"})
		for k, r := range e.resources {
			if r["resourceType"] == "Patient" { // the case brings its own, in a bundle
				resources = nil
				continue
			}
			if _, ok := r["id"]; !ok && r["resourceType"] != "Bundle" {
				r["id"] = fmt.Sprintf("r%d", k)
			}
			if _, ok := r["subject"]; !ok && r["resourceType"] != "Bundle" && r["resourceType"] != "Medication" {
				r["subject"] = object{"reference": "Patient/" + person}
			}
			resources = append(resources, r)
		}
		expected := object{}
		for k, n := range strings.Split(e.want, "/") {
			expected[names[k]] = json.Number(n)
		}
		write(filepath.Join(dir, fmt.Sprintf("%03d.json", i)), object{"case": e.name, "expected": expected, "resources": resources})
	}
	results, err := Run(t.Context(), Options{Cases: dir, ValueSets: file, Measure: "qp-dsf", Period: 2026})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(edges) {
		t.Fatalf("%d results of %d cases", len(results), len(edges))
	}
	return results
}

const (
	none, out, excluded, excepted, met = "1/1/0/0/0", "0/0/0/0/0", "1/1/1/0/0", "1/1/0/1/0", "1/1/0/0/1"
)

// Who is in the population, when an encounter is of the period, and which screening decides.
func TestScreeningEdges(t *testing.T) {
	v := func(more ...any) object { return visit("2026-06-20", more...) }
	all(t, []edge{
		{"negative that day", "", met, list(v(), screening(adult, "2026-06-20T08:05:00Z", negative))},
		{"14 days before", "", met, list(v(), screening(adult, "2026-06-06T00:00:00Z", negative))},
		{"15 days before, at its last second", "", none, list(v(), screening(adult, "2026-06-05T23:59:59.999Z", negative))},
		{"later that day", "", met, list(v(), screening(adult, "2026-06-20T23:59:59Z", negative))},
		{"the day after", "", none, list(v(), screening(adult, "2026-06-21T00:00:00Z", negative))},
		{"by a bare date", "", met, list(v(), screening(adult, "2026-06-06", negative))},
		{"by an instant", "", met, list(v(), screening(adult, "", negative, "effectiveDateTime", nil, "effectiveInstant", "2026-06-20T08:05:00.123Z"))},
		{"by a period that ends in time", "", met, list(v(), screening(adult, "", negative, "effectiveDateTime", nil, "effectivePeriod", span("2026-06-01T08:00:00Z", "2026-06-06T08:00:00Z")))},
		{"by a period that ends too early", "", none, list(v(), screening(adult, "", negative, "effectiveDateTime", nil, "effectivePeriod", span("2026-06-01T08:00:00Z", "2026-06-05T08:00:00Z")))},
		{"the year before, for an encounter in January", "", met, list(visit("2026-01-05"), screening(adult, "2025-12-25T08:00:00Z", negative))},
		{"an offset puts it on the 15th day", "", none, list(v(), screening(adult, "2026-06-06T01:00:00+02:00", negative))},
		{"an offset puts it on the 14th day", "", met, list(v(), screening(adult, "2026-06-05T20:00:00-05:00", negative))},
		{"corrected", "", met, list(v(), screening(adult, "2026-06-20", negative, "status", "corrected"))},
		{"preliminary", "", none, list(v(), screening(adult, "2026-06-20", negative, "status", "preliminary"))},
		{"entered in error", "", none, list(v(), screening(adult, "2026-06-20", negative, "status", "entered-in-error"))},
		{"not done, by a modifier", "", none, list(v(), screening(adult, "2026-06-20", negative, "modifierExtension", notDone(true)))},
		{"done, by a modifier", "", met, list(v(), screening(adult, "2026-06-20", negative, "modifierExtension", notDone(false)))},
		{"the finding among several codings", "", met, list(v(), screening(adult, "2026-06-20", "LOCAL", "valueCodeableConcept", concept(snomed, "LOCAL", negative)))},
		{"the instrument among several codings", "", met, list(v(), screening("99-9", "2026-06-20", negative, "code", object{"coding": []object{{"system": "urn:x", "code": "PHQ9"}, {"system": "http://loinc.org", "code": adult}}}))},
		{"another finding", "", none, list(v(), screening(adult, "2026-06-20", "260415000"))},
		{"the last decides: positive", "", none, list(v(), screening(adult, "2026-06-19T08:00:00Z", negative), screening(adult, "2026-06-19T08:00:01Z", positive))},
		{"the last decides: negative", "", met, list(v(), screening(adult, "2026-06-19T08:00:00Z", positive), screening(adult, "2026-06-19T08:00:01Z", negative))},
		{"a cancelled one is not the last", "", met, list(v(), screening(adult, "2026-06-19", negative), screening(adult, "2026-06-20", positive, "status", "cancelled"))},
		{"near the second encounter only", "", met, list(visit("2026-03-01"), v(), screening(adult, "2026-06-10", negative))},
		{"between two, near neither", "", none, list(visit("2026-03-01"), v(), screening(adult, "2026-04-10", negative))},
		{"12 on the first day", "2014-01-01", met, list(v(), screening(teen, "2026-06-20", negative))},
		{"11 on the first day", "2014-01-02", out, list(v(), screening(teen, "2026-06-20", negative))},
		{"16 on the first day, 17 at the encounter, adult instrument", "2009-01-02", none, list(v(), screening(adult, "2026-06-20", negative))},
		{"17 on the first day, adult instrument", "2009-01-01", met, list(v(), screening(adult, "2026-06-20", negative))},
		{"17 on the first day, 18 at the encounter, adolescent instrument", "2008-01-02", met, list(v(), screening(teen, "2026-06-20", negative))},
		{"18 on the first day, adolescent instrument", "2008-01-01", none, list(v(), screening(teen, "2026-06-20", negative))},
		{"first second of the period", "", none, list(encounter("2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z"))},
		{"begun the second before", "", out, list(encounter("2025-12-31T23:59:59Z", "2026-01-01T00:15:00Z"))},
		{"last second of the period", "", none, list(encounter("2026-12-31T23:30:00Z", "2026-12-31T23:59:59Z"))},
		{"ended after the period", "", out, list(encounter("2026-12-31T23:30:00Z", "2027-01-01T00:00:00Z"))},
		{"an offset brings it into the period", "", none, list(encounter("2025-12-31T23:00:00-05:00", "2025-12-31T23:30:00-05:00"))},
		{"an offset takes it out at the start", "", out, list(encounter("2026-01-01T00:30:00+02:00", "2026-01-01T00:45:00+02:00"))},
		{"an offset takes it out at the end", "", out, list(encounter("2026-12-31T20:00:00-05:00", "2026-12-31T20:15:00-05:00"))},
		{"midnight with an offset", "", none, list(encounter("2026-01-01T00:00:00-05:00", "2026-01-01T00:15:00-05:00"))},
		{"planned", "", out, list(v("status", "planned"))}, {"cancelled", "", out, list(v("status", "cancelled"))},
		{"in progress", "", out, list(v("status", "in-progress"))}, {"an error", "", out, list(v("status", "entered-in-error"))},
		{"of another kind", "", out, list(v("type", list(concept(snomed, "X-1"))))}, {"without a type", "", out, list(v("type", nil))},
		{"by the second of two types", "", none, list(v("type", list(concept(snomed, "X-1"), concept(snomed, "P-1"))))},
		{"by a code of another system of the set", "", none, list(v("type", list(concept("http://www.ama-assn.org/go/cpt", "E-2"))))},
		{"by telephone", "", none, list(v("type", list(concept(snomed, "T-1"))))},
	})
}
