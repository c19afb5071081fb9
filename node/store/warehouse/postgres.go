package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

// parsePostgres returns the configuration and the schema. Errors of the driver may quote the text, so they are not passed on.
func parsePostgres(dsn string) (*pgx.ConnConfig, string, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, "", errors.New("is not read: want postgres://role@host:5432/database?search_path=schema, with the other parameters of libpq")
	}
	schema, ok := cfg.RuntimeParams["search_path"]
	if !ok {
		schema = DefaultSchema
	}
	if !plainName.MatchString(schema) || strings.HasPrefix(schema, "pg_") {
		return nil, "", errors.New("has a search_path that is not one schema of lower-case letters, digits and underscores")
	}
	return cfg, schema, nil
}

func connectPostgres(dsn string, o Options) (*Warehouse, error) {
	cfg, schema, err := parsePostgres(dsn)
	if err != nil {
		return nil, err
	}
	// Text in, rows out, one statement a message; nothing stays on the server, so a pooler in between does no harm.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.RuntimeParams = map[string]string{"application_name": "tacet"}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 20 * time.Second
	}
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	return &Warehouse{db: stdlib.OpenDB(*cfg), schema: schema, dialect: engine.PostgreSQL, timeout: o.MeasureTimeout}, nil
}

// tooMuch is what a role must not be able to do. Each query yields what the role may do too much of, in words.
var tooMuch = []string{
	"SELECT 'is a superuser' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper",
	"SELECT 'is a member of ' || rolname FROM pg_catalog.pg_roles WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data')" +
		" AND pg_catalog.pg_has_role(current_user, oid, 'MEMBER')",
	"SELECT 'may execute ' || oid::pg_catalog.regprocedure::pg_catalog.text FROM pg_catalog.pg_proc WHERE proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file'," +
		" 'lo_import', 'lo_export', 'pg_file_write', 'dblink_connect_u') AND pg_catalog.has_function_privilege(oid, 'EXECUTE')",
	"SELECT 'may write ' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')" +
		" AND pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')",
	"SELECT 'may create tables in ' || nspname FROM pg_catalog.pg_namespace WHERE nspname = $1 AND pg_catalog.has_schema_privilege(oid, 'CREATE')",
}

func (w *Warehouse) admitPostgres(ctx context.Context) error {
	var there bool
	if err := w.db.QueryRowContext(ctx, "SELECT count(*) = 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", w.schema).Scan(&there); err != nil {
		return withheld(err)
	}
	if !there {
		return fmt.Errorf("there is no schema %s: print the tables with tacet node schema, or name another with ?search_path=", w.schema)
	}
	for _, q := range tooMuch {
		var args []any
		if strings.Contains(q, "$1") {
			args = append(args, w.schema)
		}
		var may string
		err := w.db.QueryRowContext(ctx, q+" LIMIT 1", args...).Scan(&may)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return withheld(err)
		default:
			return fmt.Errorf("the role %s: give the node a role that may only read (tacet node schema prints one)", may)
		}
	}
	return nil
}

// beginPostgres begins the transaction in which everything else happens. What it sets ends with it; a transaction cannot leave read-only again once
// it has read.
func (w *Warehouse) beginPostgres(ctx context.Context, conn *sql.Conn) (*sql.Tx, error) {
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	ms := max(w.timeout.Milliseconds(), 1)
	for _, set := range []string{
		fmt.Sprintf("SET LOCAL statement_timeout = %d", ms),
		fmt.Sprintf("SET LOCAL idle_in_transaction_session_timeout = %d", max(ms, 60_000)),
		fmt.Sprintf("SET LOCAL lock_timeout = %d", min(ms, 30_000)),
		"SET LOCAL search_path = " + w.schema + ", pg_temp", // temporary tables last: none can stand in for an input
		"SET LOCAL standard_conforming_strings = on",
		"SET LOCAL TimeZone = 'UTC'",
		"SET LOCAL DateStyle = 'ISO, YMD'",
	} {
		if _, err := tx.ExecContext(ctx, set); err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return tx, nil
}

// typesOf are the types that a column of a kind may have, by the server's names for them.
func typesOf(k store.Kind) []string {
	switch k {
	case store.Text, store.Month, store.NDC:
		return []string{"text", "varchar"}
	case store.Date:
		return []string{"date"}
	case store.Timestamp:
		return []string{"timestamp"}
	}
	return []string{"int8", "int4", "int2"}
}

// checkPostgresInputs holds the columns of the inputs to names, types and byte order.
func (w *Warehouse) checkPostgresInputs(ctx context.Context, conn *sql.Conn, inputs []string) error {
	rows, err := conn.QueryContext(ctx, `SELECT c.relname::text, a.attname::text, t.typname::text,
  a.attcollation = 0 OR k.collname IN ('C', 'POSIX', 'ucs_basic', 'C.UTF-8', 'C.utf8')
    OR k.collname = 'default' AND d.datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8') AND COALESCE(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') = 'c',
  pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation k ON k.oid = a.attcollation
JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')`, w.schema)
	if err != nil {
		return withheld(err)
	}
	defer rows.Close()
	type column struct {
		typ   string
		bytes bool
		read  bool
	}
	have := map[string]column{}
	for rows.Next() {
		var table, name string
		var c column
		if err := rows.Scan(&table, &name, &c.typ, &c.bytes, &c.read); err != nil {
			return withheld(err)
		}
		have[table+"."+name] = c
	}
	if err := rows.Err(); err != nil {
		return withheld(err)
	}
	for _, in := range inputs {
		t, _ := store.Lookup(in)
		for _, want := range t.Columns {
			name := in + "." + want.Name
			c, ok := have[name]
			switch types := typesOf(want.Kind); {
			case !ok:
				return fmt.Errorf("the warehouse has no column %s.%s (tacet node schema prints the tables)", w.schema, name)
			case !c.read:
				return fmt.Errorf("the role of database.dsn may not read %s.%s: GRANT USAGE ON SCHEMA %s and SELECT ON %s.%s to it", w.schema, name, w.schema, w.schema, in)
			case !slices.Contains(types, c.typ):
				return fmt.Errorf("column %s.%s has type %s, want %s", w.schema, name, c.typ, types[0])
			case !c.bytes:
				return fmt.Errorf(`column %s.%s is ordered by a language's rules, not by bytes, and would count other codes: make it COLLATE "C"`, w.schema, name)
			}
		}
	}
	return nil
}
