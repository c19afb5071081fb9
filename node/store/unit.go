package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Layout names the columns in which rows of a table are given to a [Unit].
type Layout struct {
	Table   string
	Columns []string
}

// Unit is one load into several tables, as a FHIR bundle makes: all of it or
// nothing, also after a crash. It is not safe for concurrent use.
type Unit struct {
	store   *Store
	conn    *sql.Conn
	tables  map[string]*batch
	names   []string
	noted   []Source
	ctx     context.Context
	added   int64
	done    bool // committed or rolled back
	Already bool // the content was loaded before; nothing was read or changed
}

// LoadUnit lets fill add rows to the tables of the layouts in one transaction.
// parts are the pieces of content that the unit is made of (files, say): when
// all of them were loaded before as a unit of the same kind, fill is not called
// and nothing changes; when only some of them were, the load is refused, since
// their rows are there already. kind is a short name of the format. It returns
// the rows added by table.
func (s *Store) LoadUnit(ctx context.Context, kind string, parts []Source, layouts []Layout, fill func(*Unit) error) (rows map[string]int64, already bool, err error) {
	u := &Unit{store: s, ctx: ctx, tables: map[string]*batch{}, noted: parts}
	s.load.Lock()
	defer s.load.Unlock()
	s.found = false
	if u.conn, err = s.db.Conn(ctx); err != nil {
		return nil, false, fmt.Errorf("load %s: %w", kind, err)
	}
	defer u.close()
	if _, err := u.conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return nil, false, fmt.Errorf("load %s: begin: %w", kind, err)
	}
	if already, err = u.known(kind); err != nil || already {
		return nil, already, err
	}
	for _, l := range layouts {
		if err := u.table(l); err != nil {
			return nil, false, fmt.Errorf("load %s: %w", kind, err)
		}
	}
	if err := fill(u); err != nil {
		return nil, false, err
	}
	rows, err = u.commit(kind)
	return rows, false, err
}

func (u *Unit) known(kind string) (bool, error) {
	var before []string
	for _, p := range u.noted {
		var n int
		if err := u.conn.QueryRowContext(u.ctx, "SELECT count(*) FROM node.loaded WHERE table_name = ? AND sha256 = ?",
			kind, hex.EncodeToString(p.Digest[:])).Scan(&n); err != nil {
			return false, err
		}
		if n > 0 {
			before = append(before, p.Name)
		}
	}
	if len(before) > 0 && len(before) < len(u.noted) {
		return false, &FileError{Problems: []Problem{{File: before[0],
			Reason: fmt.Sprintf("was loaded before, and %d of the %d files given with it were not: give only the new ones", len(u.noted)-len(before), len(u.noted))}}}
	}
	return len(before) > 0, nil
}

func (u *Unit) table(l Layout) error {
	t, ok := Lookup(l.Table)
	if !ok {
		return fmt.Errorf("%.70q is not a canonical table", l.Table)
	}
	b := &batch{ctx: u.ctx, store: u.store, conn: u.conn, table: t}
	all, err := b.layout(l.Columns)
	if err != nil {
		return fmt.Errorf("%s: %w", l.Table, err)
	}
	if err := b.attach(all); err != nil {
		return fmt.Errorf("%s: %w", l.Table, err)
	}
	u.tables[l.Table], u.names = b, append(u.names, l.Table)
	return nil
}

// Add queues one row, its values as in [Store.Append]. The error is a
// [*ValueError] where a column refuses its value.
func (u *Unit) Add(table string, values []any) error {
	b, ok := u.tables[table]
	if !ok {
		return fmt.Errorf("table %.70q is not in the layouts of this load", table)
	}
	if u.added++; u.added&0xfff == 0 {
		u.store.progress(Progress{Rows: u.added})
	}
	return b.add(values)
}

func (u *Unit) commit(kind string) (map[string]int64, error) {
	rows, total := map[string]int64{}, int64(0)
	for _, name := range u.names {
		b := u.tables[name]
		if err := b.flush(); err != nil {
			return nil, fmt.Errorf("load %s: %s: %w", kind, name, err)
		}
		rows[name], total = b.rows, total+b.rows
	}
	for _, p := range u.noted {
		if _, err := u.conn.ExecContext(u.ctx, "INSERT INTO node.loaded VALUES (?, ?, ?, ?)", kind, hex.EncodeToString(p.Digest[:]), p.Name, total); err != nil {
			return nil, fmt.Errorf("load %s: note the source: %w", kind, err)
		}
	}
	if _, err := u.conn.ExecContext(u.ctx, "COMMIT"); err != nil {
		return nil, fmt.Errorf("load %s: commit: %w", kind, err)
	}
	u.done = true
	return rows, nil
}

// close ends what was not committed, without a trace.
func (u *Unit) close() {
	for _, b := range u.tables {
		b.drop()
	}
	if !u.done {
		if _, err := u.conn.ExecContext(context.WithoutCancel(u.ctx), "ROLLBACK"); err != nil {
			u.conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}
	u.conn.Close()
}

// ValueError says which column of a row refused its value, and why; it never
// holds the value.
type ValueError struct {
	Column string
	Err    error
}

func (e *ValueError) Error() string { return "column " + e.Column + ": " + e.Err.Error() }

func (e *ValueError) Unwrap() error { return e.Err }

var errWithheld = errors.New("the database refused the row (its text is withheld: it may quote data)")

// Parse reads a field as a canonical file writes it, for adapters of other
// formats that hold text: what it returns is what Append and Add take. The
// empty text is nil.
func (t Table) Parse(column, text string) (any, error) {
	i := t.index(column)
	if i < 0 {
		return nil, fmt.Errorf("table %s has no column %.70q", t.Name, column)
	}
	c := t.Columns[i]
	c.Required = false // an empty one is refused when the row is added
	v, err := c.parse(strings.TrimSpace(text))
	if err != nil {
		return nil, &ValueError{Column: column, Err: err}
	}
	return v, nil
}
