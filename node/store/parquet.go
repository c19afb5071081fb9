package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// WriteParquet writes rows as one Parquet file, crash-safe: a temporary file in
// the same folder, fsynced, then renamed over path. It works in a scratch
// database in memory, apart from every store. Values are as in [Store.Append];
// only name and kind of the columns count. For released tables, whose size is
// practices times measures.
func WriteParquet(ctx context.Context, path string, columns []Column, rows [][]any) error {
	if err := writeParquet(ctx, path, columns, rows); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeParquet(ctx context.Context, path string, columns []Column, rows [][]any) error {
	if len(columns) == 0 {
		return errors.New("no columns")
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // an in-memory database is one connection's
	if err != nil {
		return err
	}
	defer conn.Close()
	defs := make([]string, len(columns))
	for i, c := range columns {
		defs[i] = `"` + strings.ReplaceAll(c.Name, `"`, `""`) + `" ` + c.Kind.sql()
	}
	for _, q := range []string{
		"SET threads = 1", "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
		"CREATE TABLE t (" + strings.Join(defs, ", ") + ")",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if err := fill(conn, columns, rows); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".parquet-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // after the rename it is gone already
	defer temp.Close()
	if _, err := conn.ExecContext(ctx, "COPY t TO "+quote(temp.Name())+" (FORMAT parquet, COMPRESSION zstd)"); err != nil {
		return err
	}
	return publish(temp.Name(), path)
}

func fill(conn *sql.Conn, columns []Column, rows [][]any) error {
	return conn.Raw(func(c any) error {
		a, err := duckdb.NewAppender(c.(driver.Conn), "", "main", "t")
		if err != nil {
			return err
		}
		values := make([]driver.Value, len(columns))
		for n, row := range rows {
			if len(row) != len(columns) {
				err = fmt.Errorf("row %d has %d values for %d columns", n+1, len(row), len(columns))
				break
			}
			for i, v := range row {
				if values[i], err = columns[i].accept(v); err != nil {
					err = fmt.Errorf("row %d, column %s: %w", n+1, columns[i].Name, err)
					break
				}
			}
			if err != nil {
				break
			}
			if err = a.AppendRow(values...); err != nil {
				break
			}
		}
		return errors.Join(err, a.Close())
	})
}

// publish makes the temporary file durable and gives it its name. A crash
// before the rename leaves the old file, after it the new one.
func publish(temp, path string) error {
	f, err := os.OpenFile(temp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
