package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
)

const cells = "SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, "

// TestApprovedMeasureAttacks sends what a malicious measure that was voted in could say through the front door, as a run does: it reads nothing but its input, and the
// refusal names the measure.
func TestApprovedMeasureAttacks(t *testing.T) {
	s := people(t)
	for _, sql := range []string{
		"COPY annual_summary TO 'x.csv'", "ATTACH 'x.duckdb' AS x", "PRAGMA threads = 1", "SET threads = 1", "SET VARIABLE a = 1", "INSTALL httpfs", "LOAD httpfs", "CALL pragma_version()", "CHECKPOINT", "EXPLAIN SELECT 1",
		"SHOW TABLES", "DESCRIBE annual_summary", "SUMMARIZE annual_summary", "TABLE annual_summary", "VALUES (1)", "FROM annual_summary", "CREATE MACRO m() AS 1", "PREPARE x AS SELECT 1", "USE main", "CREATE SECRET x (TYPE s3)",
		cells + "1 AS den FROM annual_summary; COPY annual_summary TO 'x'", cells + "1 AS den FROM annual_summary; --", cells + "1 AS den FROM annual_summary /* ; */", cells + "1 AS den FROM annual_summary /* /* */ */", cells + "1 AS den FROM annual_summary /*",
		cells + "1 AS den FROM annual_summary) AS m; SELECT * FROM medical_claim --", cells + "1 AS den FROM annual_summary) AS m, medical_claim AS (SELECT 1",
		cells + "COUNT(*) AS den FROM annual_summary, medical_claim", cells + "COUNT(*) AS den FROM annual_summary, main.annual_summary b", cells + "COUNT(*) AS den FROM annual_summary, members.main.annual_summary b",
		"WITH medical_claim AS (SELECT 1 AS c FROM medical_claim) " + cells + "COUNT(*) AS den FROM medical_claim, annual_summary",
		"WITH a AS (SELECT 1 AS c FROM medical_claim), medical_claim AS (SELECT 1 AS c FROM annual_summary) " + cells + "COUNT(*) AS den FROM a, medical_claim",
		cells + "COUNT(*) AS den FROM (WITH medical_claim AS (SELECT 1 AS x FROM annual_summary) SELECT x FROM medical_claim) a, medical_claim b",
		"WITH RECURSIVE r AS (SELECT 1 AS n FROM annual_summary UNION ALL SELECT n + 1 FROM r) " + cells + "COUNT(*) AS den FROM r", "WITH r AS (SELECT 1 AS n FROM annual_summary UNION ALL SELECT n + 1 FROM r) " + cells + "COUNT(*) AS den FROM r",
		cells + "COUNT(*) AS den FROM annual_summary, read_csv('x')", cells + "COUNT(*) AS den FROM annual_summary, read_parquet('x')", cells + "COUNT(*) AS den FROM annual_summary, read_text('x')", cells + "COUNT(*) AS den FROM annual_summary, glob('*')",
		cells + "COUNT(*) AS den FROM annual_summary, 'x.csv'", cells + "COUNT(*) AS den FROM annual_summary, \"x.csv\"", cells + "COUNT(*) AS den FROM annual_summary, x.csv", cells + "COUNT(*) AS den FROM \"ANNUAL_summary\"", cells + "COUNT(*) AS den FROM U&\"annual\\005fsummary\"",
		cells + "COUNT(*) AS den FROM annual_summary, duckdb_settings()", cells + "COUNT(*) AS den FROM annual_summary, duckdb_tables", cells + "COUNT(*) AS den FROM annual_summary, information_schema.tables", cells + "COUNT(*) AS den FROM annual_summary, pg_catalog.pg_tables",
		cells + "COUNT(*) AS den FROM annual_summary, sqlite_master", cells + "COUNT(*) AS den FROM annual_summary, node.loaded", cells + "COUNT(*) AS den FROM annual_summary, kept_0", cells + "COUNT(*) AS den FROM annual_summary, query('SELECT 1')",
		cells + "COUNT(*) AS den FROM annual_summary, query_table('medical_claim')", cells + "COUNT(*) AS den FROM annual_summary, LATERAL (SELECT 1 FROM medical_claim) x", cells + "COUNT(*) AS den FROM annual_summary, (TABLE medical_claim) x",
		cells + "COUNT(*) AS den FROM annual_summary, (VALUES (1)) x", cells + "COUNT(*) AS den FROM annual_summary, (SUMMARIZE medical_claim) x", cells + "COUNT(*) AS den FROM annual_summary, (SHOW TABLES) x", cells + "COUNT(*) AS den FROM annual_summary, generate_series(1, 9)",
		cells + "getenv('HOME') AS den FROM annual_summary", cells + "current_setting('memory_limit') AS den FROM annual_summary", cells + "nextval('s') AS den FROM annual_summary", cells + "error(person_id) AS den FROM annual_summary", cells + "getvariable('x') AS den FROM annual_summary",
		cells + "$$1$$ AS den FROM annual_summary", cells + "LENGTH(E'\\x41') AS den FROM annual_summary", cells + "LENGTH($a$x$a$) AS den FROM annual_summary", cells + "? AS den FROM annual_summary", cells + "random() AS den FROM annual_summary",
		cells + "COUNT(*) AS den FROM annual_summary WHERE person_id IN (FROM medical_claim)", cells + "COUNT(*) AS den FROM annual_summary ORDER BY (SELECT MAX(person_id) FROM medical_claim)", cells + "COUNT(*) AS den FROM annual_summary POSITIONAL JOIN annual_summary b",
	} {
		rows, err := s.Measure(t.Context(), spec(sql, "annual_summary"), engine.Period{Year: 2008})
		if err == nil || !strings.Contains(err.Error(), "measure t-one") {
			t.Errorf("%s: %v %v", sql, rows, err)
		}
	}
	// A comment that ends at a carriage return on some engines ends at the line feed here, before any of them sees it.
	rows, err := s.Measure(t.Context(), spec(cells+"COUNT(*) AS den FROM annual_summary -- \r, medical_claim", "annual_summary"), engine.Period{Year: 2008})
	if err != nil || len(rows) != 1 || rows[0].Den != 4 {
		t.Error(rows, err)
	}
}

