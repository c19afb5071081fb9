package measurebench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
)

// Hand is a measure beside the same answer written by hand for DuckDB alone. Times are processor seconds, the least of three runs each.
type Hand struct {
	ID    string  `json:"id"`
	Ours  float64 `json:"cpu_seconds"`
	Hand  float64 `json:"hand_written_cpu_seconds"`
	Ratio float64 `json:"ratio"`
}

// byHand runs the measures that there is a hand-written query for, then the queries, and wants the same rows.
func (f *Figures) byHand(ctx context.Context, dir string, o Options) error {
	for id := range handWritten {
		f.Hand = append(f.Hand, Hand{ID: id})
	}
	slices.SortFunc(f.Hand, func(a, b Hand) int { return strings.Compare(a.ID, b.ID) })
	if err := f.oursAgain(ctx, dir, o); err != nil {
		return err
	}
	db, err := store.Scratch(ctx, o.MemoryMB, o.Threads, filepath.Join(dir, "spill"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "ATTACH '"+filepath.Join(dir, store.FileName)+"' AS members (READ_ONLY)"); err != nil {
		return fmt.Errorf("open the data for the hand-written queries: %w", err)
	}
	if _, err := db.ExecContext(ctx, "USE members"); err != nil {
		return fmt.Errorf("open the data for the hand-written queries: %w", err)
	}
	for i := range f.Hand {
		h := &f.Hand[i]
		var got []measures.Row
		if h.Hand, err = leastOfThree(func() (err error) {
			got, err = query(ctx, db, handWritten[h.ID])
			return err
		}); err != nil {
			return fmt.Errorf("the hand-written query of %s: %w", h.ID, err)
		}
		at := slices.IndexFunc(f.Measures, func(m Measure) bool { return m.ID == h.ID })
		if !slices.Equal(got, f.Measures[at].rows) {
			return fmt.Errorf("the hand-written query of %s gives another answer than the measure", h.ID)
		}
		h.Ratio = h.Ours / max(h.Hand, 1e-9)
		o.Say("  %-8s cpu %.2f s, written by hand %.2f s: %.2f times", h.ID, h.Ours, h.Hand, h.Ratio)
	}
	return nil
}

func (f *Figures) oursAgain(ctx context.Context, dir string, o Options) (err error) {
	s, err := store.Open(ctx, dir, store.Options{MemoryMB: o.MemoryMB, Threads: o.Threads, SpillMB: 30_000})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for i := range f.Hand {
		spec, err := library.Measure(f.Hand[i].ID)
		if err != nil {
			return err
		}
		if f.Hand[i].Ours, err = leastOfThree(func() error {
			_, err := s.Measure(ctx, spec, engine.Period{Year: year}, slotsOf(spec)...)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func leastOfThree(run func() error) (least float64, err error) {
	for i := range 3 {
		used := processorSeconds()
		if err := run(); err != nil {
			return 0, err
		}
		if used = processorSeconds() - used; i == 0 || used < least {
			least = used
		}
	}
	return least, nil
}

func query(ctx context.Context, db *sql.DB, q string) (out []measures.Row, err error) {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := measures.Row{Stratum: "all"}
		if err := rows.Scan(&r.Practice, &r.Num, &r.Den); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
