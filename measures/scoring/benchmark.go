package scoring

import (
	"slices"

	"github.com/tacet-health/tacet/measures"
)

// MinPractices is the fewest released practices for which benchmarks exist.
const MinPractices = 10

// Benchmarks are the percentiles of one measure, in the values' own unit.
type Benchmarks struct {
	Practices          int // how many released values they come from
	P25, P50, P75, P90 int64
	Direction          measures.Direction
}

// Compute returns the benchmarks of the released values of one measure, in any
// order, and whether there are enough of them. values is not changed.
func Compute(values []int64, d measures.Direction) (Benchmarks, bool) {
	if len(values) < MinPractices {
		return Benchmarks{}, false
	}
	v := slices.Clone(values)
	slices.Sort(v)
	if d == measures.Lower {
		slices.Reverse(v)
	}
	at := func(p int) int64 { return v[(p*len(v)+99)/100-1] }
	return Benchmarks{Practices: len(v), P25: at(25), P50: at(50), P75: at(75), P90: at(90), Direction: d}, true
}

// Band returns the band of a released value of the same measure.
func (b Benchmarks) Band(value int64) string {
	reaches := func(p int64) bool {
		if b.Direction == measures.Lower {
			return value <= p
		}
		return value >= p
	}
	switch {
	case reaches(b.P90):
		return "p90+"
	case reaches(b.P75):
		return "p75-p90"
	case reaches(b.P50):
		return "p50-p75"
	case reaches(b.P25):
		return "p25-p50"
	}
	return "<p25"
}
