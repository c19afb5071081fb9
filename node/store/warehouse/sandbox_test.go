package warehouse

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

func spec(sql string, inputs ...string) *measures.Spec {
	return &measures.Spec{ID: "t-one", Version: "1.0.0", Inputs: inputs, SQL: sql, Type: measures.Proportion, Cap: measures.Cap{Num: 1000, Den: 1000}}
}

// guarded gives the second layer a transaction as a measure has it.
func guarded(t *testing.T, w *Warehouse, inputs ...string) *guard {
	t.Helper()
	conn, err := w.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	tx, err := w.begin(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() })
	return &guard{w, conn, inputs}
}

// TestGuardWithoutLint sends to the second layer what the lint would have refused: it must hold by itself, before anything runs.
func TestGuardWithoutLint(t *testing.T) {
	a := whole(t)
	a.as(t, "CREATE TABLE IF NOT EXISTS public.other (a int)", "GRANT SELECT ON public.other TO PUBLIC", "CREATE EXTENSION IF NOT EXISTS dblink")
	w := open(t, a.dsn("tacet_reader", "tacet"))
	for _, c := range []struct{ sql, want string }{
		{"SELECT person_id FROM medical_claim", `"medical_claim", which is not a declared input`},
		{"SELECT * FROM public.other", "not a declared input"},
		{"SELECT * FROM pg_catalog.pg_authid", "not a declared input"},
		{"SELECT rolname FROM pg_roles", "not a declared input"},
		{"SELECT * FROM information_schema.tables", "not a declared input"},
		{"WITH eligibility AS (SELECT person_id FROM medical_claim) SELECT * FROM eligibility", "not a declared input"},
		{"WITH x AS (SELECT 1 FROM eligibility) SELECT (SELECT count(*) FROM medical_claim) FROM x", "not a declared input"},
		{"SELECT 1 FROM eligibility WHERE EXISTS (SELECT 1 FROM lab_result) AND 1 = 0", "not a declared input"},
		{"SELECT 1 FROM eligibility /* , */, medical_claim -- ", "not a declared input"},
		{"SELECT 1 FROM eligibility UNION ALL TABLE public.other", "not a declared input"},
		{"WITH x AS (DELETE FROM eligibility RETURNING person_id) SELECT * FROM x", "does more than read"},
		{"DELETE FROM eligibility RETURNING person_id", "does more than read"},
		{"SELECT person_id FROM eligibility FOR UPDATE", "does more than read"},
		{"LOCK TABLE eligibility", "not a SELECT"},
		{"DELETE FROM eligibility", "not a SELECT"},
		{"CREATE TABLE t AS SELECT 1", "not a SELECT"},
		{"SELECT 1 INTO t", "not a SELECT"},
		{"COPY eligibility TO '/a-file-that-is-never-written'", "not a SELECT"},
		{"COPY eligibility TO PROGRAM 'id'", "not a SELECT"},
		{"SET statement_timeout = 0", "not a SELECT"},
		{"DO $$ BEGIN END $$", "not a SELECT"},
		{"SHOW statement_timeout", "Error"},
		{"EXPLAIN SELECT 1", "Error"},
		{"SELECT 1; SELECT 2", "multiple commands"},
		{"SELECT 1; DROP TABLE eligibility", "multiple commands"},
		{"SELECT 1 FROM eligibility WHERE person_id = $1", "without parameters"},
		{"SELECT pg_read_file('/etc/passwd')", "Error"},
		{"SELECT pg_ls_dir('/')", "Error"},
		{"SELECT lo_import('/etc/passwd')", "Error"},
		{"SELECT lo_creat(-1)", "lo_creat"},
		{"SELECT * FROM public.dblink('dbname=postgres', 'SELECT 1') AS t(a int)", "table function"},
		{"SELECT public.dblink_exec('dbname=postgres', 'SELECT 1')", "dblink_exec"},
		{"SELECT query_to_xml('SELECT * FROM medical_claim', true, true, '')", "query_to_xml"},
		{"SELECT table_to_xml('medical_claim', true, true, '')", "table_to_xml"},
		{"SELECT set_config('statement_timeout', '0', false)", "set_config"},
		{"SELECT current_setting('data_directory')", "current_setting"},
		{"SELECT pg_sleep(1)", "pg_sleep"},
		{"SELECT CASE WHEN person_id = 'x' THEN pg_sleep(1) END FROM eligibility", "pg_sleep"},
		{"SELECT sum(1) FROM eligibility HAVING max(pg_backend_pid()) > 0", "pg_backend_pid"},
		{"SELECT person_id FROM eligibility ORDER BY random()", "random"},
		{"SELECT row_number() OVER (ORDER BY clock_timestamp()) FROM eligibility", "clock_timestamp"},
		{"SELECT * FROM generate_series(1, 3)", "table function"},
		{"SELECT pg_terminate_backend(1)", "pg_terminate_backend"},
		{"SELECT CURRENT_DATE FROM eligibility", "CURRENT_DATE"}, {"SELECT 1 FROM eligibility WHERE CURRENT_USER = 'x'", "CURRENT_USER"}, {"SELECT now() FROM eligibility", "now"},
		{"SELECT * FROM U&\"medical\\005fclaim\"", "not a declared input"}, {"SELECT * FROM \"medical_claim\"", "not a declared input"}, {"SELECT * FROM tacet.medical_claim", "not a declared input"}, {"TABLE medical_claim", "not a declared input"},
		{"SELECT 1 FROM eligibility -- \r, medical_claim", "not a declared input"}, {"SELECT 1 FROM eligibility /* /* */ , */, medical_claim", "not a declared input"}, {"SELECT 1 FROM eligibility /*", "unterminated"},
		{"SELECT $$a$$ FROM eligibility, medical_claim", "not a declared input"}, {"SELECT E'\\'' FROM medical_claim --'", "not a declared input"}, {"SELECT 1 FROM eligibility, LATERAL (SELECT 1 FROM medical_claim) x", "not a declared input"},
		{"WITH medical_claim AS (SELECT * FROM medical_claim) SELECT 1 FROM medical_claim", "not a declared input"}, {"WITH a AS (SELECT 1 FROM medical_claim), medical_claim AS (SELECT 1) SELECT 1 FROM a", "not a declared input"},
		{"SELECT 1 FROM (WITH medical_claim AS (SELECT 1) SELECT 1 FROM medical_claim) a, medical_claim b", "not a declared input"}, {"WITH x AS (INSERT INTO eligibility SELECT * FROM eligibility RETURNING 1) SELECT 1", "does more than read"},
		{"WITH x AS (UPDATE eligibility SET person_id = 'x' RETURNING 1) SELECT 1", "does more than read"}, {"VALUES (pg_read_file('x'))", "Error"}, {"SELECT * FROM pg_settings", "Error"}, {"SELECT * FROM pg_stat_activity", "Error"}, {"SELECT pg_stat_file('x')", "Error"},
		{"SELECT lo_get(1)", "lo_get"}, {"SELECT lo_from_bytea(0, 'x')", "lo_from_bytea"}, {"SELECT database_to_xml(true, true, '')", "database_to_xml"}, {"SELECT cursor_to_xml('x', 1, true, true, '')", "cursor_to_xml"}, {"SELECT pg_notify('a', 'b')", "pg_notify"},
		{"SELECT pg_advisory_lock(1)", "pg_advisory_lock"}, {"SELECT has_table_privilege('medical_claim', 'SELECT')", "has_table_privilege"}, {"SELECT pg_relation_size('medical_claim')", "pg_relation_size"}, {"SELECT inet_server_addr()", "inet_server_addr"},
		{"SELECT * FROM XMLTABLE('/' PASSING '<a/>' COLUMNS a int)", "table function"}, {"SELECT * FROM ROWS FROM (generate_series(1, 3), pg_ls_dir('/'))", "Error"}, {"SELECT txid_current()", "txid_current"}, {"SELECT version()", "version"},
		{"PREPARE x AS SELECT 1", "not a SELECT"}, {"DECLARE c CURSOR FOR SELECT 1 FROM medical_claim", "not a SELECT"}, {"EXECUTE x", "Error"}, {"CALL x()", "Error"}, {"LISTEN x", "not a SELECT"}, {"VACUUM", "not a SELECT"}, {"DISCARD ALL", "not a SELECT"}, {"RESET ALL", "not a SELECT"},
	} {
		t.Run("", func(t *testing.T) { // each in a transaction of its own
			rows, err := guarded(t, w, "eligibility").QueryContext(t.Context(), c.sql)
			if err == nil {
				rows.Close()
				t.Errorf("passed the guard: %s", c.sql)
			} else if !strings.Contains(err.Error(), c.want) && !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: %v, want %s", c.sql, err, c.want)
			}
		})
	}
	g := guarded(t, w, "eligibility", "medical_claim")
	for _, q := range []string{
		"WITH a AS (SELECT person_id, SUBSTRING(person_id, 1, 3) AS s FROM eligibility) SELECT count(*), max('pg_sleep(1)' || s) FROM a JOIN medical_claim m USING (person_id)",
		"SELECT CAST(sum(allowed_amount) AS DECIMAL(18, 2)), DIV(CAST(9 AS NUMERIC), 2), EXTRACT(YEAR FROM min(claim_start_date)), NULLIF(1, 2) FROM medical_claim",
	} {
		rows, err := g.QueryContext(t.Context(), q)
		if err != nil {
			t.Error(err)
			continue
		}
		rows.Close()
	}
}

