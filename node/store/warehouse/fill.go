package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
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

// trinoLiteral writes a value for an INSERT: a number, or a text that [trinoInsert] casts.
func trinoLiteral(c store.Column, v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case string:
		return quote(x)
	case time.Time:
		if c.Kind == store.Date {
			return quote(x.Format(time.DateOnly))
		}
		return quote(x.Format("2006-01-02 15:04:05.000000"))
	}
	return fmt.Sprint(v)
}

// FillTrino adds rows in the form of store.Store.Export to a table of a Trino warehouse, a few an INSERT, which names only the columns that have a value: the
// planner looks at every literal by itself, and dates are cast a column at a time: every DATE '…' would be a type name to parse. For tests and small tables; a lakehouse is filled by its own means.
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
	const most = 40
	var batch [][]any
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := db.ExecContext(ctx, trinoInsert(t, batch))
		batch = batch[:0]
		if err != nil {
			return fmt.Errorf("fill %s: %w", table, withheld(err))
		}
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if batch = append(batch, slices.Clone(row)); len(batch) == most {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func trinoInsert(t store.Table, rows [][]any) string {
	var names, casts []string
	values := make([][]string, len(rows))
	for i, c := range t.Columns {
		if !slices.ContainsFunc(rows, func(r []any) bool { return r[i] != nil }) {
			continue
		}
		names = append(names, c.Name)
		switch c.Kind {
		case store.Date, store.Timestamp:
			casts = append(casts, "CAST("+c.Name+" AS "+columnType(Trino, c)+")")
		default:
			casts = append(casts, c.Name)
		}
		for n, r := range rows {
			values[n] = append(values[n], trinoLiteral(c, r[i]))
		}
	}
	out := make([]string, len(rows))
	for n, v := range values {
		out[n] = "(" + strings.Join(v, ", ") + ")"
	}
	columns := strings.Join(names, ", ")
	return "INSERT INTO " + t.Name + " (" + columns + ") SELECT " + strings.Join(casts, ", ") + " FROM (VALUES " + strings.Join(out, ", ") + ") AS v (" + columns + ")"
}
