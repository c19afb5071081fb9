package warehouse

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/store"
)

// TestObservations: what a risk model is fitted to is the same on PostgreSQL as on the embedded store, whatever its outcome; and the people of a model that is
// over everybody covered are those that the tables have, read in Go.
func TestObservations(t *testing.T) {
	w := open(t, whole(t).dsn("tacet_reader", "tacet"))
	d, err := duck()
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range []string{risk.Allowed, risk.Cost, risk.Readmission} {
		for _, year := range []int{2023, 2024} {
			want, err := d.Observe(t.Context(), outcome, engine.Period{Year: year})
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.Observe(t.Context(), outcome, engine.Period{Year: year})
			if err != nil {
				t.Fatal(err)
			}
			if year == 2024 && len(want) == 0 {
				t.Fatalf("outcome %q: nobody", outcome)
			}
			for i := range want {
				sorted(want[i].Diagnoses)
			}
			for i := range got {
				sorted(got[i].Diagnoses)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("outcome %q of %d: %d observations differ from the embedded engine's %d", outcome, year, len(got), len(want))
			}
			if outcome == risk.Allowed {
				if read := covered(t, d, year); !slices.Equal(read, lines(want)) {
					t.Errorf("%d: %d people of the query are not the %d of the tables", year, len(want), len(read))
				}
			}
		}
	}
}

func sorted(d []risk.Diagnosis) {
	slices.SortFunc(d, func(a, b risk.Diagnosis) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// lines are people in one form, in no order that says who they are.
func lines(people []risk.Person) (out []string) {
	for _, p := range people {
		out = append(out, fmt.Sprint(p.Age, p.Female, p.Outcome, len(p.Diagnoses)))
	}
	slices.Sort(out)
	return out
}

// covered reads the people of a year from the tables themselves.
func covered(t *testing.T, d *store.Store, year int) []string {
	t.Helper()
	from, to := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
	type person struct {
		born        time.Time
		female, any int
		cents       int64
		codes       map[string]bool
	}
	people := map[string]*person{}
	each := func(table string, do func(get func(string) any)) {
		at := map[string]int{}
		info, _ := store.Lookup(table)
		for i, c := range info.Columns {
			at[c.Name] = i
		}
		for row, err := range d.Seen(t.Context(), table) {
			if err != nil {
				t.Fatal(err)
			}
			do(func(column string) any { return row[at[column]] })
		}
	}
	each("eligibility", func(get func(string) any) {
		born, ok := get("birth_date").(time.Time)
		begin, _ := get("enrollment_start_date").(time.Time)
		end, _ := get("enrollment_end_date").(time.Time)
		death, dead := get("death_date").(time.Time)
		if !ok || born.After(to) || begin.After(to) || end.Before(from) || dead && death.Before(from) {
			return
		}
		p := people[get("person_id").(string)]
		if p == nil {
			p = &person{born: born, codes: map[string]bool{}}
			people[get("person_id").(string)] = p
		}
		if born.Before(p.born) {
			p.born = born
		}
		switch gender, _ := get("gender").(string); gender {
		case "female":
			p.female, p.any = p.female+1, p.any+1
		case "male":
			p.any++
		}
	})
	each("medical_claim", func(get func(string) any) {
		day, _ := get("claim_start_date").(time.Time)
		p := people[get("person_id").(string)]
		if p == nil || day.Before(from) || day.After(to) {
			return
		}
		cents, _ := get("allowed_amount").(int64)
		p.cents += cents
		if kind, _ := get("diagnosis_code_type").(string); kind != "" && kind != "icd-10-cm" {
			return
		}
		for i := range 25 {
			code, _ := get(fmt.Sprintf("diagnosis_code_%d", i+1)).(string)
			if code = strings.ReplaceAll(strings.ToUpper(code), ".", ""); len(code) >= 3 {
				p.codes[day.Format(time.DateOnly)+code[:3]] = true
			}
		}
	})
	var out []risk.Person
	for _, p := range people {
		out = append(out, risk.Person{Age: year - p.born.Year(), Female: p.female > 0 && 2*p.female >= p.any, Outcome: max(p.cents/100, 0), Diagnoses: make([]risk.Diagnosis, len(p.codes))})
	}
	return lines(out)
}
