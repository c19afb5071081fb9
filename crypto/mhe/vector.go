package mhe

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
)

// maxShrink bounds the divisor of Shrink, so that the integer it multiplies by keeps at least 24 bits of precision.
const maxShrink = 1 << 21

// Shrink returns ct/by at exactly the working scale, whatever the scale of ct: one integer multiplication and one rescaling, one level lower.
// The result is off by at most 2^−24 of its size. It brings sums of many slots back into [−1, 1] before a refresh. Only at the working scale.
func (e *Evaluator) Shrink(ct *Ciphertext, by int64) (out *Ciphertext, err error) {
	defer guard("shrink", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	switch {
	case ct.high:
		return nil, errors.New("shrink: only at the working scale")
	case by < 1 || by > maxShrink:
		return nil, fmt.Errorf("shrink: the divisor must be 1 to %d", maxShrink)
	case ct.Level() < 1:
		return nil, fmt.Errorf("shrink: level %d is too low", ct.Level())
	}
	target := e.c.low.DefaultScale()
	k := target.Mul(rlwe.NewScale(e.c.set.Q[ct.Level()])).Div(ct.ct.Scale).Div(rlwe.NewScale(by)).BigInt()
	if k.BitLen() < 24 {
		return nil, errors.New("shrink: the scale is too large")
	}
	r := ct.ct.CopyNew()
	if err := e.low.Mul(r, k, r); err != nil {
		return e.wrap("shrink", ct, nil, err)
	}
	if err := e.low.Rescale(r, r); err != nil {
		return e.wrap("shrink", ct, nil, err)
	}
	r.Scale = target
	return &Ciphertext{c: e.c, ct: r}, nil
}

// AddVector returns ct + values/den, slot by slot. The vector is encoded at the scale of ct with the precision of masks, so that no machine's
// rounding shows. Safe for concurrent use with other evaluators of the context: the encoder is locked.
func (e *Evaluator) AddVector(ct *Ciphertext, values []int64, den int64) (out *Ciphertext, err error) {
	defer guard("add vector", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if len(values) != e.c.set.Slots() || den < 1 {
		return nil, fmt.Errorf("add vector: %d values over %d for %d slots", len(values), den, e.c.set.Slots())
	}
	v, d := make([]*big.Float, len(values)), new(big.Float).SetInt64(den)
	for i, x := range values {
		v[i] = new(big.Float).SetPrec(maskPrec).SetInt64(x)
		v[i].Quo(v[i], d)
	}
	pt := hefloat.NewPlaintext(e.c.params(ct.high), ct.Level())
	pt.Scale = ct.ct.Scale
	e.c.mask.Lock()
	if e.c.mask.e == nil {
		e.c.mask.e = maskEncoderOf(e.c)
	}
	err = e.c.mask.e.Encode(v, pt)
	e.c.mask.Unlock()
	if err != nil {
		return nil, fmt.Errorf("add vector: %w", err)
	}
	r, err := e.of(ct).AddNew(ct.ct, pt)
	return e.wrap("add vector", ct, r, err)
}
