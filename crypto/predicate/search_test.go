package predicate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// searchFor makes a plan search with so many lanes, whatever the cost model says.
func searchFor(t testing.TB, p *Plan, lanes, asked int) *Plan {
	t.Helper()
	q := *p
	var err error
	q.search, err = newSearch(&q, q.set.Slots()/lanes, asked)
	must(t, err)
	return &q
}

// TestSearchRun is the search under real (if small) lattices: three measures of different ranges in one run,
// every edge, both precisions, 3 to 15 payers, binary search and several radices, two columns. No cell may
// differ.
func TestSearchRun(t *testing.T) {
	for _, tc := range []struct {
		set                         string
		payers, cells, lanes, asked int
		cap                         int64
	}{
		{"toy", 3, 1100, 1, 1, 1800}, // slow: left out of short runs
		{"toy", 3, 90, 1, 1, 1800},
		{"toy", 5, 41, 1, 1, 1000}, // one measure
		{"toy", 5, 130, 8, 4, 1000},
		{"toy", 15, 15, 64, 10, 360},
		{"toy-wide", 3, 60, 16, 10, 50000},
		{"toy", 4, 100, 4, 3, 1200},
		{"toy-wide", 15, 30, 32, 10, 11000},
	} {
		t.Run(fmt.Sprint(tc.set, "/", tc.payers, "/", tc.cells, "/", tc.lanes, "x", tc.asked), func(t *testing.T) {
			if testing.Short() && tc.cells > 1000 {
				t.Skip("two columns of 18 ciphertexts: about ten seconds")
			}
			measures := []profile{qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40), priceLike(tc.cap, tc.cap*9/10, 1, 1, 100)}
			if tc.cells == 41 {
				measures = measures[:1]
			}
			r := example(tc.payers, min(tc.cells, 200), 1, measures...).tile(tc.cells)
			p, err := NewPlan(r.cells, tc.payers, true)
			must(t, err)
			p = searchFor(t, p, tc.lanes, tc.asked)
			if p.Set().Name != tc.set {
				t.Fatalf("set %s: adjust the cap\n%s", p.Set().Name, p.Describe())
			}
			n := newNetwork(t, p)
			result, _ := n.evaluate(n.contribute(r.num, r.den, nil))
			if len(result) != p.Results() {
				t.Fatalf("%d results, the plan has %d", len(result), p.Results())
			}
			got, err := p.Decode(n.open(result))
			must(t, err)
			t.Logf("%v: %d of %d cells released", p.search, r.compare(t, got), len(got))
		})
	}
}

// tile repeats a problem's cells until there are count of them.
func (r *run) tile(count int) *run {
	out := &run{num: make([][]int64, len(r.num)), den: make([][]int64, len(r.den))}
	for i := range count {
		k := i % len(r.cells)
		c := r.cells[k]
		c.Name = fmt.Sprint(i, " ", c.Name)
		out.cells, out.want = append(out.cells, c), append(out.want, r.want[k])
		for j := range r.num {
			out.num[j], out.den[j] = append(out.num[j], r.num[j][k]), append(out.den[j], r.den[j][k])
		}
	}
	return out
}

// TestSearchIsDeterministic: the same inputs give the same stages on one core and on two.
func TestSearchIsDeterministic(t *testing.T) {
	r := example(3, 40, 4, qualityRate(1800), priceLike(1800, 1600, 1, 1, 100))
	p, err := NewPlan(r.cells, 3, true)
	must(t, err)
	p = searchFor(t, p, 16, 10)
	n := newNetwork(t, p)
	inputs := n.contribute(r.num, r.den, nil)
	var refreshed [][]*mhe.Ciphertext
	var first [][32]byte
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		defer runtime.GOMAXPROCS(before)
		e, err := NewEvaluation(n.c, p, n.keys, inputs)
		must(t, err)
		var in []*mhe.Ciphertext
		for i := range len(p.Stages()) + 1 {
			st, err := e.Next(context.Background(), in)
			must(t, err)
			if cores == 1 {
				first = append(first, st.Digest)
				if st.Result == nil {
					refreshed = append(refreshed, n.refresh(st.Refresh)) // shares are made once
				}
			} else if st.Digest != first[i] {
				t.Fatalf("stage %d differs on %d cores", i, cores)
			}
			if st.Result == nil {
				in = refreshed[i]
			}
		}
	}
	for i, d := range first {
		if slices.Contains(first[:i], d) {
			t.Fatalf("stage %d has the digest of another", i)
		}
	}
}

