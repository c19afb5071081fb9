package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
)

// Measure runs an approved measure for a period and returns this member's rows,
// sorted by practice and stratum. Inputs must be canonical tables. The query
// runs in the sandbox (see the package comment), in a read-only transaction,
// until it is done, ctx ends or the store's measure timeout passes.
func (s *Store) Measure(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]measures.Row, error) {
	return sandboxed(ctx, s, spec, period, slots, func(ctx context.Context, db engine.Conn) ([]measures.Row, error) {
		return engine.Run(ctx, db, spec, period, slots...)
	})
}

// Members runs the form of a measure that says of each person in which of its populations it is, in the same sandbox. The rows are member data and
// stay on the node.
func (s *Store) Members(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]engine.Member, error) {
	return sandboxed(ctx, s, spec, period, slots, func(ctx context.Context, db engine.Conn) ([]engine.Member, error) {
		return engine.Members(ctx, db, spec, period, slots...)
	})
}

// Observe reads the observations of a risk model, in the same sandbox. They are member data and stay on the node.
func (s *Store) Observe(ctx context.Context, outcome string, period engine.Period) ([]risk.Person, error) {
	spec, err := engine.Observing(outcome)
	if err != nil {
		return nil, err
	}
	return sandboxed(ctx, s, spec, period, nil, func(ctx context.Context, db engine.Conn) ([]risk.Person, error) {
		return engine.Observe(ctx, engine.DuckDB, db, outcome, period)
	})
}

// sandboxed gives one query over the measure's inputs a guarded connection in a read-only transaction, with the store's timeout. What the query has in
// common with other measures it reads from where it is kept.
func sandboxed[T any](ctx context.Context, s *Store, spec *measures.Spec, period engine.Period, slots []engine.Slot, query func(context.Context, engine.Conn) ([]T, error)) ([]T, error) {
	if len(s.sources) > 0 {
		return nil, fmt.Errorf("measure %s: this store was opened to load (Options.Sources) and runs no measure", spec.ID)
	}
	for _, in := range spec.Inputs {
		if _, ok := Lookup(in); !ok {
			return nil, fmt.Errorf("measure %s %s: input %q is not a canonical table; there are %s", spec.ID, spec.Version, in, strings.Join(TableNames(), ", "))
		}
	}
	parts, err := s.share(ctx, spec, period, slots)
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", spec.ID, err)
	}
	done, err := s.findWithheld(ctx)
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", spec.ID, err)
	}
	defer done()
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
	rows, err := query(ctx, &guard{conn: conn, inputs: spec.Inputs, withhold: s.withhold, kept: func(q string) string { return s.fromKept(q, parts) }})
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
	}
	return rows, err
}
