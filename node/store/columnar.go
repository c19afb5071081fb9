package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// parquetFile is one Parquet file on its way into a table. Nothing of it passes through this process row by row: the database
// reads, checks and takes it, in one transaction. Rows are counted from 1, as file_row_number + 1.
type parquetFile struct {
	path    string // absolute
	name    string // as given
	table   Table
	columns []source
	ignored []string
	groups  []int64 // rows of each row group
	rows    int64
	stat    os.FileInfo
}

// loadParquet takes one file, whole or not at all.
func (s *Store) loadParquet(ctx context.Context, name string, t Table) (FileReport, error) {
	f := &parquetFile{name: name, table: t}
	var err error
	if f.path, err = filepath.Abs(name); err != nil {
		return FileReport{}, err
	}
	if strings.ContainsAny(f.path, "*?[]{}") {
		return FileReport{}, f.refuse(0, "", "the path contains one of * ? [ ] { }: rename it")
	}
	if !s.readable(f.path) {
		return FileReport{}, f.refuse(0, "", "this store was not opened to read it (Options.Sources)")
	}
	report := FileReport{File: name, Table: t.Name}
	if report.SHA256, err = f.digest(ctx); err != nil {
		return FileReport{}, err
	}
	s.load.Lock()
	defer s.load.Unlock()
	s.found = false
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return FileReport{}, err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return FileReport{}, fmt.Errorf("%s: %w", name, err)
	}
	defer tx.Rollback() // until COMMIT has returned, a crash leaves the table as it was
	if err := f.open(ctx, tx); err != nil {
		return FileReport{}, err
	}
	report.Read, report.Ignored = f.rows, f.ignored
	var known int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM node.loaded WHERE table_name = ? AND sha256 = ?",
		t.Name, hex.EncodeToString(report.SHA256[:])).Scan(&known); err != nil {
		return report, fmt.Errorf("%s: %w", name, err)
	}
	if known > 0 {
		report.Already = true
		return report, nil
	}
	if report.Beside, err = beside(ctx, tx, t.Name, filepath.Base(name)); err != nil {
		return report, fmt.Errorf("%s: %w", name, err)
	}
	if err := f.insert(ctx, tx, s.progress); err == errRefused {
		if err := tx.Rollback(); err != nil { // a transaction in which a statement failed answers nothing any more
			return report, fmt.Errorf("%s: %w", name, err)
		}
		return report, f.rejects(ctx, conn)
	} else if err != nil {
		return report, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO node.loaded VALUES (?, ?, ?, ?)", t.Name, hex.EncodeToString(report.SHA256[:]), filepath.Base(name), f.rows); err != nil {
		return report, fmt.Errorf("%s: note the source: %w", name, err)
	}
	if now, err := os.Stat(f.path); err != nil || !os.SameFile(now, f.stat) || now.Size() != f.stat.Size() || !now.ModTime().Equal(f.stat.ModTime()) {
		return report, f.refuse(0, "", "changed while it was read")
	}
	if err := tx.Commit(); err != nil {
		return report, fmt.Errorf("%s: commit: %w", name, err)
	}
	report.Loaded = f.rows
	return report, nil
}

func (f *parquetFile) digest(ctx context.Context) (sum [32]byte, err error) {
	file, err := os.Open(f.path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	if f.stat, err = file.Stat(); err != nil {
		return sum, err
	}
	h := sha256.New()
	for buf := make([]byte, 1<<20); ; {
		n, err := file.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			h.Sum(sum[:0])
			return sum, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return sum, fmt.Errorf("read %s: %w", f.name, err)
		}
	}
}

// scan is the file as a table of the database.
func (f *parquetFile) scan() string {
	return "read_parquet(" + quote(f.path) + ", file_row_number = true, hive_partitioning = false, binary_as_string = false)"
}

// open reads the file's schema and holds it against the table's columns.
func (f *parquetFile) open(ctx context.Context, tx *sql.Tx) error {
	groups, err := tx.QueryContext(ctx, "SELECT row_group_num_rows FROM parquet_metadata("+quote(f.path)+") GROUP BY row_group_id, row_group_num_rows ORDER BY row_group_id")
	if err != nil {
		return f.broken(ctx, err, "is not a Parquet file, or is truncated")
	}
	defer groups.Close()
	for groups.Next() {
		var n int64
		if err := groups.Scan(&n); err != nil {
			return err
		}
		f.groups, f.rows = append(f.groups, n), f.rows+n
	}
	if err := groups.Err(); err != nil {
		return f.broken(ctx, err, "is not a Parquet file, or is truncated")
	}
	described, err := tx.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM "+f.scan()+")")
	if err != nil {
		return f.broken(ctx, err, "is not a Parquet file of plain columns, or is truncated")
	}
	defer described.Close()
	var names, types []string
	for described.Next() {
		var name, kind string
		if err := described.Scan(&name, &kind); err != nil {
			return err
		}
		names, types = append(names, name), append(types, kind)
	}
	if err := described.Err(); err != nil {
		return f.broken(ctx, err, "is not a Parquet file of plain columns, or is truncated")
	}
	return f.header(names, types)
}

// header maps columns as csvFile.header does, and to each a way to read its type.
func (f *parquetFile) header(names, types []string) error {
	var bad []Problem
	add := func(name, reason string) {
		if !columnName.MatchString(name) {
			name = "(its name is withheld: it may be data)"
		}
		bad = append(bad, Problem{File: f.name, Name: name, Reason: reason})
	}
	for i, name := range names {
		at := f.table.index(name)
		switch {
		case at >= 0 && f.table.Columns[at].Kind == Micros:
			add(name, "is computed by the loader and cannot be given")
		case at >= 0:
			x, ok := f.table.Columns[at].read(types[i])
			if !ok {
				add(name, fmt.Sprintf("has type %.40s in the file: %s", types[i], wanted[f.table.Columns[at].Kind]))
			}
			f.columns = append(f.columns, x)
		case slices.Contains(f.table.Ignored, name):
			f.ignored = append(f.ignored, name)
		default:
			add(name, "is not a column of "+f.table.Name)
		}
	}
	for _, c := range f.table.Columns {
		if c.Required && !slices.Contains(names, c.Name) {
			bad = append(bad, Problem{File: f.name, Name: c.Name, Reason: "is required by " + f.table.Name + " and missing"})
		}
	}
	if len(bad) > 0 {
		return &FileError{Problems: bad}
	}
	return nil
}

func (f *parquetFile) refuse(row int64, name, reason string) error {
	return &FileError{Problems: []Problem{{File: f.name, Line: int(row), Name: name, Reason: reason}}}
}

// broken withholds the database's text: it may quote data. What is the machine's fault is no fault of the file.
func (f *parquetFile) broken(ctx context.Context, err error, reason string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", f.name, ctx.Err())
	}
	if e, ok := errors.AsType[*duckdb.Error](err); ok {
		switch e.Type {
		case duckdb.ErrorTypeOutOfMemory:
			return fmt.Errorf("%s: the database ran out of memory or of spill space: raise memory_mb under [database]; nothing of the file was loaded", f.name)
		case duckdb.ErrorTypePermission, duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal:
			return fmt.Errorf("%s: the database could not read it (its text is withheld: it may quote data); is the disk full?", f.name)
		}
	}
	return f.refuse(0, "", reason)
}
