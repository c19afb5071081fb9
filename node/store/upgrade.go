package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// oldestSchema is the first version that upgrade understands.
const oldestSchema = 2

// upgrade brings a store of an older version to this one, inside the
// transaction of Open: after a crash it is of the old version, whole. Versions
// differ by tables and optional columns that came in, so data stays as it is
// and the new columns are NULL; joined columns are made of what is there.
func upgrade(ctx context.Context, tx *sql.Tx, from int) error {
	if from < oldestSchema || from > SchemaVersion {
		return fmt.Errorf("%s has schema version %d, this program knows %d to %d: use the program it was made with, or load the data into a new folder",
			FileName, from, oldestSchema, SchemaVersion)
	}
	for _, t := range tables {
		have, err := columnsOf(ctx, tx, t.Name)
		if err != nil {
			return err
		}
		if len(have) == 0 {
			if _, err := tx.ExecContext(ctx, t.create()); err != nil {
				return fmt.Errorf("upgrade to schema %d: make %s: %w", SchemaVersion, t.Name, err)
			}
			continue
		}
		for _, c := range t.Columns {
			if have[c.Name] {
				continue
			}
			if c.Required {
				return fmt.Errorf("upgrade to schema %d: %s has a new required column %s: load the data into a new folder", SchemaVersion, t.Name, c.Name)
			}
			if _, err := tx.ExecContext(ctx, "ALTER TABLE main."+t.Name+" ADD COLUMN "+c.Name+" "+c.Kind.sql()); err != nil {
				return fmt.Errorf("upgrade to schema %d: add %s to %s: %w", SchemaVersion, c.Name, t.Name, err)
			}
		}
	}
	for _, t := range tables {
		if err := join(ctx, tx, t); err != nil {
			return fmt.Errorf("upgrade to schema %d: %w", SchemaVersion, err)
		}
	}
	for _, q := range []string{rejectedDDL, fmt.Sprintf("UPDATE node.schema SET version = %d", SchemaVersion)} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("upgrade to schema %d: %w", SchemaVersion, err)
		}
	}
	return nil
}

// join makes the joined columns that are not there yet.
func join(ctx context.Context, tx *sql.Tx, t Table) error {
	have, err := columnsOf(ctx, tx, t.Name)
	if err != nil {
		return err
	}
	var set []string
	for _, j := range t.Joined {
		if have[j.Name] {
			continue
		}
		if _, err := tx.ExecContext(ctx, "ALTER TABLE main."+t.Name+" ADD COLUMN "+j.Name+" VARCHAR"); err != nil {
			return fmt.Errorf("add %s to %s: %w", j.Name, t.Name, err)
		}
		set = append(set, j.Name+" = "+j.sql(func(string) bool { return true }))
	}
	if len(set) == 0 {
		return nil
	}
	// After all columns are there: a table that was written to cannot be altered in the same transaction.
	if _, err := tx.ExecContext(ctx, "UPDATE main."+t.Name+" SET "+strings.Join(set, ", ")); err != nil {
		return fmt.Errorf("fill the joined columns of %s: %w", t.Name, err)
	}
	return nil
}

func columnsOf(ctx context.Context, tx *sql.Tx, table string) (map[string]bool, error) {
	rows, err := tx.QueryContext(ctx, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'main' AND table_name = ?", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out[name] = true
	}
	return out, rows.Err()
}
