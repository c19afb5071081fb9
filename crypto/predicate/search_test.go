package predicate

import (
	"fmt"
	"testing"
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
// every edge, both precisions, 3 to 15 payers, binary search and several radices. No cell may differ.
func TestSearchRun(t *testing.T) {
	for _, tc := range []struct {
		set                         string
		payers, cells, lanes, asked int
		cap                         int64
	}{
		{"toy", 3, 1500, 1, 1, 1800},
		{"toy", 5, 130, 8, 4, 1000},
		{"toy", 15, 30, 32, 10, 360},
		{"toy-wide", 3, 60, 16, 10, 50000},
		{"toy-wide", 15, 40, 1, 1, 11000},
	} {
		t.Run(fmt.Sprint(tc.set, "/", tc.payers, "/", tc.lanes, "x", tc.asked), func(t *testing.T) {
			r := example(tc.payers, tc.cells, 1, qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40), priceLike(tc.cap, tc.cap*9/10, 1, 1, 100))
			p, err := NewPlan(r.cells, tc.payers, true)
			must(t, err)
			p = searchFor(t, p, tc.lanes, tc.asked)
			if p.Set().Name != tc.set {
				t.Fatalf("set %s: adjust the cap\n%s", p.Set().Name, p.Describe())
			}
			t.Log(p.Describe())
			n := newNetwork(t, p)
			result, _ := n.evaluate(n.contribute(r.num, r.den, nil))
			got, err := p.Decode(n.open(result))
			must(t, err)
			t.Logf("%d of %d cells released", r.compare(t, got), len(got))
		})
	}
}
