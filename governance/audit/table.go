package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Table is a release table as the auditor reads it: the file whose SHA-256 the recipients signed.
type Table struct {
	Run    string `json:"run"`
	Period string `json:"period"`
	Cells  []Cell `json:"cells"` // in the order of the manifest
	// Benchmarks of the measures that release nothing else, in the order of the manifest.
	Benchmarks []Benchmark `json:"benchmarks,omitempty"`
}

// Cell is one figure: a value in whole units, or suppressed, without a reason.
type Cell struct {
	Practice string `json:"practice"`
	Measure  string `json:"measure"`
	Version  string `json:"version"`
	Stratum  string `json:"stratum"`
	Status   string `json:"status"` // released | suppressed
	Value    *int64 `json:"value,omitempty"`
	Bound    string `json:"bound,omitempty"` // le | ge: the end of the shown range
	Unit     string `json:"unit"`
	// Reliable, of a released cell whose run asks for it: as many people are behind it as its measure's reliability of 0.70 needs.
	Reliable *bool `json:"reliable,omitempty"`
}

const (
	released   = "released"
	suppressed = "suppressed"
)

// readTable accepts the canonical bytes of a table and nothing else.
func readTable(data []byte) (Table, error) {
	var t Table
	if len(data) > maxTable {
		return t, fmt.Errorf("has %d bytes, at most %d", len(data), maxTable)
	}
	// An empty cell is three bytes and, decoded, forty times as many. Names may have braces too, hence the factor.
	if n := bytes.Count(data, []byte("{")); n > 4*rules.MaxCells {
		return t, fmt.Errorf("has %d objects, a run at most %d cells", n, rules.MaxCells)
	}
	if err := strictJSON(data, &t); err != nil {
		return t, err
	}
	again, err := json.Marshal(t)
	if err != nil || !bytes.Equal(again, data) {
		return t, errors.New("is not in its one form")
	}
	return t, nil
}

// ReadTable accepts the canonical bytes of a release table and nothing else.
func ReadTable(data []byte) (Table, error) { return readTable(data) }

func strictJSON(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("has data after its end")
	}
	return nil
}

// checkTable holds a table against the certified run that it claims to be of: its hash, then every cell against the manifest and against
// the rules compiled from the profile that was in force.
func checkTable(data []byte, where string, run rules.Run, st *rules.State) (t Table, found []*Finding) {
	if run.Sum != nil {
		return Table{Run: run.Body.Run, Period: run.Body.Period}, checkSum(data, where, run, st)
	}
	sum := sha256.Sum256(data)
	if h := hex.EncodeToString(sum[:]); h != run.Result.Table {
		found = append(found, bad(CodeTableHash, where, "has SHA-256 %.16s…, the recipients of run %s signed %.16s…", h, run.Body.Run, run.Result.Table))
	}
	t, err := readTable(data)
	if err != nil {
		return t, append(found, bad(CodeTable, where, "%v", err))
	}
	b := run.Body
	if t.Run != b.Run || t.Period != b.Period {
		found = append(found, bad(CodeTable, where, "is of run %.70q, period %.40q; authorised is run %s, period %s", t.Run, t.Period, b.Run, b.Period))
	}
	programs, units, err := compiled(run, st)
	if err != nil {
		return t, append(found, bad(CodeTable, where, "%v", err))
	}
	cells, only := shownCells(b, programs)
	found = append(found, checkBenchmarks(t, where, b, only, programs, units)...)
	if len(t.Cells) != len(cells) {
		return t, append(found, bad(CodeTableCell, where, "has %d cells, the manifest %d", len(t.Cells), len(cells)))
	}
	for i, c := range t.Cells {
		want := cells[i]
		ref := b.Measures[want.Measure]
		place := fmt.Sprintf("%s: cell %d (%s of practice %s, stratum %s)", where, i, ref.ID, want.Practice, want.Stratum)
		if c.Practice != want.Practice || c.Stratum != want.Stratum || c.Measure != ref.ID || c.Version != ref.Version || c.Unit != units[want.Measure] {
			found = append(found, bad(CodeTableCell, place, "the table has another practice, measure, version, stratum or unit there"))
			continue
		}
		if text := cmp.Or(valueIn(c, programs[want.Measure]), reliableIn(c, b, want.Measure, programs[want.Measure])); text != "" {
			found = append(found, bad(CodeTableCell, place, "%s", text))
		}
	}
	return t, found
}

// compiled are the rules and units of a run's measures, from the definitions and the profiles that were in force at the authorisation.
func compiled(run rules.Run, st *rules.State) ([]disclosure.Program, []string, error) {
	var programs []disclosure.Program
	var units []string
	for i, ref := range run.Body.Measures {
		m, ok := st.Measure(ref.Hash)
		if !ok || i >= len(run.Profiles) {
			return nil, nil, fmt.Errorf("measure %s is not on record", ref.ID)
		}
		if id := m.Spec().Model; id != "" {
			if model, ok := st.ModelWith(id, ref.Model); !ok || model.Index > run.Index {
				return nil, nil, fmt.Errorf("measure %s is over what a model expects that was not on record when the run was authorised", ref.ID)
			}
		}
		p, err := disclosure.Compile(run.Profiles[i].Profile, m.Spec())
		if err != nil {
			return nil, nil, err
		}
		programs, units = append(programs, p), append(units, m.Spec().Release.Unit)
	}
	return programs, units, nil
}

// valueIn says what is wrong with a cell's status, value or bound; empty when it is one that the rules can give.
func valueIn(c Cell, p disclosure.Program) string {
	switch {
	case c.Status == suppressed && (c.Value != nil || c.Bound != ""):
		return "a suppressed cell has a value or a bound"
	case c.Status == suppressed:
		return ""
	case c.Status != released || c.Value == nil:
		return "the cell is neither released with a value nor suppressed"
	case *c.Value%p.Step != 0:
		return fmt.Sprintf("the value is no multiple of the step %d", p.Step)
	}
	steps := *c.Value / p.Step
	if steps < p.Lo || steps > p.Hi {
		return fmt.Sprintf("the value is outside %d…%d, what the profile in force shows", p.Lo*p.Step, p.Hi*p.Step)
	}
	if want := p.Bound(steps); c.Bound != want {
		return fmt.Sprintf("the bound is %q, of this value it is %q", c.Bound, want)
	}
	return ""
}
