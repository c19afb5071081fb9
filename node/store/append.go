package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Source names where rows come from, so that the same content is loaded once.
type Source struct {
	Name   string   // for reports: a file name without folder
	Digest [32]byte // SHA-256 of the content
}

// Rows turns a slice into what Append takes.
func Rows(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Append adds rows to a canonical table, all or none. columns names what each
// row holds, in order; required columns must be among them, others become NULL,
// derived ones are computed. Values are string (Text, Month), time.Time (Date,
// Timestamp), int64 or int (Integer, Flag, Cents – in cents) or nil; an empty
// string is NULL. An error yielded by rows ends the load. A row slice may be
// reused by the iterator. Errors name row and column, never the value.
func (s *Store) Append(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) (int64, error) {
	n, _, err := s.AppendOnce(ctx, Source{}, table, columns, rows)
	return n, err
}

// AppendOnce is Append for content with an identity: if the table has had the
// source's digest before, nothing changes, rows is not read and loaded is
// false. A zero digest has no identity.
func (s *Store) AppendOnce(ctx context.Context, src Source, table string, columns []string, rows iter.Seq2[[]any, error]) (n int64, loaded bool, err error) {
	b, err := s.begin(ctx, table, columns)
	if err != nil {
		return 0, false, fmt.Errorf("append to %.70s: %w", table, err)
	}
	defer b.close()
	if src.Digest != ([32]byte{}) {
		if known, err := b.known(src.Digest); err != nil || known {
			return 0, false, err
		}
	}
	for row, err := range rows {
		if err != nil {
			return 0, false, fmt.Errorf("append to %s: after row %d: %w", table, b.rows, err)
		}
		if err := b.add(row); err != nil {
			return 0, false, fmt.Errorf("append to %s: row %d: %w", table, b.rows+1, err)
		}
	}
	if err := b.commit(src); err != nil {
		return 0, false, fmt.Errorf("append to %s: %w", table, err)
	}
	return b.rows, true, nil
}

// batch is one load of one table: a transaction on its own connection, an
// appender inside it, and the store's load lock.
type batch struct {
	ctx      context.Context
	store    *Store
	conn     *sql.Conn
	appender *duckdb.Appender
	table    Table
	columns  []Column       // what add takes, in order
	derived  []derivation   // appended after columns
	joined   []joining      // appended after those
	row      []driver.Value // columns, then derived; reused
	before   int64          // rows in the table when the load began
	rows     int64
	open     bool // the transaction is neither committed nor rolled back
}

type derivation struct{ from, to int } // positions in row

type joining struct {
	column Joined
	from   []int
	to     int
}

func (s *Store) begin(ctx context.Context, table string, names []string) (*batch, error) {
	t, ok := Lookup(table)
	if !ok {
		return nil, fmt.Errorf("not a canonical table; there are %s", strings.Join(TableNames(), ", "))
	}
	b := &batch{ctx: ctx, store: s, table: t}
	all, err := b.layout(names)
	if err != nil {
		return nil, err
	}
	s.load.Lock()
	s.found = false
	if b.conn, err = s.db.Conn(ctx); err != nil {
		s.load.Unlock()
		return nil, err
	}
	if err := b.start(all); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// layout resolves the column names and adds the derived columns.
func (b *batch) layout(names []string) ([]string, error) {
	for i, name := range names {
		at := b.table.index(name)
		switch {
		case at < 0:
			return nil, fmt.Errorf("no column %.70q", name)
		case slices.Contains(names[:i], name):
			return nil, fmt.Errorf("column %q comes twice", name)
		case b.table.Columns[at].Kind == Micros:
			return nil, fmt.Errorf("column %q is derived from %q and cannot be given", name, b.table.Columns[at].From)
		}
		b.columns = append(b.columns, b.table.Columns[at])
	}
	all := slices.Clone(names)
	for _, c := range b.table.Columns {
		if c.Required && !slices.Contains(names, c.Name) {
			return nil, fmt.Errorf("required column %q is missing", c.Name)
		}
		if from := slices.Index(names, c.From); c.Kind == Micros && from >= 0 {
			b.derived = append(b.derived, derivation{from: from, to: len(all)})
			all = append(all, c.Name)
		}
	}
	for _, j := range b.table.Joined {
		to := joining{column: j, to: len(all)}
		for _, c := range j.From {
			if at := slices.Index(names, c); at >= 0 {
				to.from = append(to.from, at)
			}
		}
		b.joined, all = append(b.joined, to), append(all, j.Name)
	}
	b.row = make([]driver.Value, len(all))
	return all, nil
}

func (b *batch) start(all []string) error {
	if _, err := b.conn.ExecContext(b.ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	b.open = true
	return b.attach(all)
}

// attach opens the appender inside a transaction that has begun.
func (b *batch) attach(all []string) error {
	if err := b.conn.QueryRowContext(b.ctx, "SELECT count(*) FROM main."+b.table.Name).Scan(&b.before); err != nil {
		return err
	}
	return b.conn.Raw(func(c any) (err error) {
		b.appender, err = duckdb.NewAppenderWithColumns(c.(driver.Conn), "", "main", b.table.Name, all)
		return err
	})
}

// known asks whether the table had this content before.
func (b *batch) known(digest [32]byte) (bool, error) {
	var n int
	err := b.conn.QueryRowContext(b.ctx, "SELECT count(*) FROM node.loaded WHERE table_name = ? AND sha256 = ?",
		b.table.Name, hex.EncodeToString(digest[:])).Scan(&n)
	return n > 0, err
}

// add checks one row of Append and queues it.
func (b *batch) add(values []any) error {
	if len(values) != len(b.columns) {
		return fmt.Errorf("has %d values for %d columns", len(values), len(b.columns))
	}
	for i, v := range values {
		cell, err := b.columns[i].accept(v)
		if err != nil {
			return &ValueError{Column: b.columns[i].Name, Err: err}
		}
		b.row[i] = cell
	}
	return b.push()
}

// push computes the derived columns of b.row and hands it to the appender,
// whose error texts quote values and are therefore not passed on.
func (b *batch) push() error {
	if b.rows&0xfff == 0 && b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	for _, d := range b.derived {
		b.row[d.to] = nil
		if text, ok := b.row[d.from].(string); ok {
			if m, ok := micros(text); ok {
				b.row[d.to] = m
			}
		}
	}
	for _, j := range b.joined {
		b.row[j.to] = j.column.value(b.row, j.from)
	}
	if err := b.appender.AppendRow(b.row...); err != nil {
		return errWithheld
	}
	b.rows++
	return nil
}

// flush hands the queued rows to the database and checks the key.
func (b *batch) flush() error {
	err := b.appender.CloseWithCancel(b.ctx)
	b.appender = nil
	if err != nil {
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		return errors.New("the database could not take the rows (its text is withheld: it may quote data); is the disk full?")
	}
	return b.checkKey()
}

// commit flushes, checks the key, notes the source and commits. Until COMMIT
// returns, a crash leaves the table as it was.
func (b *batch) commit(src Source) error {
	if err := b.flush(); err != nil {
		return err
	}
	if src.Digest != ([32]byte{}) {
		if _, err := b.conn.ExecContext(b.ctx, "INSERT INTO node.loaded VALUES (?, ?, ?, ?)",
			b.table.Name, hex.EncodeToString(src.Digest[:]), src.Name, b.rows); err != nil {
			return fmt.Errorf("note the source: %w", err)
		}
	}
	if _, err := b.conn.ExecContext(b.ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	b.open = false
	return nil
}

// close ends an uncommitted load without a trace and frees the lock.
func (b *batch) close() {
	b.drop()
	if b.open {
		if _, err := b.conn.ExecContext(context.WithoutCancel(b.ctx), "ROLLBACK"); err != nil {
			b.conn.Raw(func(any) error { return driver.ErrBadConn }) // drop the connection, and its transaction with it
		}
		b.open = false
	}
	b.conn.Close()
	b.store.load.Unlock()
}

// drop forgets what is queued and not flushed.
func (b *batch) drop() {
	if b.appender != nil {
		b.appender.Clear() // what is queued must not be flushed by Close
		b.appender.Close()
		b.appender = nil
	}
}
