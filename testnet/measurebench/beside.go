package measurebench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse"
)

// Beside is a measure on PostgreSQL, beside the embedded engine.
type Beside struct {
	ID      string  `json:"id"`
	Seconds float64 `json:"seconds"`
	Ratio   float64 `json:"ratio"`
}

// beside makes and fills the tables of a PostgreSQL warehouse with the data of the store and runs every measure there: the rows must be the same.
func (f *Figures) beside(ctx context.Context, dir string, o Options) (err error) {
	begin := time.Now()
	if err := fillWarehouse(ctx, dir, o); err != nil {
		return err
	}
	o.Say("the same data in PostgreSQL: filled in %.1f s", time.Since(begin).Seconds())
	w, err := warehouse.Open(ctx, o.Reader, warehouse.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, spec := range library.Measures() {
		m := f.Measures[slices.IndexFunc(f.Measures, func(m Measure) bool { return m.ID == spec.ID })]
		begin := time.Now()
		rows, err := w.Measure(ctx, spec, engine.Period{Year: year}, slotsOf(spec)...)
		if err != nil {
			return err
		}
		b := Beside{ID: spec.ID, Seconds: time.Since(begin).Seconds()}
		if !slices.Equal(rows, m.rows) {
			return fmt.Errorf("%w: PostgreSQL answers %s otherwise than the embedded engine", ErrMissed, spec.ID)
		}
		b.Ratio = b.Seconds / max(m.Seconds, 1e-9)
		o.Say("  %-8s %8.2f s on PostgreSQL, %.1f times the embedded engine's, same rows", b.ID, b.Seconds, b.Ratio)
		f.Postgres = append(f.Postgres, b)
	}
	return nil
}

func fillWarehouse(ctx context.Context, dir string, o Options) (err error) {
	if err := warehouse.Make(ctx, o.DSN); err != nil {
		return err
	}
	s, err := store.Open(ctx, dir, store.Options{MemoryMB: o.MemoryMB, Threads: o.Threads, SpillMB: 30_000})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, table := range store.TableNames() {
		if _, err := warehouse.Fill(ctx, o.DSN, table, s.Export(ctx, table)); err != nil {
			return err
		}
	}
	return nil
}
