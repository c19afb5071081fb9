package predicate

import (
	"fmt"
	"slices"
)

// A Benchmark releases percentiles of the values of consecutive cells, and of those cells nothing else: neither a value, nor which
// of them pass their rules, nor how many do. See doc.go, "Benchmarks".
type Benchmark struct {
	Name     string // identifies it in errors, unique in a plan
	From, To int    // half-open range of cells, which share one scale and range
	Lower    bool   // smaller values are better: percentiles count from the largest value down
	MinCells int64  // with fewer cells that pass their rules, the benchmark itself is suppressed
}

// Percentiles are what a benchmark releases, in this order.
var Percentiles = [...]int64{25, 50, 75, 90}

// Figure says what a value of a run is: of a cell, or of a benchmark.
type Figure struct {
	Cell       int   // −1: of a benchmark
	Benchmark  int   // its index; −1: of a cell
	Percentile int64 // of a benchmark
}

// Figures lists what the run releases, in the order of Decode and Oracle: cells in their order, and in the place of a benchmark's
// cells its percentiles.
func (p *Plan) Figures() []Figure {
	var out []Figure
	for i := 0; i < len(p.cells); i++ {
		at := p.benchmarkAt(i)
		if at < 0 {
			out = append(out, Figure{Cell: i, Benchmark: -1})
			continue
		}
		for _, q := range Percentiles {
			out = append(out, Figure{Cell: -1, Benchmark: at, Percentile: q})
		}
		i = p.parts.benchmarks[at].To - 1
	}
	return out
}

// Benchmarks returns the benchmarks of the run, in order.
func (p *Plan) Benchmarks() []Benchmark {
	if p.parts == nil {
		return nil
	}
	return slices.Clone(p.parts.benchmarks)
}

// benchmarkAt is the benchmark that a cell belongs to, −1 if none.
func (p *Plan) benchmarkAt(cell int) int {
	if p.parts == nil {
		return -1
	}
	return slices.IndexFunc(p.parts.benchmarks, func(b Benchmark) bool { return b.From <= cell && cell < b.To })
}

// A rank is the integer form a·C − b·G − c ≥ 0 of one percentile over C, the number of cells that pass and whose value reaches a
// threshold, and G, the number of cells that pass. It holds exactly when the percentile reaches the threshold.
type rank struct{ a, b, c int64 }

// rankOf derives the form of P p. The value at rank r = ⌈p·G/100⌉ from the smallest up reaches k when fewer than r values lie below k:
// G − C < ⌈p·G/100⌉, for a whole number G − C the same as 100·(G − C) < p·G. From the largest down it does when C ≥ ⌈p·G/100⌉, the
// same as 100·C ≥ p·G.
func rankOf(p int64, lower bool) rank {
	r := rank{a: 100, b: 100 - p, c: 1}
	if lower {
		r.b, r.c = p, 0
	}
	for _, f := range [...]int64{2, 5} {
		for r.a%f == 0 && r.b%f == 0 {
			r.a, r.b = r.a/f, r.b/f // a whole multiple of f is ≥ 1 (≥ 0) exactly when it is so after division
		}
	}
	return r
}

// spread is the largest |2F + 1| over 0 ≤ C ≤ G ≤ cells; a linear form takes its extremes at corners.
func (r rank) spread(cells int64) int64 {
	return max(magnitude(-r.c), magnitude(-r.b*cells-r.c), magnitude((r.a-r.b)*cells-r.c))
}

// percentiles is the plain computation: it orders values and takes the one at each rank.
func (b *Benchmark) percentiles(values []Value) []Value {
	var v []int64
	for _, x := range values {
		if x.Released {
			v = append(v, x.Steps)
		}
	}
	out := make([]Value, len(Percentiles))
	if int64(len(v)) < b.MinCells {
		return out
	}
	slices.Sort(v)
	if b.Lower {
		slices.Reverse(v)
	}
	for i, p := range Percentiles {
		out[i] = Value{Released: true, Steps: v[(int(p)*len(v)+99)/100-1]}
	}
	return out
}

// checkBenchmarks holds the benchmarks of a plan against its cells.
func checkBenchmarks(cells []Cell, list []Benchmark) error {
	names, end := map[string]bool{}, 0
	for i, b := range list {
		switch {
		case b.Name == "" || len(b.Name) > maxName || names[b.Name]:
			return fmt.Errorf("benchmark %d: its name must have 1 to %d bytes and occur once", i, maxName)
		case b.From < end || b.To <= b.From || b.To > len(cells):
			return fmt.Errorf("benchmark %q: its cells %d to %d must follow those of the benchmarks before and lie among %d", b.Name, b.From, b.To, len(cells))
		case b.MinCells < 1:
			return fmt.Errorf("benchmark %q: at least one cell must pass its rules", b.Name)
		case b.MinCells > int64(b.To-b.From):
			return fmt.Errorf("benchmark %q: needs %d cells that pass their rules and has %d cells: it could never be released; take more practices", b.Name, b.MinCells, b.To-b.From)
		}
		first := &cells[b.From]
		for j := b.From; j < b.To; j++ {
			if c := &cells[j]; c.ScaleNum != first.ScaleNum || c.ScaleDen != first.ScaleDen || c.Lo != first.Lo || c.Hi != first.Hi {
				return fmt.Errorf("benchmark %q: cells %q and %q differ in scale or range", b.Name, first.Name, c.Name)
			}
		}
		names[b.Name], end = true, b.To
	}
	return nil
}
