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

// WriteRelease writes release.csv and certificate.json of a certified run into a folder; of an exact sum table.json in place of the first.
func WriteRelease(dir string, r admin.Run) error {
	if len(r.Table) == 0 {
		return fmt.Errorf("run %s has no table here: this member was not there when it was opened; another recipient has it", r.Run)
	}
	name, content := tableFile, r.Table
	if _, err := audit.ReadSum(r.Table); err != nil {
		rows, err := ReadRelease(r)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			return err
		}
		name, content = "release.csv", b.Bytes()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	for name, content := range map[string][]byte{name: content, certificateFile: append(r.Certificate, '\n')} {
		if err := vault.Write(filepath.Join(dir, name), content); err != nil {
			return fmt.Errorf("write release: %w", err)
		}
	}
	return nil
}
