package node

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
)

const totalsFile = "totals.csv"

// ReadRelease is the table of a certified run as CSV: the canonical table's cells in their order.
func ReadRelease(r admin.Run) ([][]string, error) {
	t, err := ParseTable(r.Table)
	if err != nil {
		return nil, err
	}
	out := [][]string{{"practice_id", "measure_id", "measure_version", "period", "stratum", "status", "value", "bound", "unit", "run_id"}}
	for _, c := range t.Cells {
		value := ""
		if c.Value != nil {
			value = fmt.Sprint(*c.Value)
		}
		out = append(out, []string{c.Practice, c.Measure, c.Version, t.Period, c.Stratum, c.Status, value, c.Bound, c.Unit, t.Run})
	}
	return out, nil
}

// ReliabilityFile is the companion of release.csv.
const ReliabilityFile = "reliability.csv"

// ReadReliability is the companion of a release that asked for reliability, one row a practice and measure: at or above the line, below it, or nothing where the cell is
// suppressed, with the line of the measure. No denominator is in it and none follows, but on which side of the line it lies. nil: the run did not ask.
func ReadReliability(r admin.Run) ([][]string, error) {
	if len(r.Lines) == 0 {
		return nil, nil
	}
	t, err := ParseTable(r.Table)
	if err != nil {
		return nil, err
	}
	lines := map[string]admin.Line{}
	for _, l := range r.Lines {
		lines[l.Measure+"@"+l.Version] = l
	}
	out := [][]string{{"practice_id", "measure_id", "measure_version", "period", "stratum", "status", "reliability", "people_for_0_70", "components_run_id", "run_id"}}
	for _, c := range t.Cells {
		l, ok := lines[c.Measure+"@"+c.Version]
		if !ok {
			continue
		}
		people := "out of reach"
		if l.People > 0 {
			people = fmt.Sprint(l.People)
		}
		out = append(out, []string{c.Practice, c.Measure, c.Version, t.Period, c.Stratum, c.Status, audit.ReliabilityWord(c.Reliable), people, l.Run, t.Run})
	}
	return out, nil
}

// WriteRelease writes release.csv and certificate.json of a certified run into a folder, and reliability.csv where it asked for it; of an exact sum table.json in place
// of the first, and totals.csv beside it when it is of totals.
func WriteRelease(dir string, r admin.Run) error {
	if len(r.Table) == 0 {
		return fmt.Errorf("run %s has no table here: this member was not there when it was opened; another recipient has it", r.Run)
	}
	files := map[string][]byte{certificateFile: append(r.Certificate, '\n')}
	read := map[string]func(admin.Run) ([][]string, error){"release.csv": ReadRelease, ReliabilityFile: ReadReliability}
	if t, err := audit.ReadSum(r.Table); err == nil {
		files[tableFile] = r.Table
		read = map[string]func(admin.Run) ([][]string, error){totalsFile: func(admin.Run) ([][]string, error) { return ReadTotals(t), nil }}
	}
	for name, rows := range read {
		records, err := rows(r)
		if err != nil {
			return err
		}
		if records == nil {
			continue
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(records); err != nil {
			return err
		}
		files[name] = b.Bytes()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	for name, content := range files {
		if err := vault.Write(filepath.Join(dir, name), content); err != nil {
			return fmt.Errorf("write release: %w", err)
		}
	}
	return nil
}
