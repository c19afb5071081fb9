package predicate

import (
	"testing"

	"pgregory.net/rapid"
)

// problems is draw as a generator.
func problems(payers, count int, profiles ...profile) *rapid.Generator[*run] {
	return rapid.Custom(func(t *rapid.T) *run { return draw(t, payers, count, profiles...) })
}

// TestRun is the whole circuit under real (if small) lattices: three measures in one run, every edge, both
// precisions, 3 to 15 payers, key generation to flooded decryption. No cell may differ.
func TestRun(t *testing.T) {
	for _, tc := range []struct {
		set    string
		payers int
		cells  int
		cap    int64
	}{{"toy", 3, 24, 1800}, {"toy", 5, 8, 1000}, {"toy", 15, 8, 360}, {"toy-wide", 3, 8, 50000}, {"toy-wide", 15, 8, 11000}} {
		t.Run(name(tc.set, "/", tc.payers), func(t *testing.T) {
			r := example(tc.payers, tc.cells, 1, qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40), priceLike(tc.cap, tc.cap*9/10, 1, 1, 100))
			p, err := NewPlan(r.cells, tc.payers, true)
			must(t, err)
			if p.Set().Name != tc.set {
				t.Fatalf("set %s: adjust the cap\n%s", p.Set().Name, p.Describe())
			}
			n := newNetwork(t, p)
			result, _ := n.evaluate(n.contribute(r.num, r.den, nil))
			got, err := p.Decode(n.open(result))
			must(t, err)
			t.Logf("%d of %d cells released", r.compare(t, got), len(got))
		})
	}
}
