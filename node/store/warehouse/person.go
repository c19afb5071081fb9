package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/node/store"
)

// Person copies what the warehouse has of one person in some tables into an embedded store, and tables without persons whole: so a result can be
// explained row by row, which takes many evaluations of a few rows, while the data stays where it is. It reads as a measure does: read-only, with
// statement_timeout.
func (w *Warehouse) Person(ctx context.Context, into *store.Store, tables []string, person string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.timeout, fmt.Errorf("reading one person took longer than %v", w.timeout))
	defer cancel()
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the warehouse: %w", withheld(err))
	}
	defer conn.Close()
	tx, err := w.begin(ctx, conn)
	if err != nil {
		return fmt.Errorf("begin read-only: %w", withheld(err))
	}
	if tx != nil {
		defer tx.Rollback()
	}
	if err := w.checkInputs(ctx, conn, tables); err != nil {
		return err
	}
	for _, name := range tables {
		t, ok := store.Lookup(name)
		if !ok {
			return fmt.Errorf("%.70q is not a canonical table", name)
		}
		if err := copyPerson(ctx, conn, into, t, person); err != nil {
			return fmt.Errorf("read %s of one person from the warehouse: %w", name, err)
		}
	}
	return nil
}

func copyPerson(ctx context.Context, conn *sql.Conn, into *store.Store, t store.Table, person string) error {
	var columns []string
	var kinds []store.Kind
	for _, c := range t.Columns {
		if c.Kind != store.Micros { // the store derives them
			columns, kinds = append(columns, c.Name), append(kinds, c.Kind)
		}
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + t.Name
	if slices.Contains(columns, "person_id") {
		query += " WHERE person_id = " + quote(person)
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return withheld(err)
	}
	defer rows.Close()
	_, err = into.Append(ctx, t.Name, columns, func(yield func([]any, error) bool) {
		for rows.Next() {
			row, err := scan(rows, kinds)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, withheld(err))
		}
	})
	return err
}

// scan reads a row as the store's Append takes it.
func scan(rows *sql.Rows, kinds []store.Kind) ([]any, error) {
	fields := make([]any, len(kinds))
	for i, k := range kinds {
		switch k {
		case store.Text, store.Month, store.NDC:
			fields[i] = new(sql.NullString)
		case store.Date, store.Timestamp:
			fields[i] = new(sql.NullTime)
		default:
			fields[i] = new(sql.NullInt64)
		}
	}
	if err := rows.Scan(fields...); err != nil {
		return nil, fmt.Errorf("a column is of another type than the canonical one") // the driver's text may quote data
	}
	row := make([]any, len(kinds))
	for i, f := range fields {
		switch v := f.(type) {
		case *sql.NullString:
			if v.Valid {
				row[i] = v.String
			}
		case *sql.NullTime:
			if v.Valid {
				row[i] = v.Time
			}
		case *sql.NullInt64:
			if v.Valid {
				row[i] = v.Int64
			}
		}
	}
	return row, nil
}
