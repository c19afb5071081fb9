package store

import (
	"fmt"
	"strings"
)

// DuplicateError says that a row repeats the key of another one.
type DuplicateError struct {
	Table string
	Key   []string
	Row   int64 // of this load, from 1
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("row %d repeats the key (%s) of another row of %s", e.Row, strings.Join(e.Key, ", "), e.Table)
}

// refusal is what is said of a file.
func (e *DuplicateError) refusal() string {
	return fmt.Sprintf("repeats the key (%s) of another row of %s; if the file takes the place of one that was loaded before, tacet node unload %s first", strings.Join(e.Key, ", "), e.Table, e.Table)
}

// checkKey looks for a key twice in the whole table. Row ids grow in the order
// of appending, rows of this transaction after all committed ones.
func (b *batch) checkKey() error {
	if len(b.table.Key) == 0 || b.rows == 0 {
		return nil
	}
	key, table := strings.Join(b.table.Key, ", "), "main."+b.table.Name
	var twice int64
	if err := b.conn.QueryRowContext(b.ctx,
		"SELECT count(*) FROM (SELECT 1 FROM "+table+" GROUP BY "+key+" HAVING count(*) > 1)").Scan(&twice); err != nil {
		return fmt.Errorf("check the key: %w", err)
	}
	if twice == 0 {
		return nil
	}
	var at int64
	if err := b.conn.QueryRowContext(b.ctx,
		"WITH numbered AS (SELECT row_number() OVER (ORDER BY rowid) AS n, row_number() OVER (PARTITION BY "+key+" ORDER BY rowid) AS o FROM "+table+
			") SELECT min(n) FROM numbered WHERE o > 1").Scan(&at); err != nil {
		return fmt.Errorf("find the repeated key: %w", err)
	}
	return &DuplicateError{Table: b.table.Name, Key: b.table.Key, Row: at - b.before}
}
