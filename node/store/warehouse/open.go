package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/node/store"
)

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,40}$`)

// Options bound what a measure may take of the warehouse. The zero value works.
type Options struct {
	MeasureTimeout time.Duration   // default 10 minutes per measure; the server keeps it too
	Connections    int             // default 2
	Withhold       withhold.Policy // what no measure may see; the zero value withholds all there is to withhold
}

// Warehouse is a payer's own database. It is safe for concurrent use.
type Warehouse struct {
	db       *sql.DB
	schema   string
	catalog  string // Trino
	dialect  engine.Dialect
	timeout  time.Duration
	withhold withhold.Policy
}

// Check says whether a connection text names an engine, without connecting.
func Check(dsn string) error {
	scheme, _, ok := strings.Cut(dsn, "://")
	switch {
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		_, _, err := parsePostgres(dsn)
		return err
	case ok && (scheme == "http" || scheme == "https"):
		_, err := parseTrino(dsn)
		return err
	}
	return errors.New("begins with neither postgres:// nor https://")
}

// Open connects and refuses a role that may do more than read (see the package comment). dsn is a connection text of one of the forms there.
func Open(ctx context.Context, dsn string, o Options) (*Warehouse, error) {
	if o.MeasureTimeout == 0 {
		o.MeasureTimeout = 10 * time.Minute
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
	if o.MeasureTimeout < time.Millisecond || o.Connections < 1 {
		return nil, errors.New("open warehouse: want a timeout of at least a millisecond and at least one connection")
	}
	if err := o.Withhold.Validate(); err != nil {
		return nil, fmt.Errorf("open warehouse: %w", err)
	}
	if err := Check(dsn); err != nil {
		return nil, fmt.Errorf("open warehouse: its address %w", err)
	}
	w, err := connect(dsn, o)
	if err != nil {
		return nil, fmt.Errorf("open warehouse: %w", err)
	}
	w.withhold = o.Withhold
	w.db.SetMaxOpenConns(o.Connections)
	if err := w.admit(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s warehouse: %w", w.dialect, err), w.db.Close())
	}
	return w, nil
}

func connect(dsn string, o Options) (*Warehouse, error) {
	if strings.HasPrefix(dsn, "http") {
		return connectTrino(dsn, o)
	}
	return connectPostgres(dsn, o)
}

// admit says whether the role may be used at all.
func (w *Warehouse) admit(ctx context.Context) error {
	if w.dialect == engine.Trino {
		return w.admitTrino(ctx)
	}
	return w.admitPostgres(ctx)
}

// Close closes the connections. Running queries are ended first.
func (w *Warehouse) Close() error { return w.db.Close() }

// Measure runs an approved measure for a period and returns this payer's rows, sorted by practice and stratum, as store.Store.Measure does.
func (w *Warehouse) Measure(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]measures.Row, error) {
	return sandboxed(ctx, w, spec, func(ctx context.Context, db engine.Conn) ([]measures.Row, error) {
		return engine.RunOn(ctx, w.dialect, db, spec, period, slots...)
	})
}

// Members runs the form of a measure that says of each person in which of its populations it is. The rows are member data and stay on the node.
func (w *Warehouse) Members(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]engine.Member, error) {
	return sandboxed(ctx, w, spec, func(ctx context.Context, db engine.Conn) ([]engine.Member, error) {
		return engine.MembersOn(ctx, w.dialect, db, spec, period, slots...)
	})
}

// Observe reads the observations of a risk model, as store.Store.Observe does.
func (w *Warehouse) Observe(ctx context.Context, outcome string, period engine.Period) ([]risk.Person, error) {
	spec, err := engine.Observing(outcome)
	if err != nil {
		return nil, err
	}
	return sandboxed(ctx, w, spec, func(ctx context.Context, db engine.Conn) ([]risk.Person, error) {
		return engine.Observe(ctx, w.dialect, db, outcome, period)
	})
}

// sandboxed gives one query over the measure's inputs a guarded connection, with the warehouse's timeout. The transaction is rolled back whatever
// happens: nothing a query could do would last.
func sandboxed[T any](ctx context.Context, w *Warehouse, spec *measures.Spec, query func(context.Context, engine.Conn) ([]T, error)) ([]T, error) {
	for _, in := range spec.Inputs {
		if _, ok := store.Lookup(in); !ok {
			return nil, fmt.Errorf("measure %s %s: input %q is not a canonical table; there are %s", spec.ID, spec.Version, in, strings.Join(store.TableNames(), ", "))
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.timeout, fmt.Errorf("measure %s took longer than %v", spec.ID, w.timeout))
	defer cancel()
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("measure %s: connect to the warehouse: %w", spec.ID, withheld(err))
	}
	defer conn.Close()
	tx, err := w.begin(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("measure %s: begin read-only: %w", spec.ID, withheld(err))
	}
	if tx != nil {
		defer tx.Rollback()
	}
	if err := w.checkInputs(ctx, conn, append(slices.Clone(spec.Inputs), w.withhold.Reads(spec.Inputs)...)); err != nil {
		return nil, fmt.Errorf("measure %s: %w", spec.ID, err)
	}
	rows, err := query(ctx, &guard{w: w, conn: conn, inputs: spec.Inputs})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("measure %s: the query was stopped: %w (%w)", spec.ID, ctx.Err(), context.Cause(ctx))
	}
	return rows, err
}

func (w *Warehouse) begin(ctx context.Context, conn *sql.Conn) (*sql.Tx, error) {
	if w.dialect == engine.Trino {
		return nil, nil // one statement each, read-only by the guard and by the role: most connectors know no transactions
	}
	return w.beginPostgres(ctx, conn)
}

func (w *Warehouse) checkInputs(ctx context.Context, conn *sql.Conn, inputs []string) error {
	if w.dialect == engine.Trino {
		return w.checkTrinoInputs(ctx, conn, inputs)
	}
	return w.checkPostgresInputs(ctx, conn, inputs)
}

// guard asks the database what a query is before it runs; it is independent of the engine's lint, so that a gap in one is not a gap in both. What
// it lets through it runs with the inputs as package withhold leaves them.
type guard struct {
	w      *Warehouse
	conn   *sql.Conn
	inputs []string
}

func (g *guard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if len(args) > 0 {
		return nil, errors.New("Parser Error: a measure has no parameters")
	}
	check := g.checkPostgres
	if g.w.dialect == engine.Trino {
		check = g.checkTrino
	}
	if err := check(ctx, query); err != nil {
		return nil, plain(err)
	}
	query, err := g.w.withhold.Before(g.inputs, query, false, g.w.dialect != engine.Trino)
	if err != nil {
		return nil, err
	}
	rows, err := g.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, engine.Withheld(ctx, plain(err)) // it ran: a text may quote what it met
	}
	return rows, nil
}
