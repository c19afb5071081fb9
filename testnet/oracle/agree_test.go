package oracle

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/testnet/synpuf"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), t.TempDir(), store.Options{Threads: 1, Withhold: withhold.Policy{KeepPart2: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// slotOf is the model that a measure takes, as a node would have it from the log.
func slotOf(t *testing.T, spec *measures.Spec, models map[string]*Fitted) []engine.Slot {
	t.Helper()
	f := models[spec.Model]
	if f == nil {
		return nil
	}
	s, err := f.Definition.Scorer(f.Model.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	return []engine.Slot{{Name: spec.Model, Model: s}}
}

// agree runs a measure over one payer's store and holds it against the oracle's pairs.
func agree(t *testing.T, s *store.Store, spec *measures.Spec, period int, want map[string]Pair, slots ...engine.Slot) {
	t.Helper()
	rows, err := s.Measure(context.Background(), spec, engine.Period{Year: period}, slots...)
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(_ string, p Pair) bool { return p == Pair{} } // a practice with 0 and 0 is the same as none
	want = maps.Clone(want)
	maps.DeleteFunc(want, nothing)
	got := make(map[string]Pair)
	for _, r := range rows {
		if r.Stratum != measures.Unstratified {
			t.Fatalf("%s: stratum %q", spec.ID, r.Stratum)
		}
		got[r.Practice] = Pair{r.Num, r.Den}
	}
	maps.DeleteFunc(got, nothing)
	if maps.Equal(got, want) {
		return
	}
	shown := 0
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] && shown < 5 {
			shown++
			t.Errorf("%s %d %s: store %v, oracle %v", spec.ID, period, id, got[id], want[id])
		}
	}
	t.Errorf("%s %d: store has %d practices, oracle %d", spec.ID, period, len(got), len(want))
}

// The store's SQL and the oracle count the same, practice by practice, in every year of the files; one store holds all years and each
// period counts its own.
func TestSynPUFAgrees(t *testing.T) {
	for _, number := range []int{1, 10} {
		s := open(t)
		years := []int{2010, 2008, 2009}
		for _, period := range years {
			if err := synpuf.Load(context.Background(), s, sharedSample(t, number, period)); err != nil {
				t.Fatal(err)
			}
		}
		for _, period := range years {
			counts, err := SynPUF([]synpuf.Sample{sharedSample(t, number, period)}, period, five)
			if err != nil {
				t.Fatal(err)
			}
			for m, spec := range synpuf.Measures() {
				agree(t, s, spec, period, counts[m].Payers[0])
			}
		}
		s.Close()
	}
}

// A generated population through the ordinary loader: SQL and oracle agree for every payer.
func TestSyntheticAgrees(t *testing.T) {
	p, err := synthetic.Generate(t.TempDir(), synthetic.Options{People: 8000, Practices: 16, Payers: 3, Stays: true})
	if err != nil {
		t.Fatal(err)
	}
	models := map[string]*Fitted{}
	for _, id := range Known() {
		if model, outcome := Modelled(id); model != "" {
			if models[model], err = Fit(p.Folders, p.Options.Period, risk.DefaultOf(outcome)); err != nil {
				t.Fatal(err)
			}
			if n := len(models[model].Model.Columns); n < 10 {
				t.Errorf("%s: %d columns", model, n)
			}
		}
	}
	counts, err := Canonical(p.Folders, p.Options.Period, Known(), models)
	if err != nil {
		t.Fatal(err)
	}
	for i, folder := range p.Folders {
		s := open(t)
		if _, err := s.Load(context.Background(), folder); err != nil {
			t.Fatal(err)
		}
		for m, id := range Known() {
			spec, err := library.Measure(id)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, s, spec, p.Options.Period, counts[m].Payers[i], slotOf(t, spec, models)...)
		}
		s.Close()
	}
}

