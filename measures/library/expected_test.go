package library_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/store"
)

// drawnModel is a model with some columns merged, some left out, and coefficients of all sizes and both signs.
func drawnModel(t *testing.T, r *rand.Rand, outcome string) *risk.Scorer {
	t.Helper()
	d := risk.DefaultOf(outcome)
	l, err := risk.NewLayout(d.Spec())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		presence := make([]int64, len(l.Columns()))
		for i := range presence {
			presence[i] = r.Int64N(9)
		}
		if l, _, err = l.Merge(presence); err != nil {
			t.Fatal(err)
		}
	}
	weights := make([]int64, len(l.Columns()))
	for i := range weights {
		weights[i] = (r.Int64N(2*d.OutcomeCap*risk.Unit) - d.OutcomeCap*risk.Unit) / (1 + r.Int64N(20))
	}
	s, err := d.Scorer(l.Model(&risk.Fit{Coefficients: weights}).Canonical())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the query expects of each person is what measures/risk expects, whatever the model.
func TestExpectedAsInGo(t *testing.T) {
	var all []*fixture.Set
	for _, name := range []string{"qu-read@2", "qk-tcoc@2", "qu-adm"} {
		s, err := library.Cases(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	st := loaded(t, all...)
	period := engine.Period{Year: 2024}
	for name, outcome := range map[string]string{"qu-read@2": risk.Readmission, "qk-tcoc@2": risk.Cost} {
		spec, err := library.Measure(name)
		if err != nil {
			t.Fatal(err)
		}
		people, err := st.Observe(t.Context(), outcome, period)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(4) {
			m := drawnModel(t, rand.New(rand.NewPCG(seed, 7)), outcome)
			members, err := st.Members(t.Context(), spec, period, engine.Slot{Name: spec.Model, Model: m})
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string // observed and expected, person by person, in the order of their names
			for i := 0; i < len(people); {
				who, observed, expected := people[i].Who, int64(0), int64(0)
				for ; i < len(people) && people[i].Who == who; i++ {
					observed, expected = observed+people[i].Outcome, expected+m.Expected(people[i])
				}
				want = append(want, fmt.Sprint(observed, expected))
			}
			for i := 0; i < len(members); {
				who, observed, expected := members[i].Person, int64(0), int64(0)
				for ; i < len(members) && members[i].Person == who; i++ {
					observed, expected = observed+members[i].Numerator, expected+members[i].Denominator
				}
				got = append(got, fmt.Sprint(observed, expected))
			}
			if len(want) < 40 || len(got) != len(want) {
				t.Fatalf("%s: %d people, in Go %d", name, len(got), len(want))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s, model %d, person %d: observed and expected %s, in Go %s", name, seed, i, got[i], want[i])
				}
			}
		}
	}
}

// Without its model, or with one of another outcome, nothing is computed.
func TestNoModel(t *testing.T) {
	spec, err := library.Measure("qk-tcoc@2")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 7))
	for _, c := range []struct {
		slots []engine.Slot
		ok    bool
	}{
		{nil, false},
		{[]engine.Slot{{Name: "risk-cost", Model: drawnModel(t, r, risk.Readmission)}}, false},
		{[]engine.Slot{{Name: "risk", Model: drawnModel(t, r, risk.Cost)}}, false},
		{[]engine.Slot{{Name: "risk-cost", Model: drawnModel(t, r, risk.Cost)}}, true},
	} {
		if _, err := engine.Query(spec, engine.Period{Year: 2024}, c.slots...); (err == nil) != c.ok {
			t.Error(err)
		}
	}
}

// The query compiles for every engine, in its own words, and by strata.
func TestExpectedDialects(t *testing.T) {
	for name, outcome := range map[string]string{"qu-read@2": risk.Readmission, "qk-tcoc@2": risk.Cost} {
		spec, err := library.Measure(name)
		if err != nil {
			t.Fatal(err)
		}
		model := engine.Slot{Name: spec.Model, Model: drawnModel(t, rand.New(rand.NewPCG(1, 7)), outcome)}
		by, err := engine.Stratified(spec, "dual")
		if err != nil {
			t.Fatal(err)
		}
		for d, own := range map[engine.Dialect]string{engine.DuckDB: " // ", engine.PostgreSQL: "LATERAL (VALUES", engine.Trino: "UNNEST(ARRAY["} {
			for _, s := range []*measures.Spec{spec, by} {
				q, err := engine.QueryFor(d, s, engine.Period{Year: 2024}, model)
				if err != nil {
					t.Fatal(err)
				}
				for _, word := range []string{" // ", "LATERAL (VALUES", "UNNEST(ARRAY[", "{{", "$"} {
					if strings.Contains(q, word) != (word == own) {
						t.Errorf("%s in %v: %q", s.ID, d, word)
					}
				}
			}
		}
		if err := engine.CheckColumns(spec, store.Columns()); err != nil {
			t.Error(err)
		}
	}
}
