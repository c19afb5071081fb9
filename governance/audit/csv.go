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

// csvColumns are the columns of release.csv that make the table; others (benchmarks, bands) are computed from it and not signed, but for a row without a
// practice, whose benchmarks are the release.
var csvColumns = []string{"practice_id", "measure_id", "measure_version", "period", "stratum", "status", "value", "bound", "unit", "run_id"}

// TableFromCSV gives the table's signed bytes back from a release.csv, rows in their order there, and from what its certificate carries of the cells'
// reliability. A file that was sorted or edited gives other bytes, and so another hash.
func TableFromCSV(data, certificate []byte) ([]byte, error) {
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
	t := Table{Cells: []Cell{}}
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
		if c.Value, err = wholeNumber(row[at["value"]]); err != nil {
			return nil, fmt.Errorf("read release, line %d: the value %w", n, err)
		}
		run, period := row[at["run_id"]], row[at["period"]]
		if n == 2 {
			t.Run, t.Period = run, period
		}
		if run != t.Run || period != t.Period {
			return nil, fmt.Errorf("read release, line %d: is of run %.70q, period %.40q, the lines before of %.70q, %.40q; give one run", n, run, period, t.Run, t.Period)
		}
		if c.Practice == "" {
			b, err := benchmarkRow(header, row, c)
			if err != nil {
				return nil, fmt.Errorf("read release, line %d: %w", n, err)
			}
			t.Benchmarks = append(t.Benchmarks, b)
			continue
		}
		t.Cells = append(t.Cells, c)
	}
	if cert, _, err := readCertificate(certificate); err == nil { // what is wrong with a certificate is found where it is checked
		if err := mark(t.Cells, cert.Reliability); err != nil {
			return nil, fmt.Errorf("read release: %w", err)
		}
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	return b, nil
}

// benchmarkRow reads a row without a practice: a measure that releases a benchmark only. Its percentiles are part of what was signed;
// in other rows they are computed from the table.
func benchmarkRow(header, row []string, c Cell) (Benchmark, error) {
	b := Benchmark{Measure: c.Measure, Version: c.Version, Stratum: c.Stratum, Status: c.Status, Unit: c.Unit}
	if c.Value != nil || c.Bound != "" {
		return b, errors.New("a row without a practice has a value or a bound")
	}
	for i, to := range b.percentiles() {
		name := [...]string{"benchmark_p25", "benchmark_p50", "benchmark_p75", "benchmark_p90"}[i]
		at := slices.Index(header, name)
		if at < 0 {
			return b, fmt.Errorf("the header has no column %s", name)
		}
		var err error
		if *to, err = wholeNumber(row[at]); err != nil {
			return b, fmt.Errorf("%s %w", name, err)
		}
	}
	return b, nil
}

// wholeNumber reads a column that may be empty.
func wholeNumber(text string) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != text {
		return nil, errors.New("is not a whole number")
	}
	return &v, nil
}
