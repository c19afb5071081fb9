package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readParquet reads the file back in another database, as text.
func readParquet(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT practice_id, value FROM read_parquet(" + quote(path) + ")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := ""
	for rows.Next() {
		var id string
		var v sql.NullString
		if err := rows.Scan(&id, &v); err != nil {
			t.Fatal(err)
		}
		out += id + "|" + v.String + ";"
	}
	return out
}

func TestWriteParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it's.parquet")
	columns := []Column{{Name: "practice_id"}, {Name: "value", Kind: Integer}}
	for range 2 { // the second replaces the first
		if err := WriteParquet(t.Context(), path, columns, [][]any{{"007", 93}, {"008", nil}}); err != nil {
			t.Fatal(err)
		}
	}
	got := readParquet(t, path)
	if got != "007|93;008|;" {
		t.Fatal(got)
	}
	if err := WriteParquet(t.Context(), path, columns, [][]any{{"x", "y"}}); err == nil || !strings.Contains(err.Error(), "row 1, column value") {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Fatal("a temporary file is left", left)
	}
}
