package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// Comparison is one number of cells, all of which are released: with the strategy that the planner takes, and as the first version of the
// release circuit did it.
type Comparison struct {
	Cells int     `json:"cells"`
	Now   Figures `json:"now"`
	First Figures `json:"first_version"`  // scaled to Cells: see Compare
	Taken int     `json:"first_measured"` // cells that the first version was measured with
	// First over Now, or Now over First, so that more is better.
	Speed  float64 `json:"times_the_cells_per_core_second"`
	Bytes  float64 `json:"times_fewer_bytes"`
	Memory float64 `json:"times_less_memory"`
}

// firstCiphertexts is how much of the first version's work is measured: the rest is the same again, ciphertext by ciphertext.
const firstCiphertexts = 2

// Compare measures the planner against the first version of the circuit, which asked all thresholds of a cell at once whatever the number of
// cells: of that, two ciphertexts are run and all but the keys is multiplied by the number of ciphertexts that the cells take; its memory at
// that size is the cost model's, corrected by what the two ciphertexts took. Both run on today's lattice layer, which is faster than the first.
func Compare(ctx context.Context, o Options, sizes []int) ([]Comparison, error) {
	o.Cells, o.Strategies = 1024, []string{"planner", "direct"}
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(o.Payers) != 1 || len(o.Sets) != 1 {
		return nil, &UsageError{"the comparison takes one set and one number of payers"}
	}
	for _, n := range sizes {
		if n < 1 || n > 1<<15 {
			return nil, &UsageError{fmt.Sprintf("a comparison of %d cells: must be 1 to %d", n, 1<<15)}
		}
	}
	begin := time.Now()
	var out []Comparison
	wrong := 0
	all := func(int, int) int { return ordinary }
	for _, n := range sizes {
		o.RunCells = n
		s := setting{o.Sets[0], o.Payers[0], "planner", n}
		now, err := o.measure(ctx, s, all, o.sayer(begin, fmt.Sprintf("%d cells, %s", n, s)))
		if err != nil {
			return out, err
		}
		whole, _, err := newPlan(s.set, predicate.Direct, s.payers, n)
		if err != nil {
			return out, err
		}
		s.strategy, s.cells = "direct", min(n, firstCiphertexts*whole.Set().Slots()/predicate.BlockSlots)
		first, err := o.measure(ctx, s, all, o.sayer(begin, fmt.Sprintf("%d of %d cells, %s", s.cells, n, s)))
		if err != nil {
			return out, err
		}
		c := Comparison{Cells: n, Now: *now, First: *first, Taken: s.cells}
		c.First.scale(n, whole)
		c.Speed = ratio(c.Now.Release, c.First.Release)
		c.Bytes = ratio(c.First.SentRelease, c.Now.SentRelease)
		c.Memory = ratio(float64(c.First.PeakRSS), float64(c.Now.PeakRSS))
		wrong += now.Wrong + first.Wrong
		out = append(out, c)
	}
	if wrong > 0 {
		return out, fmt.Errorf("%d %w", wrong, ErrMismatch)
	}
	return out, nil
}

// scale turns the figures of some ciphertexts into those of a whole plan of the same kind. Keys are made once.
func (f *Figures) scale(cells int, whole *predicate.Plan) {
	k := float64(whole.Ciphertexts()) / float64(f.Ciphertexts)
	for name := range f.Core {
		if name != "keys-1" && name != "keys-2" {
			f.Core[name] *= k
			f.Sent[name] = int64(float64(f.Sent[name]) * k)
		}
	}
	delete(f.Sent, "evaluation")
	f.Released = f.Released * cells / f.Cells
	f.Cells, f.Ciphertexts = cells, whole.Ciphertexts()
	part := f.Predicted.Memory
	f.Predicted = Prediction{}
	f.Predicted.add(whole.Predict())
	f.PeakRSS = int64(float64(f.PeakRSS) * ratio(float64(f.Predicted.Memory), float64(part)))
	f.total()
}

// PrintComparison writes the speeds and how they compare.
func PrintComparison(w io.Writer, all []Comparison) {
	for i := range all {
		c := &all[i]
		fmt.Fprintf(w, "\n== %d cells, all released", c.Cells)
		c.Now.Print(w)
		f := &c.First
		fmt.Fprintf(w, "  first version       all thresholds at once: %.1f core-seconds, %.1f MB, peak %.0f MB (from %d cells measured, %d mismatches; keys once, the rest by ciphertexts)\n",
			f.CoreSeconds, mega(f.SentTotal), mega(f.PeakRSS), c.Taken, f.Wrong)
	}
	fmt.Fprintf(w, "\n%7s  %25s  %8s  %7s   %18s  %8s  %7s   %14s  %8s  %7s\n", "cells", "cells a core-second: now", "first", "times", "kB a cell: now", "first", "fewer", "peak MB: now", "first", "less")
	for i := range all {
		c := &all[i]
		fmt.Fprintf(w, "%7d  %25.1f  %8.1f  %6.1f×   %18.1f  %8.1f  %6.1f×   %14.0f  %8.0f  %6.1f×\n", c.Cells, c.Now.Release, c.First.Release, c.Speed,
			c.Now.SentRelease/1e3, c.First.SentRelease/1e3, c.Bytes, mega(c.Now.PeakRSS), mega(c.First.PeakRSS), c.Memory)
	}
	if len(all) > 0 {
		fmt.Fprintf(w, "set %s%s, %d payers; keys and everything else a member computes and sends included\n", all[0].Now.Set, insecure(all[0].Now.Set), all[0].Now.Payers)
	}
}
