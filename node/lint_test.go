package node

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/library"
)

// TestProposeLints: a folder whose measure no node would run is refused with file, line and what to do; what only a reader can judge is pointed at.
func TestProposeLints(t *testing.T) {
	const from = "../measures/library/qp-crc"
	header, err := os.ReadFile(filepath.Join(from, "measure.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sql, err := os.ReadFile(filepath.Join(from, "measure.sql"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(header, sql string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{"measure.yaml": header, "measure.sql": sql} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	p, err := ProposeMeasure(write(string(header), string(sql)))
	if err != nil || len(p.Advice) != 0 {
		t.Error(p.Advice, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"hcpcs_code", "hcpcs_kode", `the column "hcpcs_kode" is in none of the inputs`},
		{"hcpcs_code", "random()", "the same every time"}, {"hcpcs_code", "now()", "{{period_start}}"}, {"hcpcs_code", "AVG(1)", "the sum as num"}, {"hcpcs_code", "CAST(1 AS DOUBLE)", "cents"}, {"hcpcs_code", "(1 / 2)", "{{div(a, b)}}"},
		{"hcpcs_code", "ROW_NUMBER() OVER ()", "without OVER (… ORDER BY"}, {"hcpcs_code", "string_agg(hcpcs_code, 'x')", "order of rows"},
	} {
		at := strings.Index(string(sql), c.old)
		if at < 0 {
			t.Fatal("the measure has changed:", c.old)
		}
		dir := write(string(header), strings.Replace(string(sql), c.old, c.new, 1))
		_, err := ProposeMeasure(dir)
		if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "measure.sql")+":") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
	i := slices.IndexFunc(strings.Split(string(header), "\n"), func(l string) bool { return strings.HasPrefix(l, "cap") })
	if i < 0 {
		t.Fatal("the header has changed")
	}
	lines := strings.Split(string(header), "\n")
	without := write(strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "\n"), string(sql))
	if _, err := ProposeMeasure(without); err == nil || !strings.Contains(err.Error(), "cap") || !strings.Contains(err.Error(), without) {
		t.Error(err)
	}
	p, err = ProposeMeasure(write(string(header), strings.Replace(string(sql), "SELECT c.person_id, c.practice,", "SELECT c.person_id, LOWER(c.practice) AS practice,", 1)))
	if err != nil || len(p.Advice) != 1 || !strings.Contains(p.Advice[0], "measure.sql:") || !strings.Contains(p.Advice[0], "LOWER changes") {
		t.Error(p.Advice, err)
	}
	for _, id := range library.IDs() {
		if _, err := ProposeMeasure(id); err != nil {
			t.Error(err)
		}
		if _, err := ProposeMeasure(filepath.Join("../measures/library", id)); err != nil {
			t.Error(err)
		}
	}
}

// TestUnnamedStrata: who is in a stratum that no cell names is counted for the payer's own people.
func TestUnnamedStrata(t *testing.T) {
	rows := []Previewed{{Measure: "m", Practice: "p", Stratum: "white", Den: 5}, {Measure: "m", Practice: "p", Stratum: "other", Den: 3}, {Measure: "m", Practice: "q", Stratum: "other", Den: 4}, {Measure: "m", Practice: "x", Stratum: "white", Den: 9}}
	a := &agreed{cells: []cellRef{{0, "p", "white"}, {0, "q", "white"}, {1, "x", "white"}}}
	flagCells(rows, a, 0)
	got := CountUnnamed(rows)
	if len(got) != 1 || !strings.HasPrefix(got[0], "m: 7 of the denominator are in strata that are not named (other)") || len(rows[0].Flags) != 0 || rows[3].Flags[0] != flagNoMember {
		t.Error(got, rows)
	}
	if Unnamed(rows, nil) != nil {
		t.Error("nothing is named, so everything is")
	}
	if _, _, err := MeasuresBy(library.Measures(), "shoe-size=9"); err == nil {
		t.Error("a kind that is none")
	}
	specs, named, err := MeasuresBy(library.Measures()[:1], "race=White,Two or More Races")
	if err != nil || specs[0].Stratify != "race" || !slices.Equal(named, []string{"two-or-more-races", "white"}) {
		t.Error(named, err)
	}
}
