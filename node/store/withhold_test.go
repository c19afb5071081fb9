package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/measures/withhold/cases"
)

func withheldCases(t *testing.T, p withhold.Policy) (*Store, *fixture.Set) {
	t.Helper()
	set, err := cases.Set()
	if err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	if err := fixture.Write(files, set); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), t.TempDir(), Options{MemoryMB: 256, Threads: 1, Withhold: p})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Load(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	return s, set
}

func TestWithheld(t *testing.T) {
	s, set := withheldCases(t, cases.Policy())
	rows, err := s.Measure(t.Context(), cases.Measure(), engine.Period{Year: 2024})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range set.Check(rows) {
		t.Error(problem)
	}
}

// TestWithheldFollowsLoads: a claim that comes later is looked at before any measure sees it, and so is a line that comes later of a claim that stood.
func TestWithheldFollowsLoads(t *testing.T) {
	s, _ := withheldCases(t, cases.Policy())
	count := func() int64 {
		rows, err := s.Measure(t.Context(), cases.Measure(), engine.Period{Year: 2024})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(rows, func(r measures.Row) bool { return r.Practice == "withheld/whole-claim" })
		if i < 0 {
			return 0
		}
		return rows[i].Num
	}
	if n := count(); n != 1 {
		t.Fatalf("%d rows before, want 1", n)
	}
	if _, err := s.Append(t.Context(), "medical_claim", []string{"claim_id", "claim_line_number", "person_id", "hcpcs_code"},
		Rows([][]any{{"w2", 2, "withheld/whole-claim", "H0015"}})); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Errorf("%d rows after, want 0", n)
	}
}

// TestNothingWithheld: a policy that keeps everything leaves the query as it is, and every row.
func TestNothingWithheld(t *testing.T) {
	p := withhold.Policy{KeepPart2: true, OptedIn: []string{withhold.Anyone}}
	if q, err := p.Before(cases.Measure().Inputs, "SELECT 1", true, true); err != nil || q != "SELECT 1" {
		t.Errorf("the query is %.60q, %v", q, err)
	}
	s, set := withheldCases(t, p)
	rows, err := s.Measure(t.Context(), cases.Measure(), engine.Period{Year: 2024})
	if err != nil {
		t.Fatal(err)
	}
	var got, want int64
	for _, r := range rows {
		got += r.Num + r.Den
	}
	for _, r := range set.Rows {
		if !slices.Contains([]string{"provider_attribution", "drug_crosswalk", "practice_crosswalk"}, r.Table) {
			want++
		}
	}
	if got != want {
		t.Errorf("%d of %d rows", got, want)
	}
}

// TestWithholdKnowsTheTables: package withhold has a rule for every canonical table, by columns that are there.
func TestWithholdKnowsTheTables(t *testing.T) {
	for _, table := range Tables() {
		if !withhold.Known(table.Name) {
			t.Errorf("there is no rule what to withhold of %s", table.Name)
		}
		for _, c := range withhold.Columns(table.Name) {
			if table.index(c) < 0 {
				t.Errorf("the rule for %s reads the column %s, which it does not have", table.Name, c)
			}
		}
		if table.index("person_id") >= 0 && table.Name != "eligibility" {
			q, err := withhold.Policy{}.Before([]string{table.Name}, "SELECT 1", true, true)
			if err != nil || !strings.Contains(q, table.Name+" AS NOT MATERIALIZED") {
				t.Errorf("%s has persons and comes whole: %v", table.Name, err)
			}
		}
	}
	if _, err := (withhold.Policy{}).Before([]string{"new_table"}, "SELECT 1", true, true); err == nil {
		t.Error("a table without a rule passes")
	}
}

// TestSeen: what members compute together without SQL is of the same rows as a measure.
func TestSeen(t *testing.T) {
	s, _ := withheldCases(t, cases.Policy())
	for _, c := range []struct {
		table     string
		all, seen int
	}{{"pharmacy_claim", 0, 0}, {"medical_claim", 0, 0}, {"eligibility", 0, 0}} {
		for range s.Export(t.Context(), c.table) {
			c.all++
		}
		for row, err := range s.Seen(t.Context(), c.table) {
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(row, any("F1020")) || slices.Contains(row, any("self")) && !slices.Contains(row, any("plan-7")) {
				t.Errorf("a withheld row of %s is seen", c.table)
			}
			c.seen++
		}
		if c.seen == 0 || c.seen >= c.all {
			t.Errorf("%s: %d of %d rows seen", c.table, c.seen, c.all)
		}
	}
}
