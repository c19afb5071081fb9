package scoring

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

func TestNearestRank(t *testing.T) {
	// Ranks by hand: n = 10 → 3, 5, 8, 9; n = 13 → 4 (3.25), 7 (6.5), 10 (9.75), 12 (11.7).
	ten := []int64{50, 20, 90, 10, 70, 30, 100, 60, 40, 80}
	before := slices.Clone(ten)
	b, ok := Compute(ten, measures.Higher)
	if want := (Benchmarks{10, 30, 50, 80, 90, measures.Higher}); !ok || b != want {
		t.Errorf("%+v", b)
	}
	if !slices.Equal(ten, before) {
		t.Error("the caller's values were reordered")
	}
	b, _ = Compute(ten, measures.Lower)
	if want := (Benchmarks{10, 80, 60, 30, 20, measures.Lower}); b != want {
		t.Errorf("%+v", b)
	}
	thirteen := make([]int64, 13)
	for i := range thirteen {
		thirteen[i] = int64(i + 1)
	}
	if b, _ := Compute(thirteen, measures.Higher); b.P25 != 4 || b.P50 != 7 || b.P75 != 10 || b.P90 != 12 {
		t.Errorf("%+v", b)
	}
	if _, ok := Compute(ten[:9], measures.Higher); ok {
		t.Error("nine practices have no benchmarks")
	}
}

func TestBand(t *testing.T) {
	values := []int64{50, 20, 90, 10, 70, 30, 100, 60, 40, 80}
	high, _ := Compute(values, measures.Higher)
	low, _ := Compute(values, measures.Lower)
	for v, want := range map[int64][2]string{
		100: {"p90+", "<p25"}, 90: {"p90+", "<p25"}, 89: {"p75-p90", "<p25"}, 80: {"p75-p90", "p25-p50"}, 79: {"p50-p75", "p25-p50"},
		50: {"p50-p75", "p50-p75"}, 49: {"p25-p50", "p50-p75"}, 30: {"p25-p50", "p75-p90"}, 29: {"<p25", "p75-p90"}, 20: {"<p25", "p90+"},
	} {
		if got := [2]string{high.Band(v), low.Band(v)}; got != want {
			t.Errorf("%d: %v, want %v", v, got, want)
		}
	}
}

// TestDefinition checks the definition on random values: at least p % are no
// better than P p, and the next worse value would not do.
func TestDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		values := make([]int64, 10+rng.IntN(40))
		for i := range values {
			values[i] = rng.Int64N(30)
		}
		b, _ := Compute(values, measures.Higher)
		for p, got := range map[int]int64{25: b.P25, 50: b.P50, 75: b.P75, 90: b.P90} {
			atMost, below := 0, 0
			for _, v := range values {
				if v <= got {
					atMost++
				}
				if v < got {
					below++
				}
			}
			if 100*atMost < p*len(values) || 100*below >= p*len(values) {
				t.Fatalf("P%d of %v is not %d", p, values, got)
			}
		}
	}
}
