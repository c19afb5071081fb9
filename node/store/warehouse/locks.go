package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// checkPostgres asks the server what a query is. It runs inside the measure's transaction, whose locks begin with those of the declared inputs.
func (g *guard) checkPostgres(ctx context.Context, query string) error {
	var inputs []string
	for _, in := range g.inputs {
		inputs = append(inputs, g.w.schema+"."+in)
	}
	if _, err := g.parse(ctx, "SELECT 1 FROM "+strings.Join(inputs, " CROSS JOIN ")); err != nil {
		return err
	}
	declared, err := g.locks(ctx)
	if err != nil {
		return err
	}
	d, err := g.parse(ctx, query)
	if err != nil {
		return err
	}
	if len(d.Fields) == 0 || len(d.ParamOIDs) > 0 {
		return errors.New("Parser Error: the statement is not a SELECT without parameters")
	}
	named, err := g.locks(ctx)
	if err != nil {
		return err
	}
	for l := range named {
		switch {
		case l.mode != "AccessShareLock":
			return fmt.Errorf("Parser Error: the statement does more than read %.100q", l.relation)
		case !declared[l]:
			return fmt.Errorf("Binder Error: the statement reads %.100q, which is not a declared input", l.relation)
		}
	}
	return g.plan(ctx, query)
}

// parse has the server parse and analyse one statement, which locks what it names and runs nothing. The protocol takes no second statement.
func (g *guard) parse(ctx context.Context, query string) (*pgconn.StatementDescription, error) {
	var d *pgconn.StatementDescription
	err := g.conn.Raw(func(c any) error {
		var err error
		d, err = c.(*stdlib.Conn).Conn().PgConn().Prepare(ctx, "", query, nil)
		return err
	})
	return d, err
}

type lock struct{ relation, mode string }

// locks are the tables and views this transaction holds. It calls functions only, so that it takes no lock itself.
func (g *guard) locks(ctx context.Context) (map[lock]bool, error) {
	rows, err := g.conn.QueryContext(ctx, "SELECT l.relation::pg_catalog.regclass::pg_catalog.text, l.mode FROM pg_catalog.pg_lock_status() l"+
		" WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation'")
	if err != nil {
		return nil, err
	}
	return collectLocks(rows)
}

func collectLocks(rows *sql.Rows) (map[lock]bool, error) {
	defer rows.Close()
	out := map[lock]bool{}
	for rows.Next() {
		var l lock
		if err := rows.Scan(&l.relation, &l.mode); err != nil {
			return nil, err
		}
		out[l] = true
	}
	return out, rows.Err()
}