// TestViewsAsInputs: a warehouse may show its own tables through views; a measure reads the view and not what is behind it.
func TestViewsAsInputs(t *testing.T) {
	a := whole(t)
	a.as(t, "CREATE SCHEMA shown", "CREATE TABLE public.panel AS SELECT * FROM tacet.deprivation_index", "CREATE VIEW shown.deprivation_index AS SELECT * FROM public.panel",
		"INSERT INTO public.panel SELECT 'z', 3 WHERE NOT EXISTS (SELECT 1 FROM public.panel)",
		"CREATE VIEW shown.eligibility AS SELECT * FROM tacet.eligibility", "CREATE VIEW shown.medical_claim AS SELECT * FROM tacet.medical_claim", // what is withheld is read from these
		"CREATE TABLE shown.practice_crosswalk (local_practice_id text COLLATE \"und-x-icu\", practice_id text)", "CREATE TABLE shown.drug_crosswalk (ndc_code int)",
		"GRANT USAGE ON SCHEMA shown TO tacet_reader", "GRANT SELECT ON ALL TABLES IN SCHEMA shown TO tacet_reader")
	w := open(t, a.dsn("tacet_reader", "shown"))
	const body = "SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(*) AS den FROM "
	rows, err := w.Measure(t.Context(), spec(body+"deprivation_index", "deprivation_index"), engine.Period{Year: 2024})
	if err != nil || len(rows) != 1 || rows[0].Den < 1 {
		t.Error(rows, err)
	}
	for table, want := range map[string]string{
		"practice_crosswalk": `COLLATE "C"`, "drug_crosswalk": "type int4, want text", "lab_result": "no column shown.lab_result.",
	} {
		if _, err := w.Measure(t.Context(), spec(body+table, table), engine.Period{Year: 2024}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// TestRolesRefused: the node takes no role that may do more than read.
func TestRolesRefused(t *testing.T) {
	a := whole(t)
	a.as(t, "CREATE ROLE files LOGIN IN ROLE pg_read_server_files", "CREATE ROLE writer LOGIN", "GRANT USAGE ON SCHEMA tacet TO files, writer",
		"GRANT INSERT ON tacet.lab_result TO writer", "CREATE ROLE maker LOGIN", "GRANT CREATE, USAGE ON SCHEMA tacet TO maker")
	for role, want := range map[string]string{"owner": "is a superuser", "files": "member of pg_read_server_files", "writer": "may write lab_result", "maker": "may create tables in tacet", "nobody": "no connection"} {
		if _, err := Open(t.Context(), a.dsn(role, "tacet"), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", role, err)
		}
	}
	if _, err := Open(t.Context(), a.dsn("tacet_reader", "nowhere"), Options{}); err == nil || !strings.Contains(err.Error(), "there is no schema nowhere") {
		t.Error(err)
	}
}

// TestTransaction: without lint and guard, the transaction itself neither writes nor forgets its limits, and a temporary table does not stand in.
func TestTransaction(t *testing.T) {
	w := open(t, whole(t).dsn("tacet_reader", "tacet"))
	for _, q := range []string{
		"INSERT INTO deprivation_index VALUES ('1', 1)", "CREATE TABLE tacet.t (a int)", "SET TRANSACTION READ WRITE", "COPY deprivation_index TO '/a-file-that-is-never-written'", "COPY deprivation_index TO PROGRAM 'true'",
		"SELECT pg_read_file('/etc/passwd')", "SELECT lo_import('/etc/passwd')", "SELECT nextval('x')", "ALTER ROLE tacet_reader SUPERUSER", "CREATE EXTENSION adminpack",
	} {
		t.Run("", func(t *testing.T) {
			g := guarded(t, w)
			if _, err := g.conn.ExecContext(t.Context(), "SELECT count(*) FROM deprivation_index"); err != nil {
				t.Fatal(err)
			}
			if _, err := g.conn.ExecContext(t.Context(), q); err == nil {
				t.Errorf("the transaction took: %s", q)
			}
		})
	}
	g := guarded(t, w)
	for setting, want := range map[string]string{"statement_timeout": "10min", "transaction_read_only": "on", "search_path": "tacet, pg_temp", "standard_conforming_strings": "on"} {
		var got string
		if err := g.conn.QueryRowContext(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", setting, got, want, err)
		}
	}
}

// cross joins its input with itself: minutes of work.
const cross = `SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(*) AS den FROM eligibility a
CROSS JOIN eligibility b CROSS JOIN eligibility c WHERE mod(length(a.person_id || b.person_id || c.person_id), 7) = 9`

func TestMeasureEndsWithContextAndTimeout(t *testing.T) {
	a := whole(t)
	w, err := Open(t.Context(), a.dsn("tacet_reader", "tacet"), Options{MeasureTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Measure(t.Context(), spec(cross, "eligibility"), engine.Period{Year: 2024}); err == nil {
		t.Error("it ended by itself")
	}
	// The server's own limit, without the client's.
	g := guarded(t, w)
	if _, err := g.conn.ExecContext(context.WithoutCancel(t.Context()), "SELECT count(*) FROM eligibility a, eligibility b, eligibility c WHERE a.person_id || b.person_id || c.person_id = ''"); err == nil || !strings.Contains(plain(err).Error(), "57014") {
		t.Error(err)
	}
	w.timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan error, 1)
	go func() {
		_, err := w.Measure(ctx, spec(cross, "eligibility"), engine.Period{Year: 2024})
		begun <- err
	}()
	watch := open(t, a.dsn("tacet_reader", "tacet"))
	running := func() (n int) {
		if err := watch.db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%length(a.person_id%' AND query NOT LIKE '%EXPLAIN%' AND pid <> pg_backend_pid()").Scan(&n); err != nil {
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

// TestFrontDoor: what the lint refuses reaches no server, and what the server says of data reaches no error.
func TestFrontDoor(t *testing.T) {
	w := open(t, whole(t).dsn("tacet_reader", "tacet"))
	const body = "SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, 1 AS den FROM "
	for sql, want := range map[string]string{
		body + "eligibility; DROP TABLE eligibility": "a semicolon", body + "pg_shadow": "sql line 1", body + "eligibility WHERE person_id = pg_read_file('x')": "sql line 1",
		"COPY eligibility TO 'x'": "sql line 1", body + "eligibility /* x */": "a block comment", body + "eligibility, public.other": "sql line 1",
		"SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, CAST(MAX(person_id) AS BIGINT) AS den FROM eligibility":                        "withheld",
		"SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, MAX(LENGTH(CAST(CAST(person_id AS DATE) AS VARCHAR))) AS den FROM eligibility": "withheld",
		"SELECT person_id AS practice, 'all' AS stratum, 5 AS num, 4 AS den FROM eligibility GROUP BY person_id":                            "num is above den",
		"SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, (SELECT LENGTH(person_id) FROM eligibility) AS den FROM eligibility":           "withheld",
		body + "eligibility WHERE CAST(person_id AS regclass) = 5":                                                                          "regclass",
		body + "(WITH medical_claim AS (SELECT 1 AS x FROM eligibility) SELECT x FROM medical_claim) a, medical_claim b":                    "not in sight",
		"SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, nothere AS den FROM eligibility":                                               "nothere",
		"SELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(*) * 99999999999999999 AS den FROM eligibility":                          "withheld",
	} {
		_, err := w.Measure(t.Context(), spec(sql, "eligibility"), engine.Period{Year: 2024})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "qu-") {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

// TestObjectsNamedByData: a member's value that is taken for the name of a table, role or type is in the server's answer, in the class of errors that quote the query
// alone. The lint knows no such type; without it, what ran says nothing.
func TestObjectsNamedByData(t *testing.T) {
	w := open(t, whole(t).dsn("tacet_reader", "tacet"))
	for _, typ := range []string{"regclass", "regtype", "regrole", "regproc", "regnamespace", "int", "date", "json", "bit(3)"} {
		t.Run(typ, func(t *testing.T) { // each with a connection of its own
			rows, err := guarded(t, w, "eligibility").QueryContext(t.Context(), "SELECT CAST(MAX(CAST(CAST(person_id AS "+typ+") AS text)) AS text) FROM eligibility")
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
				rows.Close()
			}
			if err == nil {
				t.Errorf("%s: made of a person's id", typ)
			} else if text := engine.Withheld(t.Context(), err).Error(); strings.Contains(text, "qu-") || strings.Contains(text, "/") || strings.Contains(err.Error(), "qu-") && !strings.Contains(err.Error(), "SQLSTATE") {
				t.Errorf("%s: %v", typ, err)
			}
		})
	}
}
