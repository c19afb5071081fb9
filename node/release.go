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

// WriteRelease writes release.csv and certificate.json of a certified run into a folder; of an exact sum table.json in place of the first, and totals.csv beside it when
// it is of totals.
func WriteRelease(dir string, r admin.Run) error {
	if len(r.Table) == 0 {
		return fmt.Errorf("run %s has no table here: this member was not there when it was opened; another recipient has it", r.Run)
	}
	files := map[string][]byte{certificateFile: append(r.Certificate, '\n')}
	t, err := audit.ReadSum(r.Table)
	if err == nil {
		files[tableFile] = r.Table
		if rows := ReadTotals(t); rows != nil {
			var b bytes.Buffer
			if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
				return err
			}
			files[totalsFile] = b.Bytes()
		}
	} else {
		rows, err := ReadRelease(r)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			return err
		}
		files["release.csv"] = b.Bytes()
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
