package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parquet writes a query's rows as a file.
func parquet(t *testing.T, path, query string, more ...string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("COPY (" + query + ") TO " + quote(path) + " (FORMAT parquet" + strings.Join(more, "") + ")"); err != nil {
		t.Fatal(err)
	}
	return path
}

func sourceStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{MemoryMB: 256, Threads: 1, Sources: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var fragments = []string{"", "0", "1", "12", "2024", "-", ".", "99", "01", "31", "-02-", "29", "30", "T", " ", ":", "23:59:59", "24:00:00", "00", "2008-02-29", "1900-02-29", "1799-12-31",
	"9999-12-31", "202413", "202412", "0002-3227-30", "00002-3227-30", "50242-040-62", "60575-4112-1", "00002322730", "12.50", "1.005", "5000", "é", "\x1f", "\n", "\t", "\x7f", "a", "NULL", "+1",
	"1e3", "1.23E+10", "E+", "450", "450.0", "2.0", "02.0", "7", "1234567890123456", "123456789012345678", ",", "\u00a0", "１", "−1", "0x1"}

// The SQL that reads Parquet and the Go that reads CSV are two tellings of one rule: whatever one takes, the other takes, as the same value.
func TestColumnarReadsAsCSV(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	texts := []string{strings.Repeat("x", maxText), strings.Repeat("é", maxText/2) + "x"}
	for range 4000 {
		text := ""
		for range 1 + r.IntN(4) {
			text += fragments[r.IntN(len(fragments))]
		}
		texts = append(texts, text)
	}
	texts = append(texts, fragments...)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE t (n BIGINT, x VARCHAR)"); err != nil {
		t.Fatal(err)
	}
	tx, _ := db.Begin()
	for i, text := range texts {
		if _, err := tx.Exec("INSERT INTO t VALUES (?, ?)", i, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for kind := Text; kind < Micros; kind++ {
		for _, required := range []bool{false, true} {
			c := Column{Name: "x", Kind: kind, Required: required}
			s, ok := c.read("VARCHAR")
			if !ok {
				t.Fatalf("%v takes no text", kind)
			}
			compareRead(t, db, texts, kind.String(), s.ok(), "CASE WHEN NOT "+s.empty+" THEN "+s.value+" END", func(text string) (any, bool) {
				v, err := c.parse(text)
				return v, err == nil
			})
		}
	}
	for _, t2 := range []string{"revenue_center_code", "zip_code", "person_id", "diagnosis_code_1", "result", "drg_code", "dual_status_code", "place_of_service_code"} { // texts that may be spoiled
		c := Column{Name: t2}
		s, _ := c.read("VARCHAR")
		in := func(sql string) string { return strings.ReplaceAll(sql, `"`+t2+`"`, `"x"`) }
		compareRead(t, db, texts, t2, in(s.ok()), in("CASE WHEN NOT "+s.empty+" THEN "+s.value+" END"), func(text string) (any, bool) {
			v, err := c.parse(text)
			return v, err == nil
		})
	}
	compareRead(t, db, texts, "micros", "true", sqlMicros("x"), func(text string) (any, bool) {
		if n, ok := micros(text); ok {
			return n, true
		}
		return nil, true
	})
}

func compareRead(t *testing.T, db *sql.DB, texts []string, name, ok, value string, parse func(string) (any, bool)) {
	t.Helper()
	rows, err := db.Query("SELECT n, " + ok + ", CASE WHEN " + ok + " THEN " + value + " END FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	taken := 0
	for rows.Next() {
		var n int
		var got any
		var fine bool
		if err := rows.Scan(&n, &fine, &got); err != nil {
			t.Fatal(err)
		}
		want, accepted := parse(texts[n])
		if at, is := got.(time.Time); is {
			got = at.UTC()
		}
		if fine != accepted || fine && got != want {
			t.Errorf("%s %q: SQL says %v %v, Go %v %v", name, texts[n], fine, got, accepted, want)
		}
		if fine && got != nil {
			taken++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if taken < 5 {
		t.Errorf("%s: %d texts taken: the test has lost its point", name, taken)
	}
}

func TestLoadParquet(t *testing.T) {
	dir := t.TempDir()
	s := sourceStore(t, dir)
	parquet(t, filepath.Join(dir, "medical_claim.2024.parquet"), `SELECT 'c' || i AS claim_id, CAST(i % 3 AS INTEGER) AS claim_line_number, '007' AS person_id, DATE '2024-02-29' AS claim_start_date,
		CAST(i AS DECIMAL(9, 4)) / 4 AS allowed_amount, CAST(i * 0.01 AS DOUBLE) AS paid_amount, '' AS diagnosis_code_1, 'x' AS payer, 3.0::DOUBLE AS service_unit_quantity FROM range(5000) t(i)`, ", ROW_GROUP_SIZE 2048")
	os.Mkdir(filepath.Join(dir, "lab_result"), 0o700)
	parquet(t, filepath.Join(dir, "lab_result", "part-0.snappy.parquet"), `SELECT 'l1' AS lab_result_id, '007' AS person_id, '6.05' AS result, TIMESTAMP '2024-01-02 03:04:05' AS result_datetime`)
	parquet(t, filepath.Join(dir, "lab_result", "part-1.parquet"), `SELECT 'l2' AS lab_result_id, '007' AS person_id, '<5' AS result, TIMESTAMP '2024-01-02 03:04:05' AS result_datetime`)
	for again := range 2 {
		report, err := s.Load(t.Context(), dir)
		if err != nil || len(report.Files) != 3 {
			t.Fatal(report, err)
		}
		for _, f := range report.Files {
			if f.Already != (again == 1) {
				t.Errorf("time %d: %+v", again, f)
			}
		}
		count(t, s, "medical_claim", 5000)
		count(t, s, "lab_result", 2)
	}
	var got string
	if err := s.db.QueryRow(`SELECT concat_ws(' ', sum(allowed_amount), sum(paid_amount), min(person_id), count(diagnosis_code_1), max(claim_start_date), sum(service_unit_quantity),
		(SELECT sum(result_micros) FROM lab_result), (SELECT max(result_datetime) FROM lab_result)) FROM medical_claim`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d %d 007 0 2024-02-29 15000 6050000 2024-01-02 03:04:05", 25*4999*5000/2, 4999*5000/2); got != want {
		t.Errorf("loaded %s, want %s", got, want)
	}
}

func TestLoadParquetRefuses(t *testing.T) {
	dir := t.TempDir()
	s := sourceStore(t, dir)
	base := parquet(t, filepath.Join(dir, "medical_claim.parquet"), "SELECT 'c1' AS claim_id, 1 AS claim_line_number, 'p' AS person_id")
	if _, err := s.Load(t.Context(), base); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, 'x' AS wrong":                                                    "column wrong is not a column of medical_claim",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number":                                                                                    "column person_id is required",
		"SELECT 17 AS claim_id, 1 AS claim_line_number, 'p' AS person_id":                                                                    "column claim_id has type INTEGER in the file: write it as text",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, 1.5::FLOAT AS paid_amount":                                       "column paid_amount has type FLOAT",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, TIMESTAMPTZ '2024-01-01' AS claim_start_date":                    "column claim_start_date has type TIMESTAMP WITH TIME ZONE",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, 1.005 AS paid_amount":                                            ":1: column paid_amount is not an amount",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, 1.005::DOUBLE AS paid_amount":                                    ":1: column paid_amount is not an amount",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, 'NaN'::DOUBLE AS paid_amount":                                    ":1: column paid_amount is not an amount",
		"SELECT 'c2' AS claim_id, 1.5 AS claim_line_number, 'p' AS person_id":                                                                ":1: column claim_line_number is not a whole number",
		"SELECT 'c' || i AS claim_id, 1 AS claim_line_number, CASE WHEN i = 4321 THEN '' ELSE 'p' END AS person_id FROM range(2, 9000) t(i)": ":4320: column person_id is empty but required",
		"SELECT 'c' || i AS claim_id, 1 AS claim_line_number, 'p' AS person_id, '2024-0' || i AS claim_start_date FROM range(2, 90) t(i)":    ":1: column claim_start_date is not a day YYYY-MM-DD from 1800-01-01 to 9999-12-31 (and at least 19 more",
		"SELECT 'c' || (i % 800) AS claim_id, 2 AS claim_line_number, 'p' AS person_id FROM range(900) t(i)":                                 ":801: repeats the key (claim_id, claim_line_number) of another row",
		"SELECT 'c' || i AS claim_id, 1 AS claim_line_number, 'p' AS person_id FROM range(900) t(i)":                                         ":2: repeats the key (claim_id, claim_line_number) of another row",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, DATE '1066-10-14' AS claim_start_date":                           ":1: column claim_start_date is not a day",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'p' AS person_id, TIMESTAMP '2024-01-01 12:00:00' AS claim_start_date":             ":1: column claim_start_date is not a day",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, 'a'::BLOB AS person_id":                                                            "column person_id has type BLOB",
		"SELECT 'c2' AS claim_id, 1 AS claim_line_number, ['a'] AS person_id":                                                                "column person_id has type VARCHAR[]",
	} {
		file := parquet(t, filepath.Join(dir, "medical_claim.bad.parquet"), query)
		_, err := s.Load(t.Context(), file)
		if _, refused := errors.AsType[*FileError](err); !refused || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", query, err, want)
		}
		count(t, s, "medical_claim", 1)
	}
	whole, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 3, len(whole) / 2, len(whole) - 1} {
		file := filepath.Join(dir, "medical_claim.cut.parquet")
		os.WriteFile(file, whole[:n], 0o600)
		if _, err := s.Load(t.Context(), file); err == nil || !strings.Contains(err.Error(), "is not a Parquet file, or is truncated") {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	count(t, s, "medical_claim", 1)
	elsewhere := parquet(t, filepath.Join(t.TempDir(), "medical_claim.parquet"), "SELECT 'c9' AS claim_id, 1 AS claim_line_number, 'p' AS person_id")
	if _, err := s.Load(t.Context(), elsewhere); err == nil || !strings.Contains(err.Error(), "not opened to read it") {
		t.Error(err)
	}
	if _, err := s.db.Exec("SELECT * FROM read_parquet(" + quote(elsewhere) + ")"); err == nil || !strings.Contains(err.Error(), "Permission Error") {
		t.Error("the sandbox lets it read", err)
	}
}

// Damaged files: a byte changed or bytes cut. Each is refused, or loads as many rows as it has, and the process lives.
func TestLoadParquetDamaged(t *testing.T) {
	dir := t.TempDir()
	s := sourceStore(t, dir)
	whole, err := os.ReadFile(parquet(t, filepath.Join(dir, "x.parquet"), "SELECT 'l' || i AS lab_result_id, 'p' || (i % 7) AS person_id, CAST(i AS VARCHAR) AS result FROM range(300) t(i)"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 2))
	refused := 0
	for n := range 60 {
		damaged := append([]byte{}, whole...)
		for range 1 + r.IntN(3) {
			damaged[r.IntN(len(damaged))] ^= byte(1 << r.IntN(8))
		}
		file := filepath.Join(dir, "lab_result.parquet")
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), file); err != nil {
			refused++
			count(t, s, "lab_result", 0)
			continue
		}
		if _, err := s.db.Exec("DELETE FROM lab_result; DELETE FROM node.loaded"); err != nil {
			t.Fatal(n, err)
		}
	}
	if refused < 10 {
		t.Errorf("%d of 60 damaged files were refused", refused)
	}
}
