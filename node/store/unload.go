package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Unload takes every row out of canonical tables, and the record of what was loaded into them, so that corrected files can be loaded in their place;
// without names, out of all tables. It is one transaction: a crash leaves everything as it was. A table that a load of several tables at once has rows in
// (FHIR, Synthea, DE-SynPUF) goes with all the others only, since that load is one. It returns the rows taken out by table.
func (s *Store) Unload(ctx context.Context, names ...string) (map[string]int64, error) {
	all := len(names) == 0
	if all {
		names = TableNames()
	}
	for _, name := range names {
		if _, ok := Lookup(name); !ok {
			return nil, fmt.Errorf("unload: %.70q is not a canonical table; there are %s", name, strings.Join(TableNames(), ", "))
		}
	}
	s.load.Lock()
	defer s.load.Unlock()
	s.found = false
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("unload: %w", err)
	}
	defer tx.Rollback()
	if !all {
		var together int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM node.loaded WHERE table_name NOT IN ('"+strings.Join(TableNames(), "', '")+"')").Scan(&together); err != nil {
			return nil, fmt.Errorf("unload: %w", err)
		}
		if together > 0 {
			return nil, errors.New("unload: the store has loads of several tables at once (FHIR, Synthea or DE-SynPUF), of which none can be taken out alone: unload everything, and load again")
		}
	}
	rows := map[string]int64{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		r, err := tx.ExecContext(ctx, "DELETE FROM main."+name)
		if err != nil {
			return nil, fmt.Errorf("unload %s: %w", name, err)
		}
		if rows[name], err = r.RowsAffected(); err != nil {
			return nil, fmt.Errorf("unload %s: %w", name, err)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM node.loaded WHERE table_name = ?", name); err != nil {
			return nil, fmt.Errorf("unload %s: %w", name, err)
		}
	}
	if all {
		if _, err := tx.ExecContext(ctx, "DELETE FROM node.loaded"); err != nil {
			return nil, fmt.Errorf("unload: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("unload: %w", err)
	}
	return rows, nil
}

// beside counts rows of a table that came from another file of this name: an earlier version of it, or a part of it.
func beside(ctx context.Context, in interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, table, name string) (n int64, err error) {
	err = in.QueryRowContext(ctx, "SELECT coalesce(sum(row_count), 0) FROM node.loaded WHERE table_name = ? AND source = ?", table, name).Scan(&n)
	return n, err
}
