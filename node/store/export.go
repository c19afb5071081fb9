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
		rows, err := s.db.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM main."+t.Name)
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
