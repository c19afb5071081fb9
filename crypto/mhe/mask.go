package mhe

import (
	"fmt"
	"math/big"
	"sync"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
)

// maskPrec is the precision of the transform that encodes masks. With float64 the last bits of the scaled coefficients (94 and more at the
// high scale) would come from the machine's rounding; at 192 bits they are the same everywhere, and correct.
const maskPrec = 192

// Mask is a public vector of small integers, encoded at a level. Immutable, safe for concurrent use.
type Mask struct {
	c    *Context
	pt   *rlwe.Plaintext
	high bool
}

// maskEncoder is built at the first mask: its tables take a second at LogN 15. The lock guards the encoder's buffers.
type maskEncoder struct {
	sync.Mutex
	e *hefloat.Encoder
}

// NewMask encodes one integer per slot, |v| ≤ 2^20, for multiplication with ciphertexts of a level: at the scale that the rescaling after it
// divides away, so that the product keeps the ciphertext's scale exactly.
func (c *Context) NewMask(values []int64, level int, high bool) (m *Mask, err error) {
	defer guard("mask", &err)
	p := c.params(high)
	n := p.LevelsConsumedPerRescaling()
	if len(values) != c.set.Slots() || level < n || level > c.set.TopLevel() {
		return nil, fmt.Errorf("mask: %d values for %d slots at level %d", len(values), c.set.Slots(), level)
	}
	v := make([]*big.Float, len(values))
	for i, x := range values {
		if x < -(1<<20) || x > 1<<20 {
			return nil, fmt.Errorf("mask: slot %d is too large", i)
		}
		v[i] = new(big.Float).SetPrec(maskPrec).SetInt64(x)
	}
	pt := hefloat.NewPlaintext(p, level)
	scale := rlwe.NewScale(c.set.Q[level])
	for i := 1; i < n; i++ {
		scale = scale.Mul(rlwe.NewScale(c.set.Q[level-i]))
	}
	pt.Scale = scale
	c.mask.Lock()
	defer c.mask.Unlock()
	if c.mask.e == nil {
		c.mask.e = maskEncoderOf(c)
	}
	if err := c.mask.e.Encode(v, pt); err != nil {
		return nil, fmt.Errorf("mask: %w", err)
	}
	return &Mask{c: c, pt: pt, high: high}, nil
}

// MulMask returns ct times the mask, rescaled: one level lower (two at the high scale), at the same scale. ct must be at the mask's level.
func (e *Evaluator) MulMask(ct *Ciphertext, m *Mask) (out *Ciphertext, err error) {
	defer guard("multiply by mask", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if ct.high != m.high || ct.Level() != m.pt.Level() {
		return nil, fmt.Errorf("multiply by mask: encoded for level %d, ciphertext at %d", m.pt.Level(), ct.Level())
	}
	r, err := e.of(ct).MulNew(ct.ct, m.pt)
	if err != nil {
		return e.wrap("multiply by mask", ct, nil, err)
	}
	return e.wrap("multiply by mask", ct, r, e.of(ct).Rescale(r, r))
}

func maskEncoderOf(c *Context) *hefloat.Encoder { return hefloat.NewEncoder(c.low, maskPrec) }
