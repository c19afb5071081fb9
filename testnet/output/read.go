package output

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"

	"github.com/tacet-health/tacet/testnet/oracle"
)

// ReadCells reads the cells of any CSV with the release's first columns, by name: a node's own release.csv has fewer.
func ReadCells(path string) ([]oracle.Row, error) {
	return readRows(path, "practice_id", "measure_id", "stratum", "status", "value", "bound")
}

// ReadExpected reads what oracle.csv says must come out.
func ReadExpected(path string) ([]oracle.Row, error) {
	return readRows(path, "practice_id", "measure_id", "stratum", "expected_status", "expected_value", "expected_bound")
}

func readRows(path string, columns ...string) ([]oracle.Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read cells: %w", err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read cells of %s: %w", path, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("read cells of %s: no header", path)
	}
	var at []int
	for _, c := range columns {
		i := slices.Index(records[0], c)
		if i < 0 {
			return nil, fmt.Errorf("read cells of %s: no column %s", path, c)
		}
		at = append(at, i)
	}
	var rows []oracle.Row
	for _, r := range records[1:] {
		rows = append(rows, oracle.Row{Practice: r[at[0]], Measure: r[at[1]], Stratum: r[at[2]], Status: r[at[3]], Value: r[at[4]], Bound: r[at[5]]})
	}
	return rows, nil
}
