package output

import (
	"context"
	"fmt"

	"github.com/tacet-health/tacet/node/store"
)

// WriteParquet writes release.parquet: the columns and rows of release.csv; value and benchmarks as 64-bit integers, NULL where there is none.
func WriteParquet(ctx context.Context, path string, rows []Row) error {
	columns := make([]store.Column, len(Columns))
	for i, name := range Columns {
		columns[i] = store.Column{Name: name, Kind: store.Text}
		switch name {
		case "value", "benchmark_p25", "benchmark_p50", "benchmark_p75", "benchmark_p90":
			columns[i].Kind = store.Integer
		}
	}
	table := make([][]any, len(rows))
	for i, r := range rows {
		table[i] = []any{r.Practice, r.Measure, r.Version, r.Period, r.Stratum, r.Status, whole(r.Value), r.Bound, r.Unit,
			whole(r.P25), whole(r.P50), whole(r.P75), whole(r.P90), r.Band, r.Run}
	}
	if err := store.WriteParquet(ctx, path, columns, table); err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	return nil
}

func whole(v *int64) any {
	if v == nil {
		return nil
	}
	return *v
}
