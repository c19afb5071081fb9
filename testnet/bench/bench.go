package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// ErrMismatch: a decrypted cell is not what exact arithmetic says, or the two exact computations differ.
var ErrMismatch = errors.New("cells differ from exact arithmetic")

// Options of a measurement. The zero value is completed by Run.
type Options struct {
	Cells    int      // all together, evenly over sets and numbers of payers; default 1024
	Seed     uint64   // of the cells; keys and noise are fresh in every run
	Payers   []int    // default 3, 5, 8, 15
	Sets     []string // of standard, wide, toy, toy-wide; default standard and wide
	RunCells int      // most cells of one run, default 4096: memory grows with it, and keys are paid for once a run

	Progress io.Writer // one line a step; nil: none
}

// UsageError is a mistake in the options.
type UsageError struct{ Text string }

// Error is the text.
func (e *UsageError) Error() string { return e.Text }

func (o *Options) check() error {
	if o.Cells == 0 {
		o.Cells = 1024
	}
	if o.RunCells == 0 {
		o.RunCells = 4096
	}
	if len(o.Sets) == 0 {
		o.Sets = []string{"standard", "wide"}
	}
	if len(o.Payers) == 0 {
		o.Payers = []int{3, 5, 8, 15}
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	for _, name := range o.Sets {
		if _, ok := sets[name]; !ok {
			return &UsageError{fmt.Sprintf("unknown parameter set %q: use standard, wide, toy or toy-wide", name)}
		}
	}
	for _, n := range o.Payers {
		if n < 3 || n > mhe.MaxPayers {
			return &UsageError{fmt.Sprintf("%d payers: must be 3 to %d", n, mhe.MaxPayers)}
		}
	}
	if n := len(o.Payers) * len(o.Sets); o.Cells < n || o.RunCells < 1 {
		return &UsageError{fmt.Sprintf("%d cells in runs of %d: at least one for each of %d settings", o.Cells, o.RunCells, n)}
	}
	return nil
}

// Run measures every set with every number of payers, one after the other. The error is ErrMismatch when a cell differs; the figures are then still complete.
func Run(ctx context.Context, o Options) ([]Figures, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	begin := time.Now()
	var out []Figures
	wrong, settings := 0, len(o.Sets)*len(o.Payers)
	for _, set := range o.Sets {
		for _, n := range o.Payers {
			cells := o.Cells / settings
			if len(out) < o.Cells%settings {
				cells++
			}
			f, err := o.measure(ctx, set, n, cells, func(format string, a ...any) {
				fmt.Fprintf(o.Progress, "%7.1f s  %s, %d payers: %s\n", time.Since(begin).Seconds(), set, n, fmt.Sprintf(format, a...))
			})
			if err != nil {
				return out, fmt.Errorf("set %s, %d payers: %w", set, n, err)
			}
			wrong += f.Wrong
			out = append(out, *f)
		}
	}
	if wrong > 0 {
		return out, fmt.Errorf("%d %w", wrong, ErrMismatch)
	}
	return out, nil
}

// measure runs a number of cells in as many runs as they need.
func (o *Options) measure(ctx context.Context, set string, payers, cells int, say func(string, ...any)) (*Figures, error) {
	f := &Figures{Set: set, Payers: payers, Seed: o.Seed, Sent: map[string]int64{}, Core: map[string]float64{}}
	random := rand.New(rand.NewPCG(o.Seed, uint64(payers)))
	begin := time.Now()
	for left := cells; left > 0; {
		count := min(left, o.RunCells)
		left -= count
		p, err := newProblem(set, payers, count, random)
		if err != nil {
			return nil, err
		}
		f.Runs++
		r, err := newRun(p, fmt.Sprintf("bench %d/%d/%d", o.Seed, payers, f.Runs), say)
		if err != nil {
			return nil, err
		}
		say("run %d: %d cells in %d ciphertexts", f.Runs, count, p.plan.Ciphertexts())
		got, err := r.values(ctx)
		if err != nil {
			return nil, err
		}
		f.add(r, got)
		say("run %d: %d of %d cells released, %d mismatches so far", f.Runs, f.Released, f.Cells, f.Wrong)
	}
	f.finish(time.Since(begin))
	return f, nil
}
