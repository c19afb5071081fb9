package predicate

import (
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
