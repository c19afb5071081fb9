package output

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// WriteRelease writes release.csv.
func WriteRelease(path string, rows []Row) error {
	records := [][]string{Columns}
	for _, r := range rows {
		records = append(records, r.fields())
	}
	return writeCSV(path, records)
}

// ReadRelease reads the cells of a release.csv back, so that what is compared with the oracle is the file that people get.
func ReadRelease(path string) ([]oracle.Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read release %s: %w", path, err)
	}
	if len(records) == 0 || !slices.Equal(records[0], Columns) {
		return nil, fmt.Errorf("read release %s: the header is not that of a release", path)
	}
	var rows []oracle.Row
	for _, r := range records[1:] {
		row := oracle.Row{Practice: r[0], Measure: r[1], Stratum: r[4], Status: r[5], Value: r[6], Bound: r[7]}
		if row.Practice == "" { // a benchmark: its percentiles are what is released
			row.Value += strings.TrimSpace(strings.Join(r[9:13], " "))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// WriteOracle writes oracle.csv. payers name the den_ columns, in the order of the cells' PayerDen.
func WriteOracle(path string, payers []string, cells []oracle.Cell) error {
	header := []string{"practice_id", "measure_id", "stratum", "num", "den"}
	for _, p := range payers {
		header = append(header, "den_"+p)
	}
	records := [][]string{append(header, "expected_status", "expected_value", "expected_bound")}
	for _, c := range cells {
		if len(c.PayerDen) != len(payers) {
			return fmt.Errorf("write %s: cell %s of %s has denominators of %d payers, there are %d", path, c.Practice, c.Measure, len(c.PayerDen), len(payers))
		}
		record := []string{c.Practice, c.Measure, c.Stratum, strconv.FormatInt(c.Num, 10), strconv.FormatInt(c.Den, 10)}
		for _, den := range c.PayerDen {
			record = append(record, strconv.FormatInt(den, 10))
		}
		records = append(records, append(record, c.Status, c.Text(), c.Bound))
	}
	return writeCSV(path, records)
}

func writeCSV(path string, records [][]string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(records); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return vault.Write(path, b.Bytes())
}
