package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// mixed authorises a run of the approved measure over two practices and of a benchmark-only one over ten.
func (w *world) mixed(run string, s *measures.Spec) (only *measures.Spec) {
	c := *s
	only = &c
	only.ID, only.Release.Kind = "qp-crc-benchmark", measures.BenchmarkOnly
	p := rules.NewMeasurePropose(only)
	w.do("payer-a", rules.KindMeasurePropose, p)
	for _, name := range payers {
		w.do(name, rules.KindMeasureVote, rules.MeasureVote{Hash: p.Hash, Choice: rules.Yes})
	}
	w.do("convener", rules.KindMeasureApprove, rules.MeasureApprove{Hash: p.Hash})
	var practices []string
	for i := range 10 {
		practices = append(practices, fmt.Sprintf("b-%d", i))
	}
	roster := rules.NewRosterSet(practices)
	w.do("convener", rules.KindRosterSet, roster)
	b := rules.RunAuthorise{
		Run: run, Period: "2012", Roster: roster.Hash, Contributors: payers, Recipients: []string{"convener", "payer-a"}, Deadlines: rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 60, Release: 60, Certify: 60},
		Parameters: rules.Parameters{Set: "toy", Plan: strings.Repeat("ab", 32)}, Purpose: "test", Agreement: "agreement 1",
		Cells: []rules.CellRef{{Practice: "b-0", Stratum: "all"}, {Practice: "b-1", Stratum: "all"}},
	}
	for _, x := range []*measures.Spec{s, only} {
		hash := x.Hash()
		b.Measures = append(b.Measures, rules.MeasureRef{ID: x.ID, Version: x.Version, Hash: hex.EncodeToString(hash[:]), Profile: x.Release.Profile})
		b.Caps = append(b.Caps, rules.Ratio{Num: x.Cap.Num, Den: x.Cap.Den})
	}
	for _, p := range practices {
		b.Cells = append(b.Cells, rules.CellRef{Measure: 1, Practice: p, Stratum: "all"})
	}
	w.do("convener", rules.KindRunAuthorise, b)
	return only
}

func mixedTable(run string, s, only *measures.Spec) Table {
	v, q := int64(42), [...]int64{30, 41, 41, 95}
	return Table{Run: run, Period: "2012", Cells: []Cell{
		{Practice: "b-0", Measure: s.ID, Version: s.Version, Stratum: "all", Status: released, Value: &v, Unit: s.Release.Unit},
		{Practice: "b-1", Measure: s.ID, Version: s.Version, Stratum: "all", Status: suppressed, Unit: s.Release.Unit},
	}, Benchmarks: []Benchmark{
		{Measure: only.ID, Version: only.Version, Stratum: "all", Status: released, P25: &q[0], P50: &q[1], P75: &q[2], P90: &q[3], Unit: only.Release.Unit},
	}}
}

// TestBenchmarkRun: a benchmark beside cells is verified, shown, and read back from release.csv; a changed one is not.
func TestBenchmarkRun(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	only := w.mixed("r-1", s)
	w.certify(mixedTable("r-1", s, only))
	b := w.bundle(payers...)
	r, err := Verify(b, Options{})
	if err != nil || !r.Verified {
		t.Fatal(err, r)
	}
	if x := r.Runs[0]; x.Cells != 12 || x.Released != 1 || x.Suppressed != 1 || x.Benchmarks != 1 {
		t.Errorf("reported %d cells: %d released, %d suppressed, %d benchmarks", x.Cells, x.Released, x.Suppressed, x.Benchmarks)
	}
	page := string(read(t, b, reportName))
	for _, want := range []string{"Released benchmarks of run r-1", "the others in 1 benchmarks", `<td class="n">41</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	csv := "practice_id,measure_id,measure_version,period,stratum,status,value,bound,unit,benchmark_p25,benchmark_p50,benchmark_p75,benchmark_p90,percentile_band,run_id\n" +
		"b-0,qp-crc," + s.Version + ",2012,all,released,42,,percent,,,,,,r-1\n" +
		"b-1,qp-crc," + s.Version + ",2012,all,suppressed,,,percent,,,,,,r-1\n" +
		",qp-crc-benchmark," + s.Version + ",2012,all,released,,,percent,30,41,41,95,,r-1\n"
	table, err := TableFromCSV([]byte(csv), nil)
	if err != nil || !bytes.Equal(table, w.tables["r-1"]) {
		t.Fatalf("%v\n%s\n%s", err, table, w.tables["r-1"])
	}
	if c, err := CheckRelease(table, w.kept["r-1"], b, Options{}); err != nil || !c.Verified || c.Cells != 2 || c.Benchmarks != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, edit := range [][2]string{{",,,percent,30", ",,,percent,31"}, {",released,,,percent,30,41,41,95", ",suppressed,,,percent,,,,"}} {
		table, err := TableFromCSV([]byte(strings.Replace(csv, edit[0], edit[1], 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := CheckRelease(table, w.kept["r-1"], b, Options{}); err != nil || c.Verified {
			t.Errorf("%v was accepted: %v", edit, err)
		}
	}
	for _, edit := range [][2]string{{",,,percent,30", ",7,,percent,30"}, {",,,percent,30", ",,,percent,030"}, {"benchmark_p75", "p75"}} {
		if _, err := TableFromCSV([]byte(strings.Replace(csv, edit[0], edit[1], 1)), nil); err == nil {
			t.Errorf("%v was read", edit)
		}
	}
}

// TestBenchmarkTable: tables that recipients may have signed and that the rules cannot give.
func TestBenchmarkTable(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	only := w.mixed("r-1", s)
	w.certify(mixedTable("r-1", s, only))
	run, _ := w.state.Run("r-1")
	num := func(v int64) *int64 { return &v }
	for want, change := range map[string]func(t *Table){
		"has 0 benchmarks":          func(t *Table) { t.Benchmarks = nil },
		"has 2 benchmarks":          func(t *Table) { t.Benchmarks = append(t.Benchmarks, t.Benchmarks[0]) },
		"has 3 cells":               func(t *Table) { t.Cells = append(t.Cells, Cell{Practice: "b-0", Measure: only.ID}) },
		"another measure":           func(t *Table) { t.Benchmarks[0].Measure = s.ID },
		"neither released":          func(t *Table) { t.Benchmarks[0].P90 = nil },
		"suppressed benchmark has":  func(t *Table) { t.Benchmarks[0].Status = suppressed },
		"outside 5…95":              func(t *Table) { t.Benchmarks[0].P90 = num(96) },
		"better than the next":      func(t *Table) { t.Benchmarks[0].P25 = num(94) },
		"another measure, version,": func(t *Table) { t.Benchmarks[0].Stratum = "low" },
	} {
		table := mixedTable("r-1", s, only)
		change(&table)
		raw, err := json.Marshal(table)
		if err != nil {
			t.Fatal(err)
		}
		_, found := checkTable(raw, "table", run, w.state)
		text := ""
		for _, f := range found {
			text += f.Text + "\n"
		}
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	x := Benchmark{Status: released, P25: num(60), P50: num(50), P75: num(50), P90: num(5)}
	p := disclosure.Program{Lo: 5, Hi: 95, Step: 1, Coded: true, Benchmark: &disclosure.Benchmark{Lower: true}}
	if text := benchmarkIn(&x, p); text != "" {
		t.Error(text)
	}
	x.P90 = num(51)
	if text := benchmarkIn(&x, p); text == "" {
		t.Error("percentiles out of order were accepted where smaller is better")
	}
}