// TestErrorsKeepData: a measure that makes the database stumble over a member's value, or returns one where a practice belongs, says so without the value, and where the
// log has errors it has no value.
func TestErrorsKeepData(t *testing.T) {
	s := newStore(t)
	if _, err := s.Append(t.Context(), "annual_summary", []string{"person_id", "year", "region", "member_months", "diabetes"}, Rows([][]any{
		{"SECRET-1", 2008, "39-230", 12, 1}, {"SECRET-2", 2008, "39-230", 12, 0}, {"SECRET-2", 2009, "39-230", 12, 0},
	})); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		cells + "MAX(CAST(person_id AS INTEGER)) AS den FROM annual_summary", cells + "MAX(CAST(person_id AS BIGINT)) AS den FROM annual_summary", cells + "MAX(person_id) AS den FROM annual_summary",
		cells + "COUNT(*) AS den FROM annual_summary WHERE CAST(person_id AS DATE) > {{period_end}}", cells + "COUNT(*) AS den FROM annual_summary WHERE CAST(person_id AS TIMESTAMP) > CAST({{period_end}} AS TIMESTAMP)",
		cells + "COUNT(*) AS den FROM annual_summary WHERE person_id = 5", cells + "COUNT(*) AS den FROM annual_summary GROUP BY CAST(person_id AS SMALLINT)",
		cells + "{{add_days({{period_end}}, person_id)}} AS den FROM annual_summary", cells + "{{div(person_id, 7)}} AS den FROM annual_summary", cells + "ABS(MAX(person_id)) AS den FROM annual_summary",
		"SELECT person_id AS practice, 'all' AS stratum, 5 AS num, 4 AS den FROM annual_summary", "SELECT person_id AS practice, 'all' AS stratum, 0 AS num, 4 AS den FROM annual_summary",
		"SELECT 'p' AS practice, person_id AS stratum, 0 AS num, 400000 AS den FROM annual_summary", "SELECT person_id AS practice, 'all' AS stratum, NULL AS num, 4 AS den FROM annual_summary",
		"SELECT CAST(CAST(person_id AS INTEGER) AS VARCHAR) AS practice, 'all' AS stratum, 0 AS num, 1 AS den FROM annual_summary",
		cells + "(SELECT year FROM annual_summary) AS den FROM annual_summary", // more than one row
		"WITH a AS (SELECT CAST(person_id AS BIGINT) * 9000000000000000 * 9000000000000 AS n FROM annual_summary) " + cells + "MAX(n) AS den FROM a",
	} {
		rows, err := s.Measure(t.Context(), spec(sql, "annual_summary"), engine.Period{Year: 2008})
		if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "t-one") {
			t.Errorf("%s: %v %v", sql, rows, err)
		}
	}
}

