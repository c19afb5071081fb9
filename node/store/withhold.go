package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold"
)

// findWithheld lets one measure begin: it sees to it that the table of claims that fall under 42 CFR Part 2 says what the list in force says of the
// data there is now, and keeps loads out until the measure calls done. The table is filled once in this process and after every load.
func (s *Store) findWithheld(ctx context.Context) (done func(), err error) {
	for {
		s.load.RLock()
		if s.found {
			return s.load.RUnlock, nil
		}
		s.load.RUnlock()
		if err := s.fillWithheld(ctx); err != nil {
			return nil, fmt.Errorf("find what is withheld: %w", err)
		}
	}
}

// fillWithheld does not trust what an earlier program found. A crash leaves the table as it was, and the next process fills it again.
func (s *Store) fillWithheld(ctx context.Context) error {
	s.load.Lock()
	defer s.load.Unlock()
	if s.found {
		return nil
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	statements := append(s.forget(), "CREATE OR REPLACE TABLE main."+withhold.ClaimTable+" (person_id VARCHAR NOT NULL, claim_id VARCHAR NOT NULL)")
	for _, q := range s.withhold.Claims(map[string]string{"diagnosis": "diagnosis_codes", "procedure": "procedure_codes"}) {
		statements = append(statements, "INSERT INTO main."+withhold.ClaimTable+" "+q)
	}
	for _, q := range statements {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return engine.Withheld(ctx, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.found = true
	return nil
}

// visible are the rows of a person's temporary table that a measure sees, written as [evidence] writes them.
func (s *Store) visible(ctx context.Context, conn *sql.Conn, table string) (map[string]bool, error) {
	t, _ := Lookup(table)
	if t.index("person_id") < 0 {
		return nil, nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	query, err := s.withhold.Before([]string{table}, "SELECT "+strings.Join(names, ", ")+" FROM "+table, true, true)
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out[fmt.Sprint(values...)] = true
	}
	return out, rows.Err()
}
