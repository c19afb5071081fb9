package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold"
)

// guard asks DuckDB's own parser what a query is before it runs: one statement,
// a SELECT, over declared inputs only. It is independent of the engine's lint,
// so that a gap in one is not a gap in both. What it lets through it runs with the inputs as package withhold leaves them.
type guard struct {
	conn     *sql.Conn
	inputs   []string
	withhold withhold.Policy
	kept     func(query string) string // puts what is kept in the place of what a checked query would compute; nil: nothing is
}

func (g *guard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.check(ctx, query); err != nil {
		return nil, err
	}
	if g.kept != nil {
		query = g.kept(query)
	}
	query, err := g.withhold.Before(g.inputs, query, true, true)
	if err != nil {
		return nil, err
	}
	rows, err := g.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, engine.Withheld(ctx, err)
	}
	return rows, nil
}

func (g *guard) check(ctx context.Context, query string) error {
	kind := duckdb.STATEMENT_TYPE_INVALID
	err := g.conn.Raw(func(c any) error {
		stmt, err := c.(driver.Conn).Prepare(query) // refuses more than one statement
		if err != nil {
			return err
		}
		defer stmt.Close()
		kind, err = stmt.(*duckdb.Stmt).StatementType()
		return err
	})
	if err != nil {
		return err
	}
	if kind != duckdb.STATEMENT_TYPE_SELECT {
		return errors.New("Parser Error: the statement is not a SELECT")
	}
	return g.references(ctx, query)
}

// references walks the tree DuckDB's parser makes of the query. A base table
// must be a declared input or a common table expression, without schema or
// catalogue; what else there is must be on the list of what measures are made of (plainTree).
func (g *guard) references(ctx context.Context, query string) error {
	var tree string
	if err := g.conn.QueryRowContext(ctx, "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", query).Scan(&tree); err != nil {
		return fmt.Errorf("Parser Error: the statement cannot be taken apart: %w", err)
	}
	var parsed struct {
		Error      bool  `json:"error"`
		Statements []any `json:"statements"`
	}
	if err := json.Unmarshal([]byte(tree), &parsed); err != nil || parsed.Error || len(parsed.Statements) != 1 {
		return errors.New("Parser Error: not exactly one SELECT statement")
	}
	names, err := duckdb.GetTableNames(g.conn, query, false) // common table expressions are resolved away
	if err != nil {
		return err
	}
	for _, n := range names {
		if !slices.Contains(g.inputs, strings.ToLower(n)) {
			return fmt.Errorf("Binder Error: the statement reads %.100q, which is not a declared input", n)
		}
	}
	return plainTree(parsed.Statements[0])
}
