package bench

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
)

// ErrMismatch: a decrypted cell is not what exact arithmetic says, or the two exact computations differ.
var ErrMismatch = errors.New("cells differ from exact arithmetic")

// Options of a measurement. The zero value is completed by Run.
type Options struct {
	Cells      int      // all together, evenly over sets and numbers of payers, and over strategies by their capacity; default 1024
	Seed       uint64   // of the cells; keys and noise are fresh in every run
	Payers     []int    // default 3, 5, 8, 15
	Sets       []string // of standard, wide, toy, toy-wide; default standard and wide
	Strategies []string // of direct, radix, binary, and planner for the one that the planner takes; default the first three
	RunCells   int      // most cells of one run, default 4096: keys are paid for once a run
	Memory     int64    // budget of the member, in bytes; 0: none, and memory grows with RunCells

	Progress io.Writer // one line a step; nil: none
}

// strategies are what can be measured, with the share of the cells that each gets: about as their ciphertexts hold.
var strategies = map[string]struct {
	by     predicate.Strategy
	weight int
}{
	"direct": {predicate.Direct, 2}, "radix": {predicate.Radix, 8}, "binary": {predicate.Binary, 10}, "planner": {predicate.Cheapest, 10},
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
	if len(o.Strategies) == 0 {
		o.Strategies = []string{"direct", "radix", "binary"}
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	for _, name := range o.Sets {
		if _, ok := sets[name]; !ok {
			return &UsageError{fmt.Sprintf("unknown parameter set %q: use standard, wide, toy or toy-wide", name)}
		}
	}
	for _, name := range o.Strategies {
		if _, ok := strategies[name]; !ok {
			return &UsageError{fmt.Sprintf("unknown strategy %q: use direct, radix, binary or planner", name)}
		}
	}
	for _, n := range o.Payers {
		if n < 3 || n > mhe.MaxPayers {
			return &UsageError{fmt.Sprintf("%d payers: must be 3 to %d", n, mhe.MaxPayers)}
		}
	}
	if n := len(o.settings()); o.RunCells < 1 || slices.ContainsFunc(o.settings(), func(s setting) bool { return s.cells < 1 }) {
		return &UsageError{fmt.Sprintf("%d cells in runs of %d: at least one for each of %d settings", o.Cells, o.RunCells, n)}
	}
	return nil
}

// setting is one row of the matrix.
type setting struct {
	set      string
	payers   int
	strategy string
	cells    int
}

// settings divides the cells, to the last one.
func (o *Options) settings() []setting {
	all, weight := 0, 0
	for _, s := range o.Strategies {
		all += strategies[s].weight * len(o.Sets) * len(o.Payers)
	}
	var out []setting
	for _, set := range o.Sets {
		for _, n := range o.Payers {
			for _, s := range o.Strategies {
				from := o.Cells * weight / all
				weight += strategies[s].weight
				out = append(out, setting{set, n, s, o.Cells*weight/all - from})
			}
		}
	}
	return out
}

// Run measures every set with every number of payers and every strategy, one after the other. The error is ErrMismatch when a cell differs; the figures are then still complete.
func Run(ctx context.Context, o Options) ([]Figures, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var out []Figures
	wrong, todo, begin := 0, o.settings(), time.Now()
	for i, s := range todo {
		f, err := o.measure(ctx, s, inTurn, o.sayer(begin, fmt.Sprintf("%d of %d: %s", i+1, len(todo), s)))
		if err != nil {
			return out, fmt.Errorf("%s: %w", s, err)
		}
		wrong += f.Wrong
		out = append(out, *f)
	}
	if wrong > 0 {
		return out, fmt.Errorf("%d %w", wrong, ErrMismatch)
	}
	return out, nil
}

func (s setting) String() string {
	return fmt.Sprintf("%s, %d payers, %s", s.set, s.payers, s.strategy)
}

// sayer writes lines of progress.
func (o *Options) sayer(begin time.Time, what string) func(string, ...any) {
	return func(format string, a ...any) {
		fmt.Fprintf(o.Progress, "%7.1f s  %s: %s\n", time.Since(begin).Seconds(), what, fmt.Sprintf(format, a...))
	}
}

// measure runs a setting's cells in as many runs as they need.
func (o *Options) measure(ctx context.Context, s setting, pick func(i, shapes int) int, say func(string, ...any)) (*Figures, error) {
	f := newFigures(s, o.Seed)
	stream := sha256.Sum256([]byte(s.String()))
	r := rand.New(rand.NewPCG(o.Seed, binary.BigEndian.Uint64(stream[:])))
	defer limit(o.Memory)()
	freshPeak()
	h := watchHeap()
	defer func() { f.LiveHeap = max(f.LiveHeap, int64(h.end())) }()
	begin := time.Now()
	cpu, _ := usage()
	for left := s.cells; left > 0; {
		count := min(left, o.RunCells)
		left -= count
		p, err := newProblem(s.set, strategies[s.strategy].by, s.payers, count, pick, r)
		if err != nil {
			return nil, err
		}
		f.Runs++
		r, err := newRun(p, fmt.Sprintf("bench %d/%s/%d", o.Seed, s, f.Runs), say)
		if err != nil {
			return nil, err
		}
		if o.Memory > 0 {
			if r.memory, err = p.plan.Memory(o.Memory, runtime.GOMAXPROCS(0)); err != nil {
				return nil, err
			}
		}
		say("run %d: %d cells in %d ciphertexts, %s", f.Runs, count, p.plan.Ciphertexts(), p.plan.Strategy())
		got, err := r.values(ctx)
		if err != nil {
			return nil, err
		}
		f.add(r, got)
		f.Spilled = max(f.Spilled, r.spill.Peak())
		say("run %d: %d of %d cells released, %d mismatches so far", f.Runs, f.Released, f.Cells, f.Wrong)
	}
	f.finish(time.Since(begin), cpu)
	return f, nil
}
