package rules

// SumBound is the range that every contributor to a sum proves each element of its vector to be in, to every other contributor (crypto/secagg/bounded): with
// it a program of a contributor's own cannot shift the sum by more than an honest one could. Nobody may drop in such a run.
type SumBound struct {
	Kind string `json:"kind"`           // BoundVector or BoundHistogram
	Bits int64  `json:"bits,omitempty"` // of a vector: elements are in [low, low + 2^bits − 1]
	Low  int64  `json:"low,omitempty"`  // of a vector
}

// Kinds of bounds.
const (
	BoundVector    = "sumvec"
	BoundHistogram = "histogram" // one element is 1, the others are 0
)

// What a certificate states as the parameters of a sum with proven bounds: Prio3 of draft-irtf-cfrg-vdaf-13, SumVec or Histogram.
const (
	SumSetVector    = "prio3-sumvec-1"
	SumSetHistogram = "prio3-histogram-1"
)

// Limits of sums with proven bounds (crypto/secagg/bounded).
const (
	MaxBoundContributors = 32
	MaxBoundBits         = 40
	MaxBoundSize         = 1 << 16 // length × bits
)

// Set is the parameter set of runs of the sum: what their certificates name.
func (b *SumDefine) Set() string {
	switch {
	case b.Bound == nil:
		return SumSet
	case b.Bound.Kind == BoundHistogram:
		return SumSetHistogram
	}
	return SumSetVector
}

// high is the largest value of an element.
func (b *SumBound) high() int64 {
	if b.Kind == BoundHistogram {
		return 1
	}
	return b.Low + 1<<b.Bits - 1
}

// Cap is the largest absolute value of an element in range: the cap that the sum must be approved with.
func (b *SumBound) Cap() int64 { return max(b.high(), -b.Low) }

// Range is what the sum of so many vectors in range has as smallest and largest element.
func (b *SumBound) Range(contributors int) (low, high int64) {
	return int64(contributors) * b.Low, int64(contributors) * b.high()
}

// form holds a bound against its form.
func (b *SumBound) form() *Refusal {
	if b == nil {
		return nil
	}
	switch {
	case b.Kind != BoundVector && b.Kind != BoundHistogram:
		return refuse(CodeForm, "no bound %.20q: want %q or %q", b.Kind, BoundVector, BoundHistogram)
	case b.Kind == BoundHistogram && (b.Bits != 0 || b.Low != 0):
		return refuse(CodeForm, "a histogram has no bits and no smallest value")
	case b.Kind == BoundVector && (b.Bits < 1 || b.Bits > MaxBoundBits || b.Low < -1<<MaxBoundBits || b.Low > 1<<MaxBoundBits):
		return refuse(CodeForm, "a bound of %d bits from %d on, want 1 to %d bits and at most 2^%d", b.Bits, b.Low, MaxBoundBits, MaxBoundBits)
	}
	return nil
}

// check: the cap that the sum is approved with is the end of the proven range, no other number.
func (b *SumBound) check(most int64) *Refusal {
	if b == nil {
		return nil
	}
	if want := b.Cap(); most != want {
		return refuse(CodeCaps, "elements in the proven range are up to %d, not %d: round the cap up to the range's end", want, most)
	}
	return nil
}

// checkBound holds a manifest against the bound of its sum: everybody verifies everybody, so that all must stay and the vector must be small.
func (b *RunAggregate) checkBound(bound *SumBound) *Refusal {
	if bound == nil {
		return nil
	}
	n := int64(len(b.Contributors))
	switch {
	case n > MaxBoundContributors:
		return refuse(CodeContributors, "%d contributors, at most %d where bounds are proven", n, MaxBoundContributors)
	case b.Threshold != n:
		return refuse(CodeContributors, "%d of %d must be present: all, where bounds are proven", b.Threshold, n)
	case b.Length*max(1, bound.Bits) > MaxBoundSize:
		return refuse(CodeForm, "%d elements of %d bits, at most %d together where bounds are proven", b.Length, max(1, bound.Bits), MaxBoundSize)
	case bound.Kind == BoundHistogram && b.Length < 2:
		return refuse(CodeForm, "a histogram of one bucket says nothing")
	}
	return nil
}
