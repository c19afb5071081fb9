package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// Measure runs an approved measure for a period and returns this member's rows,
// sorted by practice and stratum. Inputs must be canonical tables. The query
// runs in the sandbox (see the package comment), in a read-only transaction,
// until it is done, ctx ends or the store's measure timeout passes.
func (s *Store) Measure(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]measures.Row, error) {
	for _, in := range spec.Inputs {
		if _, ok := Lookup(in); !ok {
			return nil, fmt.Errorf("measure %s %s: input %q is not a canonical table; there are %s", spec.ID, spec.Version, in, strings.Join(TableNames(), ", "))
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("measure %s took longer than %v", spec.ID, s.timeout))
	defer cancel()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", spec.ID, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return nil, fmt.Errorf("measure %s: begin read-only: %w", spec.ID, err)
	}
	defer func() {
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
			conn.Raw(func(any) error { return driver.ErrBadConn }) // never hand on a connection in an unknown state
		}
	}()
	rows, err := engine.Run(ctx, &guard{conn: conn, inputs: spec.Inputs}, spec, period, slots...)
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
	}
	return rows, err
}

// guard asks DuckDB's own parser what a query is before it runs: one statement,
// a SELECT, over declared inputs only. It is independent of the engine's lint,
// so that a gap in one is not a gap in both.
type guard struct {
	conn   *sql.Conn
	inputs []string
}

func (g *guard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.check(query); err != nil {
		return nil, err
	}
	return g.conn.QueryContext(ctx, query, args...)
}

func (g *guard) check(query string) error {
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
	names, err := duckdb.GetTableNames(g.conn, query, false)
	if err != nil {
		return err
	}
	for _, n := range names {
		if !slices.Contains(g.inputs, n) {
			return fmt.Errorf("Binder Error: the statement reads %.100q, which is not a declared input", n)
		}
	}
	return nil
}
