package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// Export yields all rows of a canonical table, columns in their documented order, values as [Store.Append] takes them, derived columns
// included: the way to another database of the same payer. The order of rows is not defined. A row is the caller's only until it asks for the next.
func (s *Store) Export(ctx context.Context, table string) iter.Seq2[[]any, error] {
	return s.rows(ctx, table, func(query string) (string, error) { return query, nil })
}

// Seen yields what a measure may see of a table, as Export does: for what members compute together and is no SQL. Loads wait until it is done.
func (s *Store) Seen(ctx context.Context, table string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		done, err := s.findWithheld(ctx)
		if err != nil {
			yield(nil, fmt.Errorf("read %.70s: %w", table, err))
			return
		}
		defer done()
		s.rows(ctx, table, func(query string) (string, error) {
			return s.withhold.Before([]string{table}, query, true, true)
		})(yield)
	}
}

func (s *Store) rows(ctx context.Context, table string, wrap func(string) (string, error)) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		t, ok := Lookup(table)
		if !ok {
			yield(nil, fmt.Errorf("export %.70q: not a canonical table", table))
			return
		}
		names := make([]string, len(t.Columns))
		row, at := make([]any, len(names)), make([]any, len(names))
		for i, c := range t.Columns {
			names[i], at[i] = c.Name, &row[i]
		}
		query, err := wrap("SELECT " + strings.Join(names, ", ") + " FROM " + t.Name)
		if err != nil {
			yield(nil, fmt.Errorf("export %s: %w", t.Name, err))
			return
		}
		rows, err := s.db.QueryContext(ctx, query)
		if err != nil {
			yield(nil, fmt.Errorf("export %s: %w", t.Name, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(at...); err != nil {
				yield(nil, fmt.Errorf("export %s: %w", t.Name, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("export %s: %w", t.Name, err))
		}
	}
}
