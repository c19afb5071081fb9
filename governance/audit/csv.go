package audit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// csvColumns are the columns of release.csv that make the table; others (benchmarks, bands) are computed from it and not signed.
var csvColumns = []string{"practice_id", "measure_id", "measure_version", "period", "stratum", "status", "value", "bound", "unit", "run_id"}

// TableFromCSV gives the table's signed bytes back from a release.csv, rows in their order there. A file that was sorted or edited gives other bytes,
// and so another hash.
func TableFromCSV(data []byte) ([]byte, error) {
	if len(data) > maxTable {
		return nil, fmt.Errorf("release has %d bytes, at most %d", len(data), maxTable)
	}
	r := csv.NewReader(bytes.NewReader(data))
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	at := map[string]int{}
	for _, c := range csvColumns {
		i := slices.Index(header, c)
		if i < 0 {
			return nil, fmt.Errorf("read release: the header has no column %s", c)
		}
		at[c] = i
	}
	var t Table
	for n := 2; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read release: %w", err)
		}
		c := Cell{
			Practice: row[at["practice_id"]], Measure: row[at["measure_id"]], Version: row[at["measure_version"]], Stratum: row[at["stratum"]],
			Status: row[at["status"]], Bound: row[at["bound"]], Unit: row[at["unit"]],
		}
		if text := row[at["value"]]; text != "" {
			v, err := strconv.ParseInt(text, 10, 64)
			if err != nil || strconv.FormatInt(v, 10) != text {
				return nil, fmt.Errorf("read release, line %d: the value is not a whole number", n)
			}
			c.Value = &v
		}
		run, period := row[at["run_id"]], row[at["period"]]
		if n == 2 {
			t.Run, t.Period = run, period
		}
		if run != t.Run || period != t.Period {
			return nil, fmt.Errorf("read release, line %d: is of run %.70q, period %.40q, the lines before of %.70q, %.40q; give one run", n, run, period, t.Run, t.Period)
		}
		t.Cells = append(t.Cells, c)
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	return b, nil
}
