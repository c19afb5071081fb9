package library_test

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
)

// The library names columns that the canonical tables have; a misspelt one is found before any data is.
func TestColumns(t *testing.T) {
	for _, s := range library.Measures() {
		if err := engine.CheckColumns(s, store.Columns()); err != nil {
			t.Error(err)
		}
	}
	s, err := library.Measure("qp-bcs")
	if err != nil {
		t.Fatal(err)
	}
	bad := *s
	bad.SQL = strings.Replace(s.SQL, "c.gender", "c.gendre", 1)
	if err := engine.CheckColumns(&bad, store.Columns()); err == nil || !strings.Contains(err.Error(), `"gendre"`) {
		t.Error("a misspelt column:", err)
	}
	bad = *s
	bad.Inputs = []string{"eligibility", "nothing"}
	if err := engine.CheckColumns(&bad, store.Columns()); err == nil || !strings.Contains(err.Error(), `"nothing" is not a canonical table`) {
		t.Error("an unknown table:", err)
	}
}

// Every measure can be stratified in every way, and compiles for every engine.
func TestStrataAndDialects(t *testing.T) {
	for _, s := range library.Measures() {
		for _, kind := range engine.Strata() {
			by, err := engine.Stratified(s, kind)
			if err != nil {
				t.Error(err)
				continue
			}
			if err := engine.CheckColumns(by, store.Columns()); err != nil {
				t.Error(err)
			}
			if by.Hash() == s.Hash() {
				t.Errorf("%s by %s has the hash of %s", s.ID, kind, s.ID)
			}
		}
		for _, d := range []engine.Dialect{engine.DuckDB, engine.PostgreSQL, engine.Trino} {
			q, err := engine.QueryFor(d, s, engine.Period{Year: 2024})
			if err != nil {
				t.Error(err)
			}
			if strings.Contains(q, "tacet_") || strings.ContainsAny(q, "{}$?") || d != engine.DuckDB && strings.Contains(q, "//") || d != engine.PostgreSQL && strings.Contains(q, "COLLATE") ||
				d != engine.Trino && strings.Contains(q, "date_diff") {
				t.Errorf("%s: text of another dialect in %v", s.ID, d)
			}
		}
	}
}

// The strata of one measure over the cases: their sums are the unstratified measure.
func TestStrata(t *testing.T) {
	set, err := library.Cases("qa-pcp")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := library.Measure("qa-pcp")
	if err != nil {
		t.Fatal(err)
	}
	s := loaded(t, set, strataCases(t))
	want := map[string]string{
		"dual-in-spring": "dual-or-lis", "low-income": "dual-or-lis", "qualified-only-last-year": "neither", "neither": "neither",
	}
	for kind, want := range map[string]map[string]string{
		"dual":        want,
		"race":        {"dual-in-spring": "asian", "low-income": "black", "qualified-only-last-year": "unknown", "neither": "white"},
		"ethnicity":   {"dual-in-spring": "unknown", "low-income": "hispanic", "qualified-only-last-year": "unknown", "neither": "unknown"},
		"language":    {"dual-in-spring": "es", "low-income": "unknown", "qualified-only-last-year": "unknown", "neither": "en"},
		"deprivation": {"dual-in-spring": "quintile-5", "low-income": "quintile-1", "qualified-only-last-year": "unknown", "neither": "unknown"},
	} {
		by, err := engine.Stratified(spec, kind)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Measure(t.Context(), by, engine.Period{Year: 2024})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, r := range rows {
			if name, ok := strings.CutPrefix(r.Practice, "strata/"); ok {
				got[name] += r.Stratum
			}
		}
		for name, stratum := range want {
			if got[name] != stratum {
				t.Errorf("by %s: %s is in %q, want %q", kind, name, got[name], stratum)
			}
		}
	}
}