// The hand-checked cases of the library, through both.
func TestFixturesAgree(t *testing.T) {
	for _, id := range Known() {
		set, err := library.Cases(id)
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		if err := fixture.Write(folder, set); err != nil {
			t.Fatal(err)
		}
		models := map[string]*Fitted{}
		for _, s := range set.Slots {
			if s.Model != nil {
				models[s.Name] = &Fitted{}
				models[s.Name].Definition, models[s.Name].Model = s.Model.Model()
			}
		}
		counts, err := Canonical([]string{folder}, set.Year, []string{id}, models)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := library.Measure(id)
		if err != nil {
			t.Fatal(err)
		}
		s := open(t)
		if _, err := s.Load(context.Background(), folder); err != nil {
			t.Fatal(err)
		}
		agree(t, s, spec, set.Year, counts[0].Payers[0], slotOf(t, spec, models)...)
		s.Close()
	}
}

// shown are the measures a test network computes unless told otherwise.
var shown = []string{"qp-crc", "qc-a1c9", "qa-pcp"}

// The default population has what it was built to have.
func TestDefaultPopulation(t *testing.T) {
	p, err := synthetic.Generate(t.TempDir(), synthetic.Options{})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := Canonical(p.Folders, p.Options.Period, shown, nil)
	if err != nil {
		t.Fatal(err)
	}
	roster, err := Roster(counts, 48)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := Expect(counts, roster, Profiles())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]synthetic.Kind{}
	for _, pr := range p.Practices {
		kinds[pr.ID] = pr.Kind
	}
	released, values, fewNum := map[string]int{}, map[string]map[int64]bool{}, 0
	for _, c := range cells {
		if c.Den >= 30 && (c.Num >= 1 && c.Num <= 10 || c.Den-c.Num >= 1 && c.Den-c.Num <= 10) {
			fewNum++
		}
		if c.Status != Released {
			continue
		}
		if kinds[c.Practice] != synthetic.Ordinary {
			t.Errorf("%s of %s is released though it is %s", c.Measure, c.Practice, kinds[c.Practice])
		}
		released[c.Measure]++
		if values[c.Measure] == nil {
			values[c.Measure] = map[int64]bool{}
		}
		values[c.Measure][c.Value] = true
	}
	t.Logf("released of 48 each: %v; cells with a small part: %d", released, fewNum)
	for _, id := range shown {
		if released[id] < 30 || len(values[id]) < 12 {
			t.Errorf("%s: %d cells released with %d values", id, released[id], len(values[id]))
		}
	}
	if fewNum < 4 {
		t.Errorf("%d cells fail by a numerator or complement of 1…10 alone", fewNum)
	}
}

// TestStrataAgree: the store's SQL by strata and the oracle count the same, stratum by stratum.
func TestStrataAgree(t *testing.T) {
	p, err := synthetic.Generate(t.TempDir(), synthetic.Options{People: 2400, Practices: 12, Payers: 3, Seed: 3, Strata: true})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	files, err := filepath.Glob(filepath.Join(p.Folders[0], "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(context.Background(), files...); err != nil {
		t.Fatal(err)
	}
	for _, kind := range engine.Strata() {
		for _, id := range []string{"qa-pcp", "qu-ed"} {
			base, err := library.Measure(id)
			if err != nil {
				t.Fatal(err)
			}
			spec, err := engine.Stratified(base, kind)
			if err != nil {
				t.Fatal(err)
			}
			counts, err := Canonical(p.Folders[:1], p.Options.Period, []string{spec.ID}, nil)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := s.Measure(context.Background(), spec, engine.Period{Year: p.Options.Period})
			if err != nil {
				t.Fatal(err)
			}
			want := counts[0].By[0]
			seen := 0
			for _, r := range rows {
				if got := (Pair{r.Num, r.Den}); got != want[r.Stratum][r.Practice] {
					t.Errorf("%s %s %s: store %v, oracle %v", spec.ID, r.Practice, r.Stratum, got, want[r.Stratum][r.Practice])
				}
				delete(want[r.Stratum], r.Practice)
				seen++
			}
			for stratum, rest := range want {
				for practice, pair := range rest {
					if pair != (Pair{}) {
						t.Errorf("%s %s %s: the store has nothing, oracle %v", spec.ID, practice, stratum, pair)
					}
				}
			}
			if len(want) < 2 || seen < 20 {
				t.Errorf("%s: %d strata, %d rows: too few to tell anything", spec.ID, len(want), seen)
			}
		}
	}
}
