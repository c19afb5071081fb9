package predicate

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestRankForms: the form of every percentile, for all small sums, is what ordering values gives.
func TestRankForms(t *testing.T) {
	const steps = 4
	var values []Value
	var walk func(left int, at int64)
	walk = func(left int, at int64) {
		for _, lower := range []bool{false, true} {
			b := Benchmark{Lower: lower, MinCells: 1}
			want := b.percentiles(values)
			for i, p := range Percentiles {
				if len(values) == 0 {
					if want[i].Released {
						t.Fatal("a percentile of nothing")
					}
					continue
				}
				r, n := rankOf(p, lower), int64(0)
				for k := int64(1); k <= steps; k++ {
					c := int64(0)
					for _, v := range values {
						if v.Steps >= k {
							c++
						}
					}
					f := r.a*c - r.b*int64(len(values)) - r.c
					if magnitude(f) > r.spread(int64(len(values))) {
						t.Fatalf("form %+v of %d, %d leaves its spread", r, c, len(values))
					}
					if f >= 0 {
						n++
					}
				}
				if want[i] != (Value{true, n}) {
					t.Fatalf("P%d of %v, lower %v: forms give %d, order %v", p, values, lower, n, want[i])
				}
			}
		}
		if left == 0 {
			return
		}
		for v := at; v <= steps; v++ { // multisets only
			values = append(values, Value{true, v})
			walk(left-1, v)
			values = values[:len(values)-1]
		}
	}
	walk(9, 0)
}

// TestRankOfManyCells: around every rank of larger rosters, in exact fractions.
func TestRankOfManyCells(t *testing.T) {
	for _, n := range []int64{10, 11, 39, 100, 101, 4000, 32767, 32768} {
		for _, p := range Percentiles {
			up, down := rankOf(p, false), rankOf(p, true)
			rank := (p*n + 99) / 100
			for c := max(0, rank-3); c <= min(n, rank+3); c++ {
				if got, want := up.a*(n-c)-up.b*n-up.c >= 0, c < rank; got != want { // c values lie below
					t.Errorf("P%d of %d, %d below: %v", p, n, c, got)
				}
				if got, want := down.a*c-down.b*n-down.c >= 0, c >= rank; got != want {
					t.Errorf("P%d of %d from above, %d reach: %v", p, n, c, got)
				}
			}
		}
	}
}

func TestBenchmarkRefusals(t *testing.T) {
	cells := problem{count: 12}.cells(qualityRate(300))
	other := slices.Clone(cells)
	other[5].Hi--
	good := Benchmark{Name: "b", From: 0, To: 12, MinCells: 10}
	for _, tc := range []struct {
		cells []Cell
		list  []Benchmark
		want  string
	}{
		{cells, []Benchmark{{Name: "b", From: 0, To: 12}}, "at least one cell"},
		{cells, []Benchmark{{Name: "b", From: 0, To: 12, MinCells: 13}}, "could never be released"},
		{cells, []Benchmark{{Name: "b", From: 0, To: 13, MinCells: 1}}, "among 12"},
		{cells, []Benchmark{{Name: "b", From: -1, To: 12, MinCells: 1}}, "must follow"},
		{cells, []Benchmark{{Name: "b", From: 0, To: 6, MinCells: 1}, {Name: "c", From: 5, To: 12, MinCells: 1}}, "must follow"},
		{cells, []Benchmark{{Name: "b", From: 0, To: 6, MinCells: 1}, {Name: "b", From: 6, To: 12, MinCells: 1}}, "occur once"},
		{cells, []Benchmark{{From: 0, To: 12, MinCells: 1}}, "1 to 256 bytes"},
		{other, []Benchmark{good}, "differ in scale or range"},
		{problem{count: 60000}.cells(qualityRate(300)), []Benchmark{{Name: "b", From: 0, To: 60000, MinCells: 10}}, "divide the roster"},
	} {
		if _, err := NewPlanWith(tc.cells, tc.list, 3, true); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: got %v, want %q", tc.list, err, tc.want)
		}
	}
	p, err := NewPlanWith(problem{count: 32768}.cells(qualityRate(300)), []Benchmark{{Name: "b", From: 0, To: 32768, MinCells: 10}}, 5, false)
	must(t, err)
	if p.parts.ranked.in.blockCiphertexts() != 128 || p.Results() != 1 {
		t.Errorf("32,768 cells: %d inputs, %d results", p.Ciphertexts(), p.Results())
	}
}

