package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// TestCodeSearch: what DuckDB is asked instead of a chain of comparisons says the same of every row, in all three values: under NOT too, where a NULL
// is no false. The chain is what PostgreSQL gets; DuckDB runs it as well.
func TestCodeSearch(t *testing.T) {
	s := newStore(t)
	r := rand.New(rand.NewPCG(1, 2))
	var names []string
	for _, kind := range []string{"diagnosis_code", "procedure_code"} {
		for n := range 25 {
			names = append(names, fmt.Sprintf("%s_%d", kind, n+1))
		}
	}
	codes := []string{"C18", "C182", "XC18", "C1", "E119", "E11", "D.1", "DX1", "D.12", "A B", "B C18", "-", "C18-1", "c18", "C18 "}
	var rows [][]any
	for n := range 400 {
		row := []any{fmt.Sprint(n), 1, fmt.Sprintf("p%d", n)}
		for range names {
			var v any
			if n%2 == 0 || r.IntN(3) == 0 { // half of the rows have no NULL
				v = codes[r.IntN(len(codes))]
				if n%4 > 1 {
					v = "Z" + fmt.Sprint(r.IntN(100))
				}
			}
			row = append(row, v)
		}
		rows = append(rows, row)
	}
	if _, err := s.Append(t.Context(), "medical_claim", append([]string{"claim_id", "claim_line_number", "person_id"}, names...), Rows(rows)); err != nil {
		t.Fatal(err)
	}
	for _, j := range medicalClaim(t).Joined { // the loader's Go and SQL make the same of them
		var n, held int
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FILTER ("+j.Name+" IS DISTINCT FROM "+j.sql(func(string) bool { return true })+"), count("+j.Name+") FROM medical_claim").Scan(&n, &held); err != nil || n != 0 || held < 200 {
			t.Errorf("%s differs in %d rows, is there in %d: %v", j.Name, n, held, err)
		}
	}
	people := func(sql string, d engine.Dialect) (out []string) {
		m := spec(sql, "medical_claim")
		m.ValueSets = map[string]measures.ValueSet{"few": {Public: []string{"C18", "D.1", "C18-1"}}, "none": {Slot: "local"}, "long": {Public: []string{"E119", "C182", "Z4"}}}
		q, err := engine.QueryFor(d, m, engine.Period{Year: 2024})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.db.QueryContext(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Close()
		for got.Next() {
			var person, stratum string
			var num, den int
			if err := got.Scan(&person, &stratum, &num, &den); err != nil {
				t.Fatal(err)
			}
			out = append(out, person)
		}
		if err := got.Err(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(out)
		return out
	}
	some := 0
	for _, macro := range []string{"diagnosis", "procedure", "diagnosis_begins", "procedure_begins"} {
		for _, set := range []string{"few", "none", "long"} {
			for i, form := range []string{"%s", "NOT %s", "%s IS NULL", "(%s OR person_id = 'p1')",
				"%s", "NOT %s", "%s IS NULL", "(%s OR person_id = 'p1')", "person_id IN (SELECT person_id FROM medical_claim WHERE %s)"} {
				sql := fmt.Sprintf(form, "{{"+macro+"("+set+")}}")
				if i < 4 { // on the table itself, and in the block that may read the joined columns
					sql = "SELECT person_id AS practice, 'all' AS stratum, 1 AS num, 1 AS den FROM medical_claim WHERE " + sql
				} else {
					sql = "WITH {{lines_v1(l, " + sql + ")}} SELECT person_id AS practice, 'all' AS stratum, 1 AS num, 1 AS den FROM l"
				}
				got, want := people(sql, engine.DuckDB), people(sql, engine.PostgreSQL)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %d people, want %d", sql, len(got), len(want))
				}
				if len(want) > 0 && len(want) < 400 {
					some++
				}
			}
		}
	}
	// Several side by side become one, and only where that says the same.
	for _, form := range []string{"%[1]s OR %[2]s", "NOT (%[1]s OR %[2]s)", "%[1]s OR %[2]s OR %[3]s", "person_id < 'p2' AND %[1]s OR %[2]s", "person_id < 'p2' AND (%[1]s OR %[2]s)",
		"%[1]s OR %[2]s AND person_id < 'p2'", "(%[1]s OR %[2]s) IS NULL", "NOT %[1]s OR %[2]s", "person_id = 'p7' OR %[1]s OR %[2]s OR NOT %[3]s", "%[4]s OR %[1]s OR %[5]s", "CASE WHEN %[1]s OR %[2]s THEN 1 ELSE 0 END = 0"} {
		condition := fmt.Sprintf(form, "{{diagnosis(few)}}", "{{diagnosis_begins(long)}}", "{{diagnosis(long)}}", "{{procedure(few)}}", "{{procedure_begins(few)}}")
		sql := "WITH {{lines_v1(l, " + condition + ")}} SELECT person_id AS practice, 'all' AS stratum, 1 AS num, 1 AS den FROM l"
		got, want := people(sql, engine.DuckDB), people(sql, engine.PostgreSQL)
		if !slices.Equal(got, want) || len(want) == 0 || len(want) == 400 {
			t.Errorf("%s: %d people, want %d", condition, len(got), len(want))
		}
	}
	if some < 40 {
		t.Errorf("only %d of the conditions tell people apart", some)
	}
}

func medicalClaim(t *testing.T) Table {
	t.Helper()
	table, ok := Lookup("medical_claim")
	if !ok {
		t.Fatal("no medical_claim")
	}
	return table
}
