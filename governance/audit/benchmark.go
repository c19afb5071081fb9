package audit

import (
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Benchmark is what a benchmark-only measure releases in place of its cells: percentiles in whole units, or suppressed.
type Benchmark struct {
	Measure string `json:"measure"`
	Version string `json:"version"`
	Stratum string `json:"stratum"`
	Status  string `json:"status"` // released | suppressed
	P25     *int64 `json:"p25,omitempty"`
	P50     *int64 `json:"p50,omitempty"`
	P75     *int64 `json:"p75,omitempty"`
	P90     *int64 `json:"p90,omitempty"`
	Unit    string `json:"unit"`
}

// percentiles are the four in order.
func (b *Benchmark) percentiles() [4]**int64 { return [...]**int64{&b.P25, &b.P50, &b.P75, &b.P90} }

// shownCells divides a manifest: the cells that have a row of their own, and the measures that release a benchmark only, both in order.
func shownCells(b rules.RunAuthorise, programs []disclosure.Program) (cells []rules.CellRef, only []int) {
	for i, c := range b.Cells {
		switch {
		case programs[c.Measure].Benchmark == nil:
			cells = append(cells, c)
		case i == 0 || b.Cells[i-1].Measure != c.Measure:
			only = append(only, c.Measure)
		}
	}
	return cells, only
}

// checkBenchmarks holds the benchmarks of a table against the manifest and the rules.
func checkBenchmarks(t Table, where string, b rules.RunAuthorise, only []int, programs []disclosure.Program, units []string) (found []*Finding) {
	if len(t.Benchmarks) != len(only) {
		return []*Finding{bad(CodeTableCell, where, "has %d benchmarks, the manifest %d measures that release one only", len(t.Benchmarks), len(only))}
	}
	for i := range t.Benchmarks {
		x, ref := &t.Benchmarks[i], b.Measures[only[i]]
		place := fmt.Sprintf("%s: benchmark %d (%s)", where, i, ref.ID)
		if x.Measure != ref.ID || x.Version != ref.Version || x.Stratum != measures.Unstratified || x.Unit != units[only[i]] {
			found = append(found, bad(CodeTableCell, place, "the table has another measure, version, stratum or unit there"))
			continue
		}
		if text := benchmarkIn(x, programs[only[i]]); text != "" {
			found = append(found, bad(CodeTableCell, place, "%s", text))
		}
	}
	return found
}

// benchmarkIn says what is wrong with a benchmark; empty when it is one that the rules can give: all four percentiles, each a value that
// a practice can have, none better than the next.
func benchmarkIn(x *Benchmark, p disclosure.Program) string {
	last := int64(0)
	for i, v := range x.percentiles() {
		switch {
		case x.Status == suppressed && *v != nil:
			return "a suppressed benchmark has a value"
		case x.Status == suppressed:
			continue
		case x.Status != released || *v == nil:
			return "the benchmark is neither released with four percentiles nor suppressed"
		}
		value := **v
		if text := valueIn(Cell{Status: released, Value: &value, Bound: p.Bound(value / p.Step)}, p); text != "" {
			return text
		}
		if i > 0 && (value < last && !p.Benchmark.Lower || value > last && p.Benchmark.Lower) {
			return "a percentile is better than the next one"
		}
		last = value
	}
	return ""
}