// TestSearchSpoiled: one payer leaves the range in one slot of a test, a unit or a gate. Nothing is released.
func TestSearchSpoiled(t *testing.T) {
	r := example(3, 40, 3, qualityRate(1800))
	p, err := NewPlan(r.cells, 3, true)
	must(t, err)
	p = searchFor(t, p, 16, 10)
	cell := slices.IndexFunc(r.want, func(v Value) bool { return v.Released })
	if cell < 0 {
		t.Fatal("no released cell: choose another seed")
	}
	for name, input := range map[string]int{"test": 0, "gate": 1 + p.search.units()} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, p)
			result, _ := n.evaluate(n.contribute(r.num, r.den, func(payer, ciphertext int, slots []float64) {
				if payer == 1 && ciphertext == input {
					slots[cell] += 2.5
				}
			}))
			values, err := p.Decode(n.open(result))
			if !errors.Is(err, ErrSpoiled) || values != nil {
				t.Fatalf("got %v, %v", values, err)
			}
		})
	}
}

// TestSearchDecode: every slot of a result is held to its cell.
func TestSearchDecode(t *testing.T) {
	p := mustPlan(t, 3, true, qualityRate(300).cell("a/1"), priceLike(300, 300, 1, 7, 40).cell("b/1"))
	p = searchFor(t, p, 128, 9)
	good := func() []float64 {
		v := make([]float64, p.Set().Slots())
		for i := range v {
			v[i] = []float64{91.2, 0.1, 0, 0, 0, 0, 0, 0}[i%p.search.stride]
		}
		return v
	}
	got, err := p.Decode([][]float64{good()})
	if err != nil || got[0] != (Value{true, 95}) || got[1] != (Value{}) {
		t.Fatalf("got %v, %v", got, err)
	}
	for name, spoil := range map[string]func(v []float64){
		"not whole":     func(v []float64) { v[0] = 40.4 },
		"above":         func(v []float64) { v[0] = 92 },
		"above its own": func(v []float64) { v[1] = 42 },
		"negative":      func(v []float64) { v[0] = -1 },
		"not a number":  func(v []float64) { v[9] = math.NaN() },
		"lanes differ":  func(v []float64) { v[8] = 90 },
		"lane missing":  func(v []float64) { v[8*127] = 0 },
		"no cell":       func(v []float64) { v[2] = 1 },
	} {
		v := good()
		spoil(v)
		if got, err := p.Decode([][]float64{v}); !errors.Is(err, ErrSpoiled) || got != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

// TestPlannerChooses: few cells ask all thresholds at once, many search; the plan's hash and description tell.
func TestPlannerChooses(t *testing.T) {
	plan := func(cells, payers int) *Plan {
		f := qualityRate(5000 / int64(payers))
		f.lo, f.hi = 0, 100
		var c []Cell
		for i := range cells {
			c = append(c, f.cell(fmt.Sprint(i)))
		}
		return mustPlan(t, payers, false, c...)
	}
	for _, tc := range []struct {
		cells  int
		want   string
		inputs int
		rate   float64 // cells a core-second, at least
		bytes  int64   // a cell, at most
	}{
		{256, "all thresholds at once", 1, 0, 1 << 30},
		{512, "all thresholds at once", 2, 0, 1 << 30},
		{4000, "search of radix 5 in 3 passes, 8 lanes of 4096 cells, 1 columns", 7, 60, 60_000},
		{16384, "search of radix 3 in 5 passes, 2 lanes of 16384 cells, 1 columns", 15, 200, 20_000},
		{32768, "binary search in 7 passes, 1 lanes of 32768 cells, 1 columns", 13, 250, 12_000},
	} {
		p := plan(tc.cells, 5)
		c := p.Predict()
		if got := p.Describe(); !strings.Contains(got, "\n"+tc.want+"\n") || !strings.Contains(got, "predicted for each member: ") {
			t.Errorf("%d cells: %s", tc.cells, got)
		}
		if p.Ciphertexts() != tc.inputs || c.Rounds != len(p.Stages()) || float64(tc.cells)/c.Seconds < tc.rate || c.Bytes/int64(tc.cells) > tc.bytes {
			t.Errorf("%d cells: %d inputs, predicted %+v", tc.cells, p.Ciphertexts(), c)
		}
		if _, err := p.Memory(3<<29, 64); err != nil {
			t.Errorf("%d cells: %v", tc.cells, err)
		}
		direct := *p
		direct.search = nil
		if (p.search != nil) != (direct.Hash() != p.Hash()) {
			t.Errorf("%d cells: the hash does not tell the strategy", tc.cells)
		}
		t.Logf("%d cells: %+v", tc.cells, c)
	}
	// The thresholds of 15 × 360 need the wide set, the halves that a search asks for do not.
	f := qualityRate(360)
	f.lo, f.hi = 0, 100
	var c []Cell
	for i := range 4000 {
		c = append(c, f.cell(fmt.Sprint(i)))
	}
	if got := mustPlan(t, 15, false, c[0]).Set().Name; got != "wide" {
		t.Errorf("one cell: set %s", got)
	}
	if p := mustPlan(t, 15, false, c...); p.Set().Name != "standard" || p.search == nil {
		t.Errorf("4,000 cells of 15 payers: set %s", p.Set().Name)
	}
	p := plan(4000, 5)
	if q := searchFor(t, p, 8, 5); q.Hash() == p.Hash() {
		t.Error("two searches with one hash")
	}
}
