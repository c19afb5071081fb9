package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/node/store"
)

// bulk is a bulk export of two people with a resource of every kind that gives rows by code.
const bulk = `{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1980-02-29"}
{"resourceType":"Patient","id":"p2","gender":"male","birthDate":"1975-12-31"}
{"resourceType":"Coverage","id":"c1","status":"active","beneficiary":{"reference":"Patient/p1"},"period":{"start":"2025-01-01"}}
{"resourceType":"Coverage","id":"c2","status":"active","beneficiary":{"reference":"Patient/p2"},"period":{"start":"2025-01-01","end":"2026-06-30"}}
{"resourceType":"Encounter","id":"e1","status":"finished","type":[{"coding":[{"code":"E-1"},{"code":"E-2"}]}],"subject":{"reference":"Patient/p1"},"period":{"start":"2026-01-05T08:00:00Z"}}
{"resourceType":"Condition","id":"d1","code":{"coding":[{"code":"F31.9"}]},"subject":{"reference":"Patient/p2"},"onsetDateTime":"2020-01-01"}
{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"code":"73832-8"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-05","valueQuantity":{"value":7.10,"unit":"%"}}
{"resourceType":"Procedure","id":"r1","status":"completed","code":{"coding":[{"code":"PR-1"}]},"subject":{"reference":"Patient/p2"},"performedDateTime":"2026-01-05T08:00:00Z"}
{"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","code":{"coding":[{"code":"SR-1"}]},"subject":{"reference":"Patient/p1"},"authoredOn":"2026-01-05"}
{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"code":"MR-1"}]},"subject":{"reference":"Patient/p2"},"authoredOn":"2026-01-05","dispenseRequest":{"expectedSupplyDuration":{"value":30,"code":"d"},"numberOfRepeatsAllowed":1}}
{"resourceType":"Immunization","id":"i1","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"150"}]},"patient":{"reference":"Patient/p1"},"occurrenceDateTime":"2026-01-05"}
`

var huge = []string{"1e400", "-1e-400", strings.Repeat("9", 4000), "0.1e1", "1E+5", `"30"`, "null", "true", "{}", "[]"}

func strike(r *rand.Rand, s string) string {
	lines := strings.SplitAfter(s, "\n")
	i := r.IntN(len(lines) - 1)
	switch r.IntN(10) {
	case 0, 1, 2:
		b := []byte(s)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return string(b)
	case 3:
		return s[:r.IntN(len(s))]
	case 4:
		lines = slices.Delete(lines, i, i+1)
	case 5:
		lines = slices.Insert(lines, i, lines[i])
	case 6: // a line cut in two, or two lines one
		k := r.IntN(len(lines[i]))
		lines[i] = lines[i][:k] + "\n" + lines[i][k:]
	case 7:
		lines[i] = strings.TrimSuffix(lines[i], "\n")
	case 8:
		for _, number := range []string{"7.10", "30", ":1}"} {
			lines[i] = strings.Replace(lines[i], number, strings.Replace(number, strings.Trim(number, ":}"), huge[r.IntN(len(huge))], 1), 1)
		}
	case 9:
		letter := []string{"\xe9", "\x00", "\\u0000", "\\ud800", "é", "\u2028"}[r.IntN(6)]
		k := r.IntN(len(lines[i]))
		lines[i] = lines[i][:k] + letter + lines[i][k:]
	}
	return strings.Join(lines, "")
}

// rowsOf reads an export without the loader: table/id/person/code of what must be there; ok is false where a line is no JSON object.
func rowsOf(text string) (rows []string, ok bool) {
	tables := map[string]string{"Encounter": "encounter", "Condition": "condition", "Observation": "observation", "Procedure": "procedure", "ServiceRequest": "service_request",
		"MedicationRequest": "medication_request", "Immunization": "immunization"}
	for _, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var r map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber() // a number may be beyond any float
		if !json.Valid([]byte(line)) || d.Decode(&r) != nil || r == nil {
			return nil, false
		}
		get := func(m any, name string) any { // names as encoding/json takes them
			o, _ := m.(map[string]any)
			for k, v := range o {
				if strings.EqualFold(k, name) {
					return v
				}
			}
			return nil
		}
		kind, _ := get(r, "resourceType").(string)
		table := tables[kind]
		if table == "" {
			continue
		}
		who := get(r, "subject")
		if kind == "Immunization" {
			who = get(r, "patient")
		}
		reference, _ := get(who, "reference").(string)
		_, person, _ := strings.Cut(reference, "Patient/")
		concepts := []any{get(r, map[string]string{"Encounter": "type", "MedicationRequest": "medicationCodeableConcept", "Immunization": "vaccineCode"}[kind])}
		if kind != "Encounter" && concepts[0] == nil {
			concepts[0] = get(r, "code")
		}
		if list, is := concepts[0].([]any); is {
			concepts = list
		}
		n := 0
		for _, c := range concepts {
			codings, _ := get(c, "coding").([]any)
			for _, k := range codings {
				code, _ := get(k, "code").(string)
				if code == "" {
					continue
				}
				id := fmt.Sprint(get(r, "id"))
				if n++; kind == "Observation" && n > 1 {
					id += fmt.Sprintf("#%d", n)
				}
				rows = append(rows, strings.Join([]string{table, id, person, code}, "/"))
			}
		}
		if kind == "Immunization" && n == 0 {
			rows = append(rows, strings.Join([]string{table, fmt.Sprint(get(r, "id")), person, ""}, "/"))
		}
	}
	slices.Sort(rows)
	return rows, true
}

// Exports with bits turned, lines cut, lost, joined and doubled, and numbers beyond measure: each is refused whole, naming its file, or what is in the tables is
// what another reading finds.
func TestExportUnderFire(t *testing.T) {
	s := newStore(t)
	r := rand.New(rand.NewPCG(11, 22))
	dir, loaded := t.TempDir(), 0
	for n := range 160 {
		text := bulk
		if n > 0 {
			text = strike(r, bulk)
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", n))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := FHIR(t.Context(), s, Options{}, path)
		var want []string
		if err != nil {
			if refusal, ok := errors.AsType[*store.FileError](err); !ok || refusal.Problems[0].File != path || refusal.Problems[0].Reason == "" {
				t.Errorf("%d: %v", n, err)
			}
		} else {
			loaded++
			var ok bool
			if want, ok = rowsOf(text); !ok {
				t.Errorf("%d: loaded, though a line is no JSON: %q", n, text)
			}
		}
		if got := rowsIn(t, s); !slices.Equal(got, want) {
			t.Errorf("%d: %v\n in the tables %v\n in the file   %v", n, err, got, want)
		}
		if _, err := s.Unload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if loaded < 25 || loaded > 135 {
		t.Errorf("%d of 160 were loaded: the test has lost its point", loaded)
	}
}

// rowsIn are the rows of the tables in the form of rowsOf.
func rowsIn(t *testing.T, s *store.Store) (rows []string) {
	t.Helper()
	for _, name := range []string{"encounter", "condition", "observation", "procedure", "service_request", "medication_request", "immunization"} {
		var at [3]int
		for i, column := range store.Columns()[name] {
			switch column {
			case name + "_id":
				at[0] = i
			case "person_id":
				at[1] = i
			case "source_code":
				at[2] = i
			}
		}
		for row, err := range s.Export(t.Context(), name) {
			if err != nil {
				t.Fatal(err)
			}
			code, _ := row[at[2]].(string)
			rows = append(rows, fmt.Sprintf("%s/%v/%v/%s", name, row[at[0]], row[at[1]], code))
		}
	}
	slices.Sort(rows)
	return rows
}
