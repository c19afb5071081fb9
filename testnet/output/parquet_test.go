package output

import (
	"context"
	"database/sql"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func TestParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.parquet")
	if err := WriteParquet(context.Background(), path, sampleRows()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "") // node/store has registered the driver
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT * FROM read_parquet('" + path + "')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if names, err := rows.Columns(); err != nil || !slices.Equal(names, Columns) {
		t.Fatalf("columns %v, %v", names, err)
	}
	var got [][]any
	for rows.Next() {
		row, to := make([]any, len(Columns)), make([]any, len(Columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	want := [][]any{
		{"05-200", "sp-diab", "1.0.0", "2008", "all", "released", int64(95), "ge", "percent", int64(30), int64(33), int64(36), int64(40), "p90+", "run-1"},
		{"05,300", "sp-diab", "1.0.0", "2008", "all", "suppressed", nil, nil, "percent", nil, nil, nil, nil, nil, "run-1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v\nwant %v", got, want)
	}
	if err := WriteParquet(context.Background(), filepath.Join(path, "below-a-file"), nil); err == nil {
		t.Error("a path that cannot be was written")
	}
}
