package warehouse

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

// trinoServer names a server with an empty schema in a catalogue that takes tables, such as http://tacet@127.0.0.1:8080/memory/tacet.
const trinoServer = "TACET_TRINO"

// fillTrino fills the server with every case, once for all tests.
var fillTrino = sync.OnceValue(func() error {
	ctx, dsn := context.Background(), os.Getenv(trinoServer)
	if err := Make(ctx, dsn); err != nil {
		return err
	}
	d, err := duck()
	if err != nil {
		return err
	}
	for _, table := range store.TableNames() {
		if err := FillTrino(ctx, dsn, table, d.Export(ctx, table)); err != nil {
			return err
		}
	}
	return nil
})

// onTrino is the server's address.
func onTrino(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv(trinoServer)
	if dsn == "" {
		t.Skipf("NOT TESTED ON TRINO: .ci/trino installs a server and sets %s", trinoServer)
	}
	if err := fillTrino(); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func TestCasesOnTrino(t *testing.T) { agree(t, open(t, onTrino(t))) }

func TestStrataOnTrino(t *testing.T) { agreeByStrata(t, open(t, onTrino(t))) }

func TestWithheldOnTrino(t *testing.T) { leaves(t, onTrino(t)) }

// TestGuardOnTrino sends to the second layer what the lint would have refused: it must hold by itself, before anything runs.
func TestGuardOnTrino(t *testing.T) {
	w := open(t, onTrino(t))
	for _, q := range []string{
		"SELECT person_id FROM medical_claim", "SELECT * FROM system.runtime.queries", "SELECT * FROM information_schema.tables", "CREATE TABLE t AS SELECT 1 AS a", "DELETE FROM eligibility", "SELECT 1; SELECT 2",
		"WITH eligibility AS (SELECT person_id FROM medical_claim) SELECT * FROM eligibility", "WITH medical_claim AS (SELECT person_id FROM medical_claim) SELECT * FROM medical_claim",
		"WITH a AS (SELECT 1 AS x FROM medical_claim), medical_claim AS (SELECT 1 AS x) SELECT * FROM a, eligibility", "SELECT 1 FROM (WITH medical_claim AS (SELECT 1 AS x) SELECT x FROM medical_claim) a, medical_claim b",
		"TABLE medical_claim", "SELECT * FROM memory.tacet.medical_claim", "SELECT * FROM \"MEDICAL_CLAIM\"", "SELECT * FROM \"eligibility$partitions\"", "SELECT person_id FROM eligibility -- \r\n, medical_claim\n, medical_claim",
		"SELECT * FROM TABLE(exclude_columns(input => TABLE(medical_claim), columns => DESCRIPTOR(person_id)))", "SELECT (SELECT COUNT(*) FROM lab_result) FROM eligibility",
		"EXECUTE IMMEDIATE 'DELETE FROM eligibility'", "SHOW TABLES", "SHOW SESSION", "DESCRIBE eligibility", "SET SESSION query_max_run_time = '1d'", "USE memory.tacet", "CALL system.runtime.kill_query('x', 'y')", "PREPARE x FROM SELECT 1", "DROP TABLE eligibility",
		"TRUNCATE TABLE eligibility", "INSERT INTO eligibility SELECT * FROM eligibility", "GRANT SELECT ON eligibility TO USER x", "VALUES 1", "START TRANSACTION", "EXPLAIN SELECT 1", "RESET SESSION query_max_run_time",
	} {
		conn, err := w.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := (&guard{w, conn, []string{"eligibility"}}).QueryContext(t.Context(), q); err == nil {
			rows.Close()
			t.Errorf("passed the guard: %s", q)
		}
		conn.Close()
	}
	// What the server says of data reaches no error.
	const body = "SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, "
	for sql, want := range map[string]string{
		body + "MAX(CAST(person_id AS BIGINT)) AS den FROM eligibility":                          "withheld",
		body + "MAX(LENGTH(CAST(CAST(person_id AS DATE) AS VARCHAR))) AS den FROM eligibility":   "withheld",
		body + "(SELECT LENGTH(person_id) FROM eligibility) AS den FROM eligibility":             "withheld",
		"SELECT person_id AS practice, 'all' AS stratum, 5 AS num, 4 AS den FROM eligibility":    "num is above den",
		body + "nothere AS den FROM eligibility":                                                 "nothere",
		body + "COUNT(*) * 99999999999999999 * 99999999999999999 AS den FROM eligibility":        "withheld",
		body + "COUNT(*) AS den FROM eligibility WHERE CAST(person_id AS TIMESTAMP) IS NOT NULL": "withheld",
	} {
		_, err := w.Measure(t.Context(), spec(sql, "eligibility"), engine.Period{Year: 2024})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "t-one") || strings.Contains(err.Error(), "qu-") {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

// TestMeasureEndsOnTrino: a query ends on the server with its timeout, the server's own too, and with its context.
func TestMeasureEndsOnTrino(t *testing.T) {
	dsn := onTrino(t)
	short, err := Open(t.Context(), dsn, Options{MeasureTimeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer short.Close()
	if _, err := short.Measure(t.Context(), spec(cross, "eligibility"), engine.Period{Year: 2024}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "measure t-one took longer than 3s") {
		t.Error(err)
	}
	conn, err := short.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var n int64 // the server's own limit, without the client's
	if err := conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM eligibility a, eligibility b, eligibility c, eligibility d WHERE length(a.person_id || b.person_id || c.person_id || d.person_id) = 7").Scan(&n); err == nil ||
		!strings.Contains(plain(err).Error(), "EXCEEDED_TIME_LIMIT") {
		t.Error(n, err)
	}
	w := open(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := make(chan error, 1)
	go func() {
		_, err := w.Measure(ctx, spec(cross, "eligibility"), engine.Period{Year: 2024})
		begun <- err
	}()
	watch := open(t, dsn)
	running := func() (n int) {
		if err := watch.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%length(a.person_id || b.person_id || c.person_id), 7%'"+
			" AND query NOT LIKE 'EXPLAIN%' AND query NOT LIKE '%runtime.queries%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for running() == 0 {
		select {
		case err := <-begun:
			t.Fatal("ended before it was stopped:", err)
		default:
		}
	}
	cancel()
	if err := <-begun; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for running() != 0 { // the server stops as well; the test's own limit ends a wait in vain
	}
}