// TestBenchmarkPayers: every number of payers has a plan in both precisions, with its levels below what a refresh gives; a ring too small
// for the percentiles of one benchmark is refused.
func TestBenchmarkPayers(t *testing.T) {
	for payers := 3; payers <= 15; payers++ {
		for _, size := range []int64{250, 9000} {
			p, err := NewPlanWith(problem{count: 10}.cells(qualityRate(size)), []Benchmark{{Name: "b", To: 10, MinCells: 10}}, payers, false)
			must(t, err)
			for _, r := range p.Rotations() {
				if r.Level > p.Set().TopLevel() || r.Steps < 1 || r.Steps >= p.Set().Slots() {
					t.Errorf("%d payers, set %s: rotation %+v", payers, p.Set().Name, r)
				}
			}
		}
	}
	if _, err := newRanked(problem{count: 10}.cells(qualityRate(250)), []Benchmark{{Name: "b", To: 10, MinCells: 10}}, 3, "toy-tiny"); err == nil || !strings.Contains(err.Error(), "too few slots") {
		t.Errorf("the smallest ring: %v", err)
	}
}

// TestBenchmarkPlan: what a plan says of itself.
func TestBenchmarkPlan(t *testing.T) {
	cells := append(problem{count: 12}.cells(qualityRate(300)), problem{count: 12, prefix: "other"}.cells(qualityRate(300))...)
	list := []Benchmark{{Name: "screening", From: 12, To: 24, MinCells: 11, Lower: true}}
	p, err := NewPlanWith(cells, list, 5, false)
	must(t, err)
	f := p.Figures()
	if len(f) != 12+4 || f[11] != (Figure{Cell: 11, Benchmark: -1}) || f[12] != (Figure{Cell: -1, Benchmark: 0, Percentile: 25}) || f[15].Percentile != 90 {
		t.Errorf("figures %v", f)
	}
	stages := p.Stages()
	for i, s := range stages {
		if s.High != (i == len(stages)-1) || s.Refreshes < 1 {
			t.Errorf("stage %d of %d: %+v", i, len(stages), s)
		}
	}
	for _, want := range []string{"released by themselves: 12 cells", "released as benchmarks only: 12 cells", "screening: P25, P50, P75, P90 by nearest rank from the largest value down over 12 cells, suppressed when fewer than 11"} {
		if !strings.Contains(p.Describe(), want) {
			t.Errorf("description lacks %q:\n%s", want, p.Describe())
		}
	}
	t.Log("\n" + p.Describe())
	seen := map[[32]byte]bool{p.Hash(): true}
	for _, change := range []func(b *Benchmark){func(b *Benchmark) { b.Name = "x" }, func(b *Benchmark) { b.From-- }, func(b *Benchmark) { b.To-- }, func(b *Benchmark) { b.Lower = false }, func(b *Benchmark) { b.MinCells-- }} {
		b := list[0]
		change(&b)
		q, err := NewPlanWith(cells, []Benchmark{b}, 5, false)
		must(t, err)
		if seen[q.Hash()] {
			t.Errorf("%+v hashes like another plan", b)
		}
		seen[q.Hash()] = true
	}
}

func TestBenchmarkDecode(t *testing.T) {
	cells := append(problem{count: 3}.cells(qualityRate(300)), problem{count: 3, prefix: "other"}.cells(qualityRate(300))...)
	p, err := NewPlanWith(cells, []Benchmark{{Name: "up", From: 0, To: 3, MinCells: 1}, {Name: "down", From: 3, To: 6, MinCells: 1, Lower: true}}, 3, true)
	must(t, err)
	good := func() []float64 {
		v := make([]float64, p.Set().Slots())
		for j, x := range []float64{1.1, 1, 7, 91} {
			v[j*BlockSlots], v[(4+3-j)*BlockSlots] = x, x
		}
		return v
	}
	got, err := p.Decode([][]float64{good()})
	must(t, err)
	want := []Value{{true, 5}, {true, 5}, {true, 11}, {true, 95}, {true, 95}, {true, 11}, {true, 5}, {true, 5}}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v", got)
	}
	for name, spoil := range map[string]func(v []float64){
		"one missing":  func(v []float64) { v[BlockSlots] = 0 },
		"out of order": func(v []float64) { v[2*BlockSlots] = 92 },
		"order below":  func(v []float64) { v[7*BlockSlots] = 8 },
		"above":        func(v []float64) { v[3*BlockSlots] = 93 },
		"not whole":    func(v []float64) { v[0] = 1.5 },
		"beside":       func(v []float64) { v[1] = 1 },
		"a threshold":  func(v []float64) { v[BlockSlots+thresholdSlots[3]] = 1 },
		"nan":          func(v []float64) { v[9] = math.NaN() },
	} {
		v := good()
		spoil(v)
		if _, err := p.Decode([][]float64{v}); !errors.Is(err, ErrSpoiled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := p.Decode(nil); err == nil || errors.Is(err, ErrSpoiled) {
		t.Errorf("missing ciphertext: %v", err)
	}
	if _, err := p.Decode([][]float64{make([]float64, 7)}); err == nil || errors.Is(err, ErrSpoiled) {
		t.Errorf("short ciphertext: %v", err)
	}
}
