package synthetic

import (
	"math/bits"
	"math/rand/v2"
)

// random draws bounded integers from PCG words. The methods of rand.Rand are not used: their derivations may change between Go versions,
// the generator's words may not.
type random struct{ pcg *rand.PCG }

func newRandom(seed uint64) *random {
	return &random{pcg: rand.NewPCG(seed, 0x7461636574)} // the second word only separates this stream from others of the seed
}

// below draws 0…n−1. The bias, n/2⁶⁴, does not matter here.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between draws lo…hi.
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// permille is true p times in a thousand.
func (r *random) permille(p int) bool { return r.below(1000) < p }

// weighted draws an index with the given weights, whose sum is total.
func (r *random) weighted(weights []int, total int) int {
	x := r.below(total)
	for i, w := range weights {
		if x < w {
			return i
		}
		x -= w
	}
	return len(weights) - 1
}

// shuffle permutes in place (Fisher–Yates).
func shuffle[T any](r *random, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := r.below(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}

// pick draws one element.
func pick[T any](r *random, s []T) T { return s[r.below(len(s))] }
