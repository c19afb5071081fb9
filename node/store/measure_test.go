package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

func spec(sql string, inputs ...string) *measures.Spec {
	return &measures.Spec{
		ID: "t-one", Version: "1.0.0", Title: "Test", Type: measures.Proportion, Direction: measures.Higher, Grain: "county",
		Inputs: inputs, SQL: sql, Cap: measures.Cap{Num: 1000, Den: 1000},
		Release:   measures.Release{Profile: "quality-rate", Unit: "percent", Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
		Rationale: "r", Source: "s", Licence: "l",
	}
}

func people(t *testing.T) *Store {
	s := newStore(t)
	_, err := s.Append(t.Context(), "annual_summary", []string{"person_id", "year", "region", "member_months", "diabetes"}, Rows([][]any{
		{"p1", 2008, "39-230", 12, 1}, {"p2", 2008, "39-230", 12, 0}, {"p3", 2008, "01-001", 12, 1}, {"p3", 2009, "01-001", 12, 1},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const diabetes = `-- people with diabetes; don't count partial years
SELECT region AS practice, 'all' AS stratum, SUM(diabetes) AS num, COUNT(*) AS den
FROM annual_summary WHERE year = {{year}} AND member_months = 12
GROUP BY region`

func TestMeasure(t *testing.T) {
	s := people(t)
	rows, err := s.Measure(t.Context(), spec(diabetes, "annual_summary"), engine.Period{Year: 2008})
	if err != nil {
		t.Fatal(err)
	}
	want := []measures.Row{{Practice: "01-001", Stratum: "all", Num: 1, Den: 1}, {Practice: "39-230", Stratum: "all", Num: 1, Den: 2}}
	if len(rows) != 2 || rows[0] != want[0] || rows[1] != want[1] {
		t.Fatal(rows)
	}
}

// TestMacrosOnDuckDB holds every macro's meaning to the database's answer.
func TestMacrosOnDuckDB(t *testing.T) {
	s := people(t)
	sql := `SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, MAX(
  CASE WHEN {{days_between(DATE '2008-02-28', {{period_end}})}} = 307
   AND {{add_days(DATE '2008-02-28', 2)}} = DATE '2008-03-01'
   AND {{years_before(period_end, 45)}} = DATE '1963-12-31' AND {{days_before(period_start, 14)}} = DATE '2007-12-18'
   AND {{days_after(prior_end, 1)}} = {{period_start}} AND {{prior_start}} = DATE '2007-01-01'
   AND {{div(2599 + 500, 1000)}} = 3 AND {{div(SUM_OF, 7)}} = 5
   AND {{first_month}} = '200801' AND {{last_month}} = '200812' AND {{prior_year}} = 2007
   AND 'B1' IN {{codes(two)}} AND 'C' NOT IN {{codes(two)}} AND 'L1' IN {{codes(two)}}
  THEN 1 ELSE 0 END) AS den FROM (SELECT CAST(35 + SUM(diabetes) - SUM(diabetes) AS BIGINT) AS SUM_OF FROM annual_summary) AS x`
	m := spec(sql, "annual_summary")
	m.ValueSets = map[string]measures.ValueSet{"two": {Public: []string{"B1", "A.1"}, Slot: "mine"}}
	rows, err := s.Measure(t.Context(), m, engine.Period{Year: 2008}, engine.Slot{Name: "mine", Codes: []string{"L1"}})
	if err != nil || len(rows) != 1 || rows[0].Den != 1 {
		t.Fatal(rows, err)
	}
}

// TestResultsRefused: what a query may not return, and that no value is quoted.
func TestResultsRefused(t *testing.T) {
	s := people(t)
	head := "SELECT region AS practice, 'all' AS stratum, "
	tail := " FROM annual_summary WHERE year = 2008 GROUP BY region"
	for sql, want := range map[string]string{
		head + "0 - 77123 AS num, 88456 AS den" + tail:                                                                  "negative",
		head + "4 AS num, 3 AS den" + tail:                                                                              "num is above den",
		head + "1 AS num, 77123 AS den" + tail:                                                                          "den is above the measure's cap of 1000",
		head + "NULL AS num, 3 AS den" + tail:                                                                           "NULL",
		head + "0.5 AS num, 3 AS den" + tail:                                                                            "only whole decimal numbers",
		head + "AVG(diabetes) AS num, 3 AS den" + tail:                                                                  `function "avg"`,
		head + "CAST('5.5' AS DECIMAL) AS num, 9 AS den" + tail:                                                         "cents",
		head + "{{div(1, 1)}} * .5 AS num, 9 AS den" + tail:                                                             "only whole decimal numbers",
		head + "'77123x' AS num, 9 AS den" + tail:                                                                       "withheld",
		head + "MAX(person_id) AS num, 9 AS den" + tail:                                                                 "withheld",
		"SELECT NULL AS practice, 'all' AS stratum, 1 AS num, 1 AS den FROM annual_summary":                             "practice is empty",
		"SELECT region AS practice, 'all' AS stratum, 1 AS num, 1 AS den FROM annual_summary":                           "come twice",
		"SELECT region AS practice, '' AS stratum, 1 AS num, 1 AS den FROM annual_summary":                              "stratum is empty",
		"SELECT region AS practice, 1 AS num, 1 AS den FROM annual_summary":                                             "stratum",
		"SELECT region AS practice, 'all' AS stratum, nothere AS num, 1 AS den FROM annual_summary":                     "nothere",
		"SELECT region AS practice, 'all' AS stratum, 99999999999999999 * 1000000 AS num, 1 AS den FROM annual_summary": "withheld",
	} {
		rows, err := s.Measure(t.Context(), spec(sql, "annual_summary"), engine.Period{Year: 2008})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  %v %v\n  want %s", sql, rows, err, want)
		}
		for _, secret := range []string{"77123", "88456", "p3", "01-001", "39-230"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes a value: %v", err)
			}
		}
	}
	if _, err := s.Measure(t.Context(), spec("SELECT 1", "loaded"), engine.Period{Year: 2008}); err == nil || !strings.Contains(err.Error(), `"loaded" is not a canonical table`) {
		t.Error(err)
	}
}

// TestGuardWithoutLint sends to the second and third layer what the lint would
// have refused: each must hold by itself.
func TestGuardWithoutLint(t *testing.T) {
	s := people(t)
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g := &guard{conn: conn, inputs: []string{"annual_summary"}}
	for _, q := range []string{
		"COPY annual_summary TO 'x.csv'", "ATTACH 'x.duckdb' AS x", "PRAGMA threads = 1", "PRAGMA database_list", "SET threads = 1", "INSTALL httpfs", "LOAD httpfs",
		"SELECT 1; SELECT 2", "SELECT 1; DROP TABLE annual_summary", "DELETE FROM annual_summary", "CREATE TABLE t AS SELECT 1", "CALL pragma_version()",
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM eligibility", "SELECT * FROM node.loaded", "WITH annual_summary AS (SELECT * FROM eligibility) SELECT * FROM annual_summary",
		"SELECT (SELECT count(*) FROM medical_claim) FROM annual_summary", "SELECT * FROM duckdb_settings()", "SELECT * FROM main.annual_summary", "SELECT * FROM (SELECT 1 WHERE EXISTS (SELECT * FROM range(3)))", "EXPLAIN SELECT 1",
	} {
		if rows, err := g.QueryContext(t.Context(), q); err == nil {
			rows.Close()
			t.Errorf("passed the guard: %s", q)
		}
	}
	if rows, err := g.QueryContext(t.Context(), "WITH a AS (SELECT region FROM annual_summary) SELECT * FROM a JOIN annual_summary USING (region)"); err != nil {
		t.Error(err)
	} else {
		rows.Close()
	}
}

// TestLockedDatabase: without lint and guard, the database itself reads no
// file, writes none outside its own, and cannot be unlocked.
func TestLockedDatabase(t *testing.T) {
	s := people(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(secret, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"SELECT * FROM read_csv(" + quote(secret) + ")", "SELECT * FROM " + quote(secret), "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM glob('/etc/*')",
		"COPY annual_summary TO " + quote(filepath.Join(dir, "out.csv")), "EXPORT DATABASE " + quote(filepath.Join(dir, "out")),
		"ATTACH " + quote(filepath.Join(dir, "x.duckdb")), "COPY annual_summary FROM " + quote(secret), "INSTALL httpfs", "LOAD " + quote(secret),
		"SET enable_external_access = true", "SET lock_configuration = false", "RESET enable_external_access", "SET allowed_directories = ['/']",
		"PRAGMA enable_external_access = true", "SET memory_limit = '64GB'", "SET temp_directory = '/tmp'", "SET threads = 64",
		"SELECT * FROM read_csv('https://example.org/a.csv')",
	} {
		if rows, err := s.db.QueryContext(t.Context(), q); err == nil {
			rows.Close()
			t.Errorf("the locked database took: %s", q)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Error("a file was written", left)
	}
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN TRANSACTION READ ONLY"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "DELETE FROM annual_summary"); err == nil {
		t.Error("a read-only transaction wrote")
	}
	conn.ExecContext(t.Context(), "ROLLBACK")
	count(t, s, "annual_summary", 4)
}

// cross joins its input with itself five times: minutes of work.
const cross = `SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(*) AS den FROM practice_crosswalk a
CROSS JOIN practice_crosswalk b CROSS JOIN practice_crosswalk c CROSS JOIN practice_crosswalk d
WHERE a.practice_id <> b.local_practice_id AND mod(length(a.practice_id || b.practice_id || c.practice_id || d.practice_id), 7) = 3`

func TestMeasureEndsWithContextAndTimeout(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{MemoryMB: 256, Threads: 1, MeasureTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows := func(yield func([]any, error) bool) {
		for i := range 1000 {
			id := string(rune('a'+i%26)) + strings.Repeat("x", i)
			if !yield([]any{id, id}, nil) {
				return
			}
		}
	}
	if _, err := s.Append(t.Context(), "practice_crosswalk", []string{"local_practice_id", "practice_id"}, rows); err != nil {
		t.Fatal(err)
	}
	_, err = s.Measure(t.Context(), spec(cross, "practice_crosswalk"), engine.Period{Year: 2008})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "took longer than 50ms") {
		t.Fatal(err)
	}
	s.timeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := s.Measure(ctx, spec(cross, "practice_crosswalk"), engine.Period{Year: 2008}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if d := time.Since(begun); d > 10*time.Second {
		t.Fatalf("ended %v after its context", d)
	}
	count(t, s, "practice_crosswalk", 1000) // the store is usable afterwards
}
