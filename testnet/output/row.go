package output

import (
	"strconv"

	"github.com/tacet-health/tacet/testnet/oracle"
)

// Row is one cell of a release, or, with an empty Practice, the benchmark of a measure that releases no cell. Value and the benchmarks are
// nil where there is none.
type Row struct {
	Practice, Measure, Version, Period, Stratum string
	Status                                      string // released | suppressed
	Value                                       *int64
	Bound                                       string // le | ge | empty
	Unit                                        string
	P25, P50, P75, P90                          *int64
	Band                                        string
	Run                                         string
	Reliable                                    *bool // of a released cell whose run asks for it
}

// Columns are the columns of release.csv and release.parquet, in this order.
var Columns = []string{"practice_id", "measure_id", "measure_version", "period", "stratum", "status", "value", "bound", "unit",
	"benchmark_p25", "benchmark_p50", "benchmark_p75", "benchmark_p90", "percentile_band", "run_id"}

func (r Row) fields() []string {
	return []string{r.Practice, r.Measure, r.Version, r.Period, r.Stratum, r.Status, number(r.Value), r.Bound, r.Unit,
		number(r.P25), number(r.P50), number(r.P75), number(r.P90), r.Band, r.Run}
}

// Cell is what the oracle compares.
func (r Row) Cell() oracle.Row {
	return oracle.Row{Practice: r.Practice, Measure: r.Measure, Stratum: r.Stratum, Status: r.Status, Value: number(r.Value), Bound: r.Bound}
}

// number is a whole number, or empty for none.
func number(v *int64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatInt(*v, 10)
}
