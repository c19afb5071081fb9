package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// refused is how the statement that inserts says that a field is bad; which one is asked afterwards.
const refused = "tacet: a field is refused"

var errRefused = errors.New(refused)

// chunk is how many rows one statement takes at least, in whole row groups: between two the load says how far it is, and stops when it is to stop.
var chunk int64 = 2_000_000

// insert checks the key and takes all rows.
func (f *parquetFile) insert(ctx context.Context, tx *sql.Tx, progress func(Progress)) error {
	if err := f.unique(ctx, tx); err != nil {
		return err
	}
	var names, values []string
	for _, s := range f.columns {
		names, values = append(names, s.column.Name), append(values, s.checked())
		for _, d := range f.table.Columns {
			if d.Kind == Micros && d.From == s.column.Name {
				names, values = append(names, d.Name), append(values, sqlMicros(d.From))
			}
		}
	}
	for _, j := range f.table.Joined {
		names, values = append(names, j.Name), append(values, j.sql(func(c string) bool {
			return slices.ContainsFunc(f.columns, func(s source) bool { return s.column.Name == c })
		}))
	}
	query := "INSERT INTO main." + f.table.Name + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + f.scan()
	var done, upTo int64
	for i, n := range f.groups {
		if upTo += n; upTo-done < chunk && i < len(f.groups)-1 {
			continue
		}
		r, err := tx.ExecContext(ctx, fmt.Sprintf("%s WHERE file_row_number >= %d AND file_row_number < %d", query, done, upTo))
		if err != nil && strings.Contains(err.Error(), refused) {
			return errRefused
		}
		if err != nil {
			return f.broken(ctx, err, fmt.Sprintf("cannot be read between rows %d and %d: truncated or damaged, or text that is not UTF-8", done+1, upTo))
		}
		if got, err := r.RowsAffected(); err != nil || got != upTo-done {
			return f.refuse(0, "", fmt.Sprintf("holds another number of rows between %d and %d than it says: damaged", done+1, upTo))
		}
		done = upTo
		progress(Progress{File: f.name, Rows: done, Read: f.stat.Size() * done / f.rows, Size: f.stat.Size()})
	}
	return nil
}

// rejects names the first bad fields, in order of rows, as the CSV loader does.
func (f *parquetFile) rejects(ctx context.Context, conn *sql.Conn) error {
	var marks, tests []string
	for _, s := range f.columns {
		spoiled := ""
		if s.spoiled != "" {
			spoiled = " WHEN " + s.spoiled + " THEN 3"
		}
		marks = append(marks, "CASE WHEN "+s.ok()+" THEN 0 WHEN "+s.empty+" THEN 1"+spoiled+" ELSE 2 END")
		tests = append(tests, "NOT "+s.ok())
	}
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("SELECT file_row_number + 1, [%s] FROM %s WHERE %s ORDER BY file_row_number LIMIT %d",
		strings.Join(marks, ", "), f.scan(), strings.Join(tests, " OR "), maxProblems))
	if err != nil {
		return f.broken(ctx, err, "has fields that are refused, and they cannot be listed")
	}
	defer rows.Close()
	refusal := &FileError{}
	for rows.Next() {
		var row int64
		var mark []any
		if err := rows.Scan(&row, &mark); err != nil {
			return fmt.Errorf("%s: list what is refused: %w", f.name, err)
		}
		for i, s := range f.columns {
			if n, _ := mark[i].(int32); n != 0 {
				refusal.Problems = append(refusal.Problems, Problem{File: f.name, Line: int(row), Name: s.column.Name, Reason: s.column.reason(n).Error()})
			}
		}
	}
	if err := rows.Err(); err != nil {
		return f.broken(ctx, err, "has fields that are refused, and they cannot be listed")
	}
	if len(refusal.Problems) == 0 {
		return f.refuse(0, "", "has fields that are refused, and they cannot be found again")
	}
	if len(refusal.Problems) >= maxProblems {
		refusal.Problems, refusal.More = refusal.Problems[:maxProblems], true
	}
	return refusal
}

// unique refuses a file that repeats a key, its own or one of the table. Keys are compared by a 64-bit hash first: equal keys have
// equal hashes, so only where two hashes are equal the keys themselves are looked at.
func (f *parquetFile) unique(ctx context.Context, tx *sql.Tx) error {
	if len(f.table.Key) == 0 || f.rows == 0 {
		return nil
	}
	var values []string
	for _, name := range f.table.Key {
		for _, s := range f.columns {
			if s.column.Name == name {
				values = append(values, "CASE WHEN "+s.ok()+" THEN "+s.value+" END AS "+name)
			}
		}
	}
	key := strings.Join(f.table.Key, ", ")
	keys := "(SELECT " + strings.Join(values, ", ") + ", file_row_number AS rn FROM " + f.scan() + ")"
	ask := func(query string) (n int64, err error) {
		if err = tx.QueryRowContext(ctx, query).Scan(&n); err != nil {
			err = f.broken(ctx, err, "cannot be read to its end: truncated or damaged, or text that is not UTF-8")
		}
		return n, err
	}
	hashes, err := ask("SELECT count(*) FROM (SELECT hash(" + key + ") AS h FROM " + keys + " GROUP BY h)")
	if err != nil {
		return err
	}
	before, err := ask("SELECT count(*) FROM main." + f.table.Name)
	if err != nil {
		return err
	}
	var meets int64
	if before > 0 {
		if meets, err = ask("SELECT count(*) FROM main." + f.table.Name + " WHERE hash(" + key + ") IN (SELECT hash(" + key + ") FROM " + keys + ")"); err != nil {
			return err
		}
	}
	if hashes == f.rows && meets == 0 {
		return nil
	}
	complete := strings.Join(f.table.Key, " IS NOT NULL AND ") + " IS NOT NULL" // a bad key is reported as such, not as a repeated one
	at, err := ask("SELECT coalesce(min(rn) + 1, 0) FROM (SELECT rn FROM (SELECT rn, row_number() OVER (PARTITION BY " + key + " ORDER BY rn) AS o FROM " + keys +
		" WHERE " + complete + ") WHERE o > 1 UNION ALL SELECT rn FROM " + keys + " WHERE (" + key + ") IN (SELECT (" + key + ") FROM main." + f.table.Name + "))")
	if err != nil || at == 0 {
		return err
	}
	return f.refuse(at, "", (&DuplicateError{Table: f.table.Name, Key: f.table.Key}).refusal())
}
