package node

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/measures"
)

// Table is the released table of a run: what recipients sign and the only figures that leave the computation.
// Its canonical bytes are compact JSON in field order, cells in the manifest's order, so that all recipients hash the same.
type Table struct {
	Run    string      `json:"run"`
	Period string      `json:"period"`
	Cells  []TableCell `json:"cells"`
	// Benchmarks of the measures that release nothing else, in the manifest's order.
	Benchmarks []TableBenchmark `json:"benchmarks,omitempty"`
}

// TableBenchmark is what a benchmark-only measure releases over its practices: percentiles in whole units, or nothing. Which practices they
// come from and how many is not in it.
type TableBenchmark struct {
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

// TableCell is one cell: released with a value in whole units, or suppressed with no reason (a reason would leak a bit).
type TableCell struct {
	Practice string `json:"practice"`
	Measure  string `json:"measure"`
	Version  string `json:"version"`
	Stratum  string `json:"stratum"`
	Status   string `json:"status"`          // released | suppressed
	Value    *int64 `json:"value,omitempty"` // in Unit
	Bound    string `json:"bound,omitempty"` // le | ge: the value is the end of the shown range, the truth may lie beyond
	Unit     string `json:"unit"`
	// Reliable, of a released cell whose run asks for it: as many people are behind it as its measure's reliability of 0.70 needs.
	Reliable *bool `json:"reliable,omitempty"`
}

// opened is what the circuit gave for one of its figures.
type opened struct {
	predicate.Figure
	predicate.Value
}

const (
	released   = "released"
	suppressed = "suppressed"
)

// table lays the decrypted values out as the run's table.
func (a *agreed) table(values []predicate.Value) (Table, error) {
	figures := a.plan.Figures()
	if len(values) != len(figures) {
		return Table{}, fmt.Errorf("run %s: %d values for %d figures", a.run, len(values), len(figures))
	}
	t := Table{Run: a.run, Period: a.period, Cells: []TableCell{}}
	all := make([]opened, len(figures))
	for i, f := range figures {
		all[i] = opened{f, values[i]}
	}
	answers, err := a.answers(all)
	if err != nil {
		return Table{}, err
	}
	for _, v := range all {
		switch {
		case v.Cell < 0:
			t.Benchmarks = a.percentile(t.Benchmarks, v.Figure, v.Value)
			continue
		case v.Cell >= len(a.cells):
			continue
		}
		c := a.cells[v.Cell]
		s := a.specs[c.measure]
		row := TableCell{Practice: c.practice, Measure: s.ID, Version: s.Version, Stratum: c.stratum, Status: suppressed, Unit: s.Release.Unit}
		if v.Released {
			value := v.Steps * a.programs[c.measure].Step
			row.Status, row.Value = released, &value
			row.Bound = a.programs[c.measure].Bound(v.Steps)
			row.Reliable = a.reliable(v.Cell, answers)
		}
		t.Cells = append(t.Cells, row)
	}
	return t, nil
}

// percentile adds one percentile of a benchmark to the last row, or the first one in a row of its own.
func (a *agreed) percentile(rows []TableBenchmark, f predicate.Figure, v predicate.Value) []TableBenchmark {
	m := a.cells[a.plan.Benchmarks()[f.Benchmark].From].measure
	if f.Percentile == predicate.Percentiles[0] {
		s := a.specs[m]
		rows = append(rows, TableBenchmark{Measure: s.ID, Version: s.Version, Stratum: measures.Unstratified, Status: suppressed, Unit: s.Release.Unit})
	}
	if v.Released {
		row, value := &rows[len(rows)-1], v.Steps*a.programs[m].Step
		row.Status = released
		switch f.Percentile {
		case 25:
			row.P25 = &value
		case 50:
			row.P50 = &value
		case 75:
			row.P75 = &value
		case 90:
			row.P90 = &value
		}
	}
	return rows
}

func (t Table) canonical() ([]byte, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode table of run %s: %w", t.Run, err)
	}
	return b, nil
}

// ParseTable reads a table's canonical bytes and refuses every other form of the same content.
func ParseTable(b []byte) (Table, error) {
	var t Table
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return t, fmt.Errorf("read release table: %w", err)
	}
	again, err := t.canonical()
	if err != nil {
		return t, err
	}
	if !bytes.Equal(again, b) {
		return t, fmt.Errorf("read release table of run %s: not in canonical form", t.Run)
	}
	return t, nil
}
