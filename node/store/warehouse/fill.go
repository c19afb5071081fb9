package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/trinodb/trino-go-client/trino"

	"github.com/tacet-health/tacet/node/store"
)

// Make creates the canonical tables in an empty schema. It needs a role that may, which is not the one the node reads with.
func Make(ctx context.Context, dsn string) error {
	if strings.HasPrefix(dsn, "http") {
		return makeTrino(ctx, dsn)
	}
	cfg, schema, err := parsePostgres(dsn)
	if err != nil {
		return fmt.Errorf("make tables: the address %w", err)
	}
	ddl, err := Schema(PostgreSQL, schema)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("make tables: %w", withheld(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.PgConn().Exec(ctx, ddl).ReadAll(); err != nil { // one message, one transaction: all tables or none
		return fmt.Errorf("make tables in schema %s: %w", schema, plain(err))
	}
	return nil
}

// Fill adds rows in the form of store.Store.Export to a table of a PostgreSQL warehouse, all or none, and analyses it.
func Fill(ctx context.Context, dsn, table string, rows iter.Seq2[[]any, error]) (int64, error) {
	t, ok := store.Lookup(table)
	if !ok {
		return 0, fmt.Errorf("fill %.70q: not a canonical table", table)
	}
	cfg, schema, err := parsePostgres(dsn)
	if err != nil {
		return 0, fmt.Errorf("fill %s: the address %w", table, err)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return 0, fmt.Errorf("fill %s: %w", table, withheld(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	n, err := conn.CopyFrom(ctx, pgx.Identifier{schema, table}, names, pgx.CopyFromFunc(func() ([]any, error) {
		row, err, ok := next()
		if !ok {
			return nil, nil
		}
		return row, err
	}))
	if err != nil {
		return 0, fmt.Errorf("fill %s: %w", table, withheld(err))
	}
	if _, err := conn.Exec(ctx, "ANALYZE "+schema+"."+table); err != nil {
		return n, fmt.Errorf("fill %s: analyse: %w", table, withheld(err))
	}
	return n, nil
}

func makeTrino(ctx context.Context, dsn string) error {
	c, err := parseTrino(dsn)
	if err != nil {
		return fmt.Errorf("make tables: the address %w", err)
	}
	ddl, err := Schema(Trino, c.Schema)
	if err != nil {
		return err
	}
	connector, err := trino.NewConnector(c)
	if err != nil {
		return errors.New("make tables: the address is not taken by Trino's client")
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for _, q := range strings.Split(ddl, ";\n") {
		if q = strings.TrimSpace(withoutComments(q)); q == "" {
			continue
		}
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("make tables in schema %s: %w", c.Schema, plain(err))
		}
	}
	return nil
}

func withoutComments(sql string) string {
	var out []string
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// mostText is how long the rows of one INSERT may be as text; a server takes a million characters by default.
const mostText = 600_000

// FillTrino adds rows in the form of store.Store.Export to a table of a Trino warehouse, as few INSERTs as its limit on a statement allows. The rows are one literal
// of JSON: of a list of VALUES the planner looks at every literal by itself, many times, which is most of what a small load takes. For tests and small
// tables; a lakehouse is filled by its own means.
func FillTrino(ctx context.Context, dsn, table string, rows iter.Seq2[[]any, error]) error {
	t, ok := store.Lookup(table)
	if !ok {
		return fmt.Errorf("fill %.70q: not a canonical table", table)
	}
	c, err := parseTrino(dsn)
	if err != nil {
		return fmt.Errorf("fill %s: the address %w", table, err)
	}
	connector, err := trino.NewConnector(c)
	if err != nil {
		return fmt.Errorf("fill %s: the address is not taken by Trino's client", table)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var batch []string
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := db.ExecContext(ctx, trinoInsert(t, batch))
		batch, size = batch[:0], 0
		if err != nil {
			return fmt.Errorf("fill %s: %w", table, withheld(err))
		}
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		text, err := trinoRow(t, row)
		if err != nil {
			return fmt.Errorf("fill %s: %w", table, err)
		}
		if size+len(text) > mostText {
			if err := flush(); err != nil {
				return err
			}
		}
		batch, size = append(batch, text), size+len(text)+1
	}
	return flush()
}

// trinoRow is a row as a JSON array of texts and nulls.
func trinoRow(t store.Table, row []any) (string, error) {
	out := make([]*string, len(t.Columns))
	for i, c := range t.Columns {
		text := fmt.Sprint(row[i])
		switch v := row[i].(type) {
		case nil:
			continue
		case time.Time:
			if text = v.Format("2006-01-02 15:04:05.000000"); c.Kind == store.Date {
				text = v.Format(time.DateOnly)
			}
		}
		out[i] = &text
	}
	b, err := json.Marshal(out)
	return quoted(string(b)), err
}

// quoted doubles the quotes of what goes between two.
func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

func trinoInsert(t store.Table, rows []string) string {
	var names, casts []string
	for i, c := range t.Columns {
		names = append(names, c.Name)
		casts = append(casts, fmt.Sprintf("CAST(r[%d] AS %s)", i+1, columnType(Trino, c)))
	}
	return "INSERT INTO " + t.Name + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(casts, ", ") +
		" FROM UNNEST(CAST(json_parse('[" + strings.Join(rows, ",") + "]') AS ARRAY(ARRAY(VARCHAR)))) AS v (r)"
}