// TestMeasureEndsAtMemory: a query beyond memory and spill ends with an error that says which measure and what to do, and the store goes on.
func TestMeasureEndsAtMemory(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{MemoryMB: 64, Threads: 1, SpillMB: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows := func(yield func([]any, error) bool) {
		for i := range 1500 {
			id := strings.Repeat("x", i+1)
			if !yield([]any{"a" + id, id}, nil) {
				return
			}
		}
	}
	if _, err := s.Append(t.Context(), "practice_crosswalk", []string{"local_practice_id", "practice_id"}, rows); err != nil {
		t.Fatal(err)
	}
	const sql = `WITH pairs AS (SELECT a.local_practice_id || b.local_practice_id AS x FROM practice_crosswalk a CROSS JOIN practice_crosswalk b)
SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(DISTINCT x) AS den FROM pairs`
	_, err = s.Measure(t.Context(), spec(sql, "practice_crosswalk"), engine.Period{Year: 2008})
	if err == nil || !strings.Contains(err.Error(), "measure t-one") || !strings.Contains(err.Error(), "needs more memory") {
		t.Error(err)
	}
	count(t, s, "practice_crosswalk", 1500)
}

// TestNothingOutside: whatever the measures above asked for, the store's folder holds its own files alone, and no environment or file of the process reached a result.
func TestNothingOutside(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{MemoryMB: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g := &guard{conn: conn, inputs: []string{"annual_summary"}}
	for _, q := range []string{
		"SELECT * FROM (SHOW TABLES)", "VALUES (1)", "SELECT current_setting('memory_limit')", "SELECT getvariable('x')", "SELECT random()", "SELECT error('x')", "SELECT other.abs(1)", "SELECT rowid FROM annual_summary",
		"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r", "SELECT [1]", "SELECT {'a': 1}", "SELECT list_transform([1], x -> x)", "SELECT person_id COLLATE NOCASE FROM annual_summary",
		"SELECT * FROM annual_summary USING SAMPLE 1", "SELECT COUNT(*) FROM annual_summary TABLESAMPLE 10%", "SELECT * FROM annual_summary POSITIONAL JOIN annual_summary b", "SELECT * FROM (SUMMARIZE annual_summary)",
		"SELECT COLUMNS('.*') FROM annual_summary", "SELECT string_agg(person_id) FROM annual_summary", "SELECT first(person_id) FROM annual_summary", "SELECT list(person_id) FROM annual_summary", "SELECT now()", "SELECT current_date", "SELECT nextval('x')",
		"SELECT 1 FROM annual_summary LIMIT 1", "WITH medical_claim AS (SELECT 1 FROM medical_claim) SELECT 1 FROM medical_claim", "FROM query('SELECT 1')", "PIVOT annual_summary ON year USING count(*)", "SELECT * FROM annual_summary, LATERAL (SELECT person_id FROM medical_claim)",
	} {
		if err := g.check(t.Context(), q); err == nil {
			t.Errorf("passed the guard: %s", q)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) > 2 {
		t.Error(files, err)
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
		t.Error(err)
	}
}

// TestExplainEndsWithContext: an explanation runs the measure too, under the same limit.
func TestExplainEndsWithContext(t *testing.T) {
	s := people(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Explain(ctx, spec(diabetes, "annual_summary"), engine.Period{Year: 2008}, "p1"); err == nil || strings.Contains(err.Error(), "p1") {
		t.Error(err)
	}
}
