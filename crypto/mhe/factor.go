package mhe

import (
	"errors"
	"fmt"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
)

// EvaluateFactor is Evaluate for a result that is multiplied next: it comes at the scale of the prime that this multiplication drops, so that
// the product with a ciphertext at the working scale is at exactly the working scale again and can be added to others without a level spent on
// Normalise. Only at the working scale.
func (e *Evaluator) EvaluateFactor(ct *Ciphertext, p *Polynomial) (out *Ciphertext, err error) {
	defer guard("evaluate factor", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	end := ct.Level() - p.Depth()
	switch {
	case e.keys == nil:
		return nil, fmt.Errorf("evaluate factor: %w", ErrKeyMissing)
	case ct.high:
		return nil, errors.New("evaluate factor: only at the working scale")
	case ct.Level() > e.c.relinLevel():
		return nil, errors.New("evaluate factor: an input must be rescaled first")
	case end < 1:
		return nil, fmt.Errorf("evaluate factor of degree %d: level %d, needs %d", p.Degree(), ct.Level(), p.Depth()+1)
	}
	r, err := hefloat.NewPolynomialEvaluator(e.c.low, e.low).Evaluate(ct.ct, p.p, rlwe.NewScale(e.c.set.Q[end]))
	if err == nil && r.Level() != end {
		err = fmt.Errorf("ended at level %d instead of %d", r.Level(), end)
	}
	return e.wrap("evaluate factor", ct, r, err)
}
