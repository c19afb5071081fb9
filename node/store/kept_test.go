package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold"
)

var attributionInputs = []string{"eligibility", "medical_claim", "provider_attribution", "practice_crosswalk"}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func attribution(sql string) *measures.Spec {
	return spec("WITH "+sql+`,
result AS (SELECT p.person_id, p.practice, COUNT(*) AS initial_population, COUNT(*) AS denominator, 0 AS exclusion, 0 AS exception, 0 AS numerator FROM panel p GROUP BY p.person_id, p.practice)
{{summary_v1(1, 1)}}`, attributionInputs...)
}

// attributed makes a store in dir with two people: one says where she belongs, of the other the claims say it.
func attributed(t *testing.T, dir string, p withhold.Policy) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{MemoryMB: 256, Threads: 1, Withhold: p})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if n, err := s.Count(t.Context(), "eligibility"); err != nil || n > 0 {
		return s
	}
	add := func(table, columns string, rows ...[]any) {
		if _, err := s.Append(t.Context(), table, strings.Fields(columns), Rows(rows)); err != nil {
			t.Fatal(err)
		}
	}
	for _, year := range []string{"2022", "2023", "2024"} {
		add("eligibility", "person_id payer plan gender birth_date enrollment_start_date enrollment_end_date funding",
			[]any{"said", "x", "own", "female", day("1980-01-01"), day(year + "-01-01"), day(year + "-12-31"), "self"}, []any{"visited", "x", "p", "male", day("1980-01-01"), day(year + "-01-01"), day(year + "-12-31"), "full"})
		add("provider_attribution", "person_id year_month payer_attributed_provider_practice", []any{"said", year + "01", "one"})
	}
	add("practice_crosswalk", "local_practice_id practice_id", []any{"one", "PR-1"}, []any{"1000000002", "PR-2"}, []any{"1000000003", "PR-3"})
	visits(t, s, "1000000002", 1)
	return s
}

func visits(t *testing.T, s *Store, npi string, n int) {
	t.Helper()
	var rows [][]any
	for _, year := range []string{"2022", "2023", "2024"} {
		for i := range n {
			rows = append(rows, []any{fmt.Sprint(npi, year, i), 1, "visited", "professional", day(fmt.Sprintf("%s-03-%02d", year, i+1)), "11", npi})
		}
	}
	if _, err := s.Append(t.Context(), "medical_claim", []string{"claim_id", "claim_line_number", "person_id", "claim_type", "claim_start_date", "place_of_service_code", "billing_npi"}, Rows(rows)); err != nil {
		t.Fatal(err)
	}
}

func panelRows(t *testing.T, s *Store, year int) string {
	t.Helper()
	rows, err := s.Measure(t.Context(), attribution("{{panel_v1()}}"), engine.Period{Year: year})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.Practice, " ", r.Den))
	}
	return strings.Join(out, ", ")
}

// TestKept: what is kept is what was computed, is used, and is not believed after a load, by another process, or under another policy.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	everyone := withhold.Policy{OptedIn: []string{withhold.Anyone}}
	s := attributed(t, dir, everyone)
	for range 2 {
		if got := panelRows(t, s, 2024); got != "PR-1 12, PR-2 12" {
			t.Fatal(got)
		}
	}
	// A table that is changed behind the store's back shows that it is read.
	if _, err := s.db.ExecContext(t.Context(), "DELETE FROM "+s.kept[1].table+" WHERE practice = 'PR-1'"); err != nil {
		t.Fatal(err)
	}
	if got := panelRows(t, s, 2024); got != "PR-2 12" {
		t.Errorf("what is kept is not read: %s", got)
	}
	visits(t, s, "1000000003", 2)
	if got := panelRows(t, s, 2024); got != "PR-1 12, PR-3 12" {
		t.Errorf("after a load: %s", got)
	}
	// Three periods and more: the oldest makes place.
	for range 2 {
		for year := 2010; year < 2010+mostKept; year++ {
			if got := panelRows(t, s, year); (got != "") != (year >= 2022 && year <= 2024) {
				t.Fatalf("%d: %s", year, got)
			}
		}
	}
	if got := panelRows(t, s, 2024); got != "PR-1 12, PR-3 12" {
		t.Errorf("after other periods: %s", got)
	}
	if _, err := s.db.ExecContext(t.Context(), "DELETE FROM "+s.kept[0].table); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = attributed(t, dir, withhold.Policy{})
	if got := panelRows(t, s, 2024); got != "PR-3 12" {
		t.Errorf("another policy: %s", got)
	}
}

// TestKeptOnlyOfInputs: a query that means something else by the name of a table computes that.
func TestKeptOnlyOfInputs(t *testing.T) {
	s := attributed(t, t.TempDir(), withhold.Policy{OptedIn: []string{withhold.Anyone}})
	if got := panelRows(t, s, 2024); got != "PR-1 12, PR-2 12" {
		t.Fatal(got)
	}
	m := attribution("practice_crosswalk AS (SELECT billing_npi AS local_practice_id, 'mine' AS practice_id FROM medical_claim), {{panel_v1()}}")
	m.Inputs = slices.DeleteFunc(slices.Clone(m.Inputs), func(in string) bool { return in == "practice_crosswalk" })
	rows, err := s.Measure(t.Context(), m, engine.Period{Year: 2024})
	if err != nil || len(rows) != 2 || rows[0].Practice != "mine" || rows[1].Practice != "one" {
		t.Error(rows, err)
	}
	// The tables themselves are nobody's input.
	for _, sql := range []string{"SELECT * FROM kept_0", "SELECT * FROM node.kept_0"} {
		conn, err := s.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := (&guard{conn: conn, inputs: attributionInputs}).QueryContext(t.Context(), sql); err == nil {
			rows.Close()
			t.Errorf("%s is let through", sql)
		}
		conn.Close()
	}
}
