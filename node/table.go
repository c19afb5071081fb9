package node

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// Table is the released table of a run: what recipients sign and the only figures that leave the computation.
// Its canonical bytes are compact JSON in field order, cells in the manifest's order, so that all recipients hash the same.
type Table struct {
	Run    string      `json:"run"`
	Period string      `json:"period"`
	Cells  []TableCell `json:"cells"`
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
}

const (
	released   = "released"
	suppressed = "suppressed"
)

// table lays the decrypted values out as the run's table.
func (a *agreed) table(values []predicate.Value) (Table, error) {
	if len(values) != len(a.cells) {
		return Table{}, fmt.Errorf("run %s: %d values for %d cells", a.run, len(values), len(a.cells))
	}
	t := Table{Run: a.run, Period: a.period, Cells: make([]TableCell, len(values))}
	for i, v := range values {
		c := a.cells[i]
		s := a.specs[c.measure]
		row := TableCell{Practice: c.practice, Measure: s.ID, Version: s.Version, Stratum: c.stratum, Status: suppressed, Unit: s.Release.Unit}
		if v.Released {
			value := v.Steps * a.programs[c.measure].Step
			row.Status, row.Value = released, &value
			row.Bound = a.programs[c.measure].Bound(v.Steps)
		}
		t.Cells[i] = row
	}
	return t, nil
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
