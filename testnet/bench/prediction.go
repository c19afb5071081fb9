package bench

import (
	"fmt"
	"io"
	"math"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// Prediction is what Plan.Predict said of the runs before they were begun.
type Prediction struct {
	Seconds float64 `json:"core_seconds"`
	Bytes   int64   `json:"bytes_sent"`
	Memory  int64   `json:"memory_bytes"` // of the largest run
}

func (p *Prediction) add(q predicate.Prediction) {
	p.Seconds += q.Seconds
	p.Bytes += q.Bytes
	p.Memory = max(p.Memory, q.Memory)
}

// tolerance is how far a prediction may be off either way.
const tolerance = 0.30

// within says whether what was measured is no further from what was predicted than the tolerance.
func within(measured, predicted float64) bool {
	return predicted > 0 && math.Abs(measured/predicted-1) <= tolerance
}

func (f *Figures) printPrediction(w io.Writer) {
	p := f.Predicted
	fmt.Fprintf(w, "  measured/predicted ")
	for _, x := range []struct {
		what, unit          string
		measured, predicted float64
	}{
		{"core-seconds", "", f.CoreSeconds, p.Seconds},
		{"sent", " MB", mega(f.SentTotal), mega(p.Bytes)},
		{"memory", " MB", mega(f.PeakRSS), mega(p.Memory)},
	} {
		verdict := "within 30 %"
		if !within(x.measured, x.predicted) {
			verdict = "NOT within 30 %"
		}
		fmt.Fprintf(w, " %s %.1f/%.1f%s = %.2f, %s;", x.what, x.measured, x.predicted, x.unit, ratio(x.measured, x.predicted), verdict)
	}
	fmt.Fprintf(w, "\n")
}
