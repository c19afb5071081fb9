package library_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
)

// deckDir is the CMS2 test deck beside the project, or a skip.
func deckDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "ecqm")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the CMS2 deck is not beside the project (../shared/data/ecqm)")
	}
	return dir
}

type coding struct{ System, Code string }
type concept struct{ Coding []coding }

// resource is what a case holds, as far as the measure asks for it.
type resource struct {
	ResourceType, ID, Status, Intent, BirthDate, EffectiveDateTime, Issued, AuthoredOn, OnsetDateTime, PerformedDateTime string
	DoNotPerform                                                                                                         bool
	Code, MedicationCodeableConcept                                                                                      *concept
	Type                                                                                                                 json.RawMessage
	Period                                                                                                               struct{ Start, End string }
	ValueCodeableConcept                                                                                                 *concept
	ValueBoolean                                                                                                         *bool
	Extension                                                                                                            []struct {
		URL                  string
		ValueCodeableConcept *concept
	}
	DispenseRequest struct{ ExpectedSupplyDuration struct{ Value int } }
}

// The 18 official cases of CMS2 give the expected populations. This is a mapping of the few fields the deck has, not the FHIR loader.
func TestCMS2Deck(t *testing.T) {
	dir := deckDir(t)
	spec, err := library.Measure("qp-dsf")
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), t.TempDir(), store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := filepath.Glob(filepath.Join(dir, "CMS2", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	tables := map[string][]map[string]any{}
	want := map[string]map[string]int64{}
	for _, f := range files {
		var c struct {
			Expected  map[string]int64
			Resources []resource
		}
		read(t, f, &c)
		id := strings.TrimSuffix(filepath.Base(f), ".json")
		want[id] = c.Expected
		tables["provider_attribution"] = append(tables["provider_attribution"], map[string]any{"person_id": id, "year_month": "202612", "payer_attributed_provider_practice": "deck"})
		for _, r := range c.Resources {
			add(t, tables, id, r)
		}
	}
	for name, rows := range tables {
		var columns []string
		for _, col := range store.Columns()[name] {
			for _, row := range rows {
				if row[col] != nil {
					columns = append(columns, col)
					break
				}
			}
		}
		var values [][]any
		for _, row := range rows {
			v := make([]any, len(columns))
			for i, col := range columns {
				v[i] = row[col]
			}
			values = append(values, v)
		}
		if _, err := s.Append(context.Background(), name, columns, store.Rows(values)); err != nil {
			t.Fatal(name, err)
		}
	}
	var sets map[string]struct{ Codes [][2]string }
	read(t, filepath.Join(dir, "CMS2-valuesets.json"), &sets)
	var slots []engine.Slot
	for name, set := range sets {
		slot := strings.ReplaceAll(strings.ToLower(name), " ", "_")
		for _, v := range spec.ValueSets {
			if v.Slot == slot {
				var codes []string
				for _, c := range set.Codes {
					codes = append(codes, c[1])
				}
				slots = append(slots, engine.Slot{Name: slot, Codes: codes})
			}
		}
	}
	if len(slots) != 11 {
		t.Fatalf("%d of 11 slots are filled", len(slots))
	}
	members, err := s.Members(context.Background(), spec, engine.Period{Year: 2026}, slots...)
	if err != nil {
		t.Fatal(err)
	}
	if len(members) != len(files) {
		t.Errorf("%d people in the population, %d cases", len(members), len(files))
	}
	for _, m := range members {
		w := want[m.Person]
		got := [5]int64{m.InitialPopulation, m.Denominator, m.Exclusion, m.Exception, m.Numerator}
		if exp := [5]int64{w["initial-population"], w["denominator"], w["denominator-exclusion"], w["denominator-exception"], w["numerator"]}; got != exp {
			t.Errorf("%s: %v, want %v", m.Person, got, exp)
		}
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(file, err)
	}
}

func at(t *testing.T, s string) any {
	t.Helper()
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if d, err := time.Parse(layout, s); err == nil {
			return d.UTC().Truncate(time.Second)
		}
	}
	t.Fatal("a time is not read: ", s)
	return nil
}

func add(t *testing.T, tables map[string][]map[string]any, id string, r resource) {
	t.Helper()
	row := func(table string, values map[string]any, codes *concept) {
		if codes == nil {
			tables[table] = append(tables[table], values)
			return
		}
		for _, c := range codes.Coding {
			one := map[string]any{"person_id": id, "source_code": c.Code}
			for k, v := range values {
				one[k] = v
			}
			tables[table] = append(tables[table], one)
		}
	}
	not := int64(0)
	if r.DoNotPerform {
		not = 1
	}
	switch r.ResourceType {
	case "Patient":
		row("eligibility", map[string]any{"person_id": id, "birth_date": at(t, r.BirthDate), "enrollment_start_date": at(t, "2026-01-01"), "enrollment_end_date": at(t, "2026-12-31")}, nil)
	case "Encounter":
		var types []concept
		if err := json.Unmarshal(r.Type, &types); err != nil {
			t.Fatal(err)
		}
		for i := range types {
			row("encounter", map[string]any{"encounter_id": r.ID, "status": r.Status, "encounter_start_datetime": at(t, r.Period.Start), "encounter_end_datetime": at(t, r.Period.End)}, &types[i])
		}
	case "Condition":
		row("condition", map[string]any{"condition_id": r.ID, "onset_date": at(t, r.OnsetDateTime[:10])}, r.Code)
	case "Observation":
		v := map[string]any{"observation_id": r.ID, "status": r.Status, "observation_datetime": at(t, r.EffectiveDateTime), "issued_datetime": at(t, r.Issued)}
		if r.ValueCodeableConcept != nil {
			v["result"] = r.ValueCodeableConcept.Coding[0].Code
		} else if r.ValueBoolean != nil {
			v["result"] = map[bool]string{true: "true", false: "false"}[*r.ValueBoolean]
		}
		for _, e := range r.Extension {
			if strings.HasSuffix(e.URL, "notDoneReason") {
				v["status_reason_code"] = e.ValueCodeableConcept.Coding[0].Code
			}
		}
		row("observation", v, r.Code)
	case "ServiceRequest":
		row("service_request", map[string]any{"service_request_id": r.ID, "status": r.Status, "intent": r.Intent, "do_not_perform": not, "authored_datetime": at(t, r.AuthoredOn)}, r.Code)
	case "MedicationRequest":
		v := map[string]any{"medication_request_id": r.ID, "status": r.Status, "intent": r.Intent, "do_not_perform": not, "authored_datetime": at(t, r.AuthoredOn)}
		if days := r.DispenseRequest.ExpectedSupplyDuration.Value; days > 0 {
			v["end_datetime"] = at(t, r.AuthoredOn).(time.Time).AddDate(0, 0, days)
		}
		row("medication_request", v, r.MedicationCodeableConcept)
	case "Procedure":
		row("procedure", map[string]any{"procedure_id": r.ID, "status": r.Status, "procedure_datetime": at(t, r.PerformedDateTime)}, r.Code)
	}
}
