package intake

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/node/store"
)

const people = `{"resourceType":"Patient","id":"p1","gender":"other","birthDate":"1980-02-29","address":[{"postalCode":"02139"}]}
{"resourceType":"Coverage","id":"c1","status":"active","beneficiary":{"reference":"https://fhir.example/r4/Patient/p1"},"payor":[{"display":"Plan A"}],"period":{"start":"2025-01-01"}}
`

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A bulk export: a file a resource type, with references between them; loaded whole, and once.
func TestFHIRNDJSON(t *testing.T) {
	s := newStore(t)
	dir := folder(t, map[string]string{
		"1.Patient.ndjson": "\ufeff" + people,
		"2.Medication.ndjson": `{"resourceType":"Medication","id":"m1","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"313782"}]}}` + "\r\n" +
			`{"resourceType":"MedicationRequest","id":"r1","status":"active","intent":"order","medicationReference":{"reference":"Medication/m1/_history/2"},"subject":{"reference":"Patient/p1"},"authoredOn":"2026-03-01T23:30:00-05:00","dispenseRequest":{"expectedSupplyDuration":{"value":30,"code":"d"},"numberOfRepeatsAllowed":1}}` + "\r\n",
		"3.Observation.ndjson": `{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"},{"system":"urn:local","code":"A1C"}]},"category":[{"coding":[{"code":"laboratory"}]}],"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01","valueQuantity":{"value":7.10,"unit":"%"}}` + "\n" +
			`{"resourceType":"Device","id":"d1"}` + "\n",
	})
	for round := range 2 {
		r, err := FHIR(t.Context(), s, Options{}, dir)
		if err != nil || r.Already != (round == 1) || r.Skipped["Device"] != 1 {
			t.Fatal(r, err)
		}
		count(t, s, map[string]int64{"eligibility": 1, "medication_request": 1, "lab_result": 2, "observation": 0})
	}
	_, err := FHIR(t.Context(), s, Options{}, filepath.Join(dir, "1.Patient.ndjson"), write(t, "new.ndjson", people))
	if _, refused := errors.AsType[*store.FileError](err); !refused {
		t.Errorf("half of it loaded before: %v", err)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{name: text}), name)
}

// What cannot be used is refused with its line or entry, nothing of the load stays, and no value shows.
func TestFHIRRefused(t *testing.T) {
	encounter := `{"resourceType":"Encounter","id":"SECRET","status":"finished","type":[{"coding":[{"code":"1"}]}],"subject":{"reference":"Patient/p1"},"period":{"start":%}}` + "\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"partial time":  {"a.ndjson", people + strings.ReplaceAll(encounter, "%", `"2026"`), "a.ndjson:3: Encounter: period.start says the year or month only"},
		"no time":       {"a.ndjson", people + strings.ReplaceAll(encounter, "%", `"SECRET"`), ":3: Encounter: period.start is not a FHIR date"},
		"number":        {"a.ndjson", people + strings.ReplaceAll(encounter, "%", `2026`), ":3: Encounter: cannot be read: element period.start is a number"},
		"truncated":     {"a.ndjson", people + `{"resourceType":"Enc`, ":3: is not a JSON object of a FHIR resource (it ends too early)"},
		"no subject":    {"a.ndjson", people + `{"resourceType":"Condition","id":"x"}` + "\n", ":3: Condition: the subject is missing"},
		"no cover":      {"a.ndjson", strings.SplitAfter(people, "\n")[0], ":1: Patient: the Patient has no Coverage"},
		"no birth date": {"a.ndjson", `{"resourceType":"Patient","id":"p9"}`, "birthDate is missing"},
		"in a bundle":   {"a.json", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p9","birthDate":"1990-13-01"}}]}`, "entry 1, Patient: birthDate is not a FHIR date"},
		"no drug":       {"a.ndjson", people + `{"resourceType":"MedicationRequest","id":"x","subject":{"reference":"Patient/p1"},"medicationReference":{"reference":"Medication/zz"}}` + "\n", "refers to a Medication that is not in the data"},
		"Latin-1":       {"a.ndjson", people + strings.ReplaceAll(strings.ReplaceAll(encounter, "%", `"2026-01-01"`), "SECRET", "SECRET\xe9"), "a.ndjson:3: is not UTF-8 text"},
		"modified":      {"a.ndjson", people + strings.ReplaceAll(strings.ReplaceAll(encounter, "%", `"2026-01-01"`), `"status"`, `"modifierExtension":[{"url":"SECRET"}],"status"`), ":3: Encounter: has a modifier extension that is not known"},
		"twice":         {"a.ndjson", people + strings.Repeat(strings.ReplaceAll(encounter, "%", `"2026-01-01"`), 2), "repeats the key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			_, err := FHIR(t.Context(), s, Options{}, write(t, c.file, c.text))
			if _, refused := errors.AsType[*store.FileError](err); !refused || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%v, want %q", err, c.want)
			}
			count(t, s, map[string]int64{"eligibility": 0, "encounter": 0})
		})
	}
}

// The time in which a drug is taken, by the rules of the package comment.
func TestTaken(t *testing.T) {
	for _, c := range []struct{ request, start, end string }{
		{`{"authoredOn":"2026-03-01T12:00:00Z","dispenseRequest":{"expectedSupplyDuration":{"value":30,"unit":"days"}}}`, "2026-03-01", "2026-03-30"},
		{`{"authoredOn":"2026-03-01","dispenseRequest":{"expectedSupplyDuration":{"value":2,"code":"wk"},"numberOfRepeatsAllowed":2}}`, "2026-03-01", "2026-04-11"},
		{`{"authoredOn":"2026-03-01","dispenseRequest":{"quantity":{"value":30}},"dosageInstruction":[{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","boundsPeriod":{"start":"2026-03-03"}}},"doseAndRate":[{"doseQuantity":{"value":1}}]}]}`, "2026-03-03", "2026-03-17"},
		{`{"authoredOn":"2026-03-01","dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2026-03-02","end":"2026-03-09"}}}}]}`, "2026-03-02", "2026-03-09"},
		{`{"dispenseRequest":{"validityPeriod":{"start":"2026-05-05"}}}`, "2026-05-05", ""},
		{`{"authoredOn":"2026-03-01"}`, "2026-03-01", ""},
		{`{}`, "", ""},
	} {
		var r resource
		if err := json.Unmarshal([]byte(c.request), &r); err != nil {
			t.Fatal(err)
		}
		start, end, err := clock{time.UTC}.taken(&r)
		text := func(v any) string {
			if d, ok := v.(time.Time); ok {
				return d.Format(time.DateOnly)
			}
			return ""
		}
		if err != nil || text(start) != c.start || text(end) != c.end {
			t.Errorf("%s: %v to %v (%v), want %s to %s", c.request, start, end, err, c.start, c.end)
		}
	}
}

// Whatever the bytes, the loader refuses or loads and does not panic.
func FuzzFHIR(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1","birthDate":"1990-01-01"}},{}]}`))
	f.Add([]byte(`{"resourceType":"Observation","id":"1","component":[{"valueQuantity":{"value":1e99}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := &mapper{clock: clock{time.UTC}, covers: map[string][]cover{}, drugs: map[string]concept{}, births: map[string]string{}, urls: map[string]string{}, skipped: map[string]int64{}}
		top(at{}, raw, func(_ at, url string, raw json.RawMessage) error {
			m.index(url, raw)
			if r, _, err := m.decode(url, raw, false); err == nil && r != nil {
				m.coverage(r)
				m.clock.taken(r)
				reasons(r)
				m.onset(r, "1")
				r.value.texts()
			}
			return nil
		})
	})
}
