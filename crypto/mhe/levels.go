package mhe

import "fmt"

// RefreshLevel is Context.RefreshLevel, for planning before a context exists.
func (s Set) RefreshLevel(payers int, high bool) int {
	return (&Context{set: s, payers: payers}).RefreshLevel(high)
}

// AtScaleOf returns ct declared to be at the scale of like, so that the two can be added. It multiplies the
// slots by the ratio of the two scales, which must be within 2^−20 of 1: for bits that a later polynomial
// cleans, whose scale has drifted because the primes are not exact powers of two.
func (e *Evaluator) AtScaleOf(ct, like *Ciphertext) (*Ciphertext, error) {
	a, b := ct.Scale(), like.Scale()
	d := a.Sub(a, b)
	if ct.high != like.high || d.Sign() != 0 && b.MantExp(nil)-d.MantExp(nil) < 20 {
		return nil, fmt.Errorf("take over scale at level %d: the scales are too far apart", ct.Level())
	}
	ct, err := ct.Load()
	if err != nil {
		return nil, err
	}
	out := e.c.newCiphertext(ct.Level(), ct.high)
	for i := range out.ct.Value {
		out.ct.Value[i].CopyLvl(ct.Level(), ct.ct.Value[i])
	}
	out.ct.Scale = like.ct.Scale
	return out, nil
}
