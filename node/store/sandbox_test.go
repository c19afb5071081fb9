package store

import (
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
)

// FuzzLintAgainstParser sets the engine's lint and DuckDB's parser against each
// other: whatever the lint lets through, the parser must see as one SELECT over
// declared inputs, or not be able to read at all.
func FuzzLintAgainstParser(f *testing.F) {
	s, err := Open(f.Context(), f.TempDir(), Options{MemoryMB: 128, Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	for _, sql := range []string{
		diabetes, "SELECT 0 FROM AnnuAL_summArY", "SELECT (SELECT max(year) FROM medical_claim) FROM annual_summary", "SELECT a FROM annual_summary x, duckdb_tables()",
		"SELECT EXTRACT(YEAR FROM (SELECT birth_date FROM eligibility)) FROM annual_summary", "SELECT 1 FROM annual_summary WHERE EXISTS (FROM eligibility)",
		"WITH a AS (SELECT 1 FROM annual_summary), b AS (SELECT 2 FROM a) SELECT 3 FROM b CROSS JOIN a", "SELECT DISTINCT FROM eligibility, annual_summary",
		"SELECT CASE WHEN (1 = 1) THEN (2) END FROM (annual_summary JOIN eligibility USING (person_id))", "SELECT 1 FROM annual_summary; SELECT 2",
		"SELECT 1 FROM annual_summary UNION ALL SELECT 2 FROM node.loaded", "SELECT TRIM(BOTH FROM region) FROM annual_summary",
		"SELECT region IS NOT DISTINCT FROM person_id FROM annual_summary, annual_summary e", "WITH eligibility AS (SELECT 1 FROM annual_summary) SELECT 1 FROM eligibility",
		"WITH eligibility AS (SELECT 1 FROM eligibility) SELECT 1 FROM eligibility, annual_summary", "SELECT 1 FROM (WITH eligibility AS (SELECT 1 FROM annual_summary) SELECT 1 FROM eligibility) x, eligibility",
		"SELECT 2 * * 3, - 1 FROM annual_summary GROUP BY ALL", "SELECT person_id COLLATE NOCASE FROM annual_summary", "SELECT CAST(person_id AS xml), DATE 'now' FROM annual_summary",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		query, err := engine.Query(spec(sql, "annual_summary"), engine.Period{Year: 2008})
		if err != nil {
			return
		}
		conn, err := s.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		err = (&guard{conn: conn, inputs: []string{"annual_summary"}}).references(t.Context(), query)
		if err != nil && strings.Contains(err.Error(), "Binder Error: the statement") {
			t.Fatalf("the lint let through %q: %v", query, err)
		}
	})
}

// TestCrashInsideLoad copies the files as a power cut would leave them, with
// rows written and the transaction open, and opens the copy.
func TestCrashInsideLoad(t *testing.T) {
	dir, after := t.TempDir(), t.TempDir()
	s, err := Open(t.Context(), dir, Options{MemoryMB: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	columns := []string{"local_practice_id", "practice_id"}
	if _, err := s.Append(t.Context(), "practice_crosswalk", columns, Rows([][]any{{"a", "b"}})); err != nil {
		t.Fatal(err)
	}
	b, err := s.begin(t.Context(), "practice_crosswalk", columns)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	for i := range 300_000 { // more than two row groups: DuckDB writes them ahead of the commit
		b.row[0], b.row[1] = driver.Value(fmt.Sprint("p", i)), driver.Value("r")
		if err := b.push(); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.appender.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{FileName, FileName + ".wal"} {
		copyFile(t, filepath.Join(dir, name), filepath.Join(after, name))
	}
	crashed, err := Open(t.Context(), after, Options{MemoryMB: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer crashed.Close()
	count(t, crashed, "practice_crosswalk", 1)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return // no write-ahead log yet
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
}

// TestMeasuresWhileLoading runs both at once; every measure sees whole loads.
func TestMeasuresWhileLoading(t *testing.T) {
	s := people(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 5 {
				rows, err := s.Measure(t.Context(), spec(diabetes, "annual_summary"), engine.Period{Year: 2010})
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range rows {
					if r.Den%50 != 0 {
						t.Errorf("a measure saw part of a load")
					}
				}
			}
		})
	}
	for load := range 5 {
		var rows [][]any
		for i := range 50 {
			rows = append(rows, []any{fmt.Sprint(load, "-", i), 2010, "r", 12, 0})
		}
		if _, err := s.Append(t.Context(), "annual_summary", []string{"person_id", "year", "region", "member_months", "diabetes"}, Rows(rows)); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

// TestMeasureRefuses goes through the front door.
func TestMeasureRefuses(t *testing.T) {
	s := people(t)
	const body = "SELECT region AS practice, 'all' AS stratum, 0 AS num, 1 AS den FROM "
	for _, sql := range []string{
		"COPY annual_summary TO 'x.csv'", "ATTACH 'x.duckdb' AS x", "PRAGMA database_list", "SET lock_configuration = false",
		body + "annual_summary; DROP TABLE annual_summary", body + "annual_summary /* */", body + "annual_summary) AS m; DELETE FROM annual_summary; SELECT (1",
		body + "read_csv('/etc/passwd')", body + "'/etc/passwd'", body + "annual_summary, eligibility", body + "annual_summary, node.loaded",
		"WITH annual_summary AS (SELECT * FROM eligibility) " + body + "annual_summary", "WITH x AS (DELETE FROM annual_summary RETURNING region) " + body + "x",
		body + "annual_summary WHERE region IN (SELECT sql FROM duckdb_tables())", body + "annual_summary WHERE region = current_setting('home_directory')",
	} {
		if _, err := s.Measure(t.Context(), spec(sql, "annual_summary"), engine.Period{Year: 2008}); err == nil || !strings.Contains(err.Error(), "sql line 1") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	count(t, s, "annual_summary", 4)
}
