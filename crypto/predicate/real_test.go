package predicate

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TestRunAt128Bits is one ciphertext of 256 adversarial cells, three measures, at the real parameters. With
// -v it states the evaluator's time per stage and the process's peak memory.
func TestRunAt128Bits(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real rings: about a minute")
	}
	for _, tc := range []struct {
		set string
		cap int64
	}{{"standard", 1800}, {"wide", 50000}} {
		t.Run(tc.set, func(t *testing.T) {
			r := example(3, 256, 2, qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40), priceLike(tc.cap, tc.cap*9/10, 1, 1, 100))
			p, err := NewPlan(r.cells, 3, false)
			must(t, err)
			if p.Set().Name != tc.set || p.Ciphertexts() != 1 {
				t.Fatalf("adjust the cap\n%s", p.Describe())
			}
			start := time.Now()
			n := newNetwork(t, p)
			t.Logf("keys: %.1f s", time.Since(start).Seconds())
			inputs := n.contribute(r.num, r.den, nil)
			debug.FreeOSMemory()
			result, _ := n.evaluate(inputs)
			got, err := p.Decode(n.open(result))
			must(t, err)
			t.Logf("%d of %d cells released; GOMAXPROCS %d, %s", r.compare(t, got), len(got), runtime.GOMAXPROCS(0), peak())
		})
	}
}

// TestSearchAt128Bits is the search that the planner chooses for 1,100 cells of three measures (radix 11), and
// binary search over 300, at the real parameters and both precisions.
func TestSearchAt128Bits(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real rings: about two minutes")
	}
	for _, tc := range []struct {
		set          string
		cap          int64
		cells, lanes int
	}{{"standard", 1800, 1100, 0}, {"wide", 50000, 300, 1}} {
		t.Run(tc.set, func(t *testing.T) {
			r := example(3, 300, 2, qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40), priceLike(tc.cap, tc.cap*9/10, 1, 1, 100)).tile(tc.cells)
			p, err := NewPlan(r.cells, 3, false)
			must(t, err)
			if tc.lanes > 0 {
				p = searchFor(t, p, tc.lanes, 1)
			}
			if p.Set().Name != tc.set || p.search == nil {
				t.Fatalf("adjust the cap or the number of cells\n%s", p.Describe())
			}
			n := newNetwork(t, p)
			inputs := n.contribute(r.num, r.den, nil)
			debug.FreeOSMemory()
			result, _ := n.evaluate(inputs)
			slots := n.open(result)
			worst := 0.0
			for _, v := range slots {
				for _, x := range v {
					worst = math.Max(worst, math.Abs(x-math.Round(x)))
				}
			}
			got, err := p.Decode(slots)
			must(t, err)
			t.Logf("%v: %d of %d cells released, no slot further than %.3f from a whole number; %s", p.search, r.compare(t, got), len(got), worst, peak())
		})
	}
}

// peak is the largest resident size of the process so far, where the system tells.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "peak memory unknown"
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			return "peak memory" + strings.Join(strings.Fields(line)[1:], " ")
		}
	}
	return "peak memory unknown"
}
