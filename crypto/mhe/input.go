package mhe

import (
	"fmt"
	"io"
	"math"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring"
)

func (c *Context) inputFrame(ref Reference, i int) frame {
	return frame{kind: kindInput, tag: c.tag(ref, "input", i), rows: []row{{c.set.MaxLevel(), false, 1}}}
}

// InputSize is the exact size of one input share, in bytes.
func (c *Context) InputSize() int64 { return c.size(c.inputFrame(Reference{}, 0), 0) }

// inputScale is the working scale times the top prime: the first operation is a rescaling, which divides the noise of the encryption by the
// top prime (from 2^−27 of the values to 2^−50).
func (c *Context) inputScale() rlwe.Scale {
	return c.low.DefaultScale().Mul(rlwe.NewScale(c.set.Q[c.set.MaxLevel()]))
}

// maxPart bounds one payer's part of a slot: a net under the plan's own bounds. The sum of the parts must lie in [−1, 1].
const maxPart = 4

// encodeInput encodes slots at the top level, transformed. float64 transforms are enough here: their error is below 2^−49 of the largest
// value, 2^22 times finer than the smallest gap of the widest set; and no two members need to agree on these bytes.
func (c *Context) encodeInput(slots []float64) (ring.Poly, error) {
	if len(slots) != c.set.Slots() {
		return ring.Poly{}, fmt.Errorf("%d values for %d slots", len(slots), c.set.Slots())
	}
	for i, v := range slots {
		if math.IsNaN(v) || v < -maxPart || v > maxPart {
			return ring.Poly{}, fmt.Errorf("slot %d: value outside [-%d, %d]", i, maxPart, maxPart)
		}
	}
	pt := hefloat.NewPlaintext(c.low, c.set.MaxLevel())
	pt.Scale = c.inputScale()
	if err := hefloat.NewEncoder(c.low).Encode(slots, pt); err != nil {
		return ring.Poly{}, fmt.Errorf("encode: %w", err)
	}
	return pt.Value, nil
}

// InputSum adds up the payers' input shares, ciphertext by ciphertext. Not safe for concurrent use.
type InputSum struct {
	c     *Context
	ref   Reference
	sum   []inputSum
	spill *Spill
}

type inputSum struct {
	tally
	c0 *shelf // nil before the first share
}

// Within lets the aggregates wait in a Spill between two shares, and then the ciphertexts.
func (s *InputSum) Within(spill *Spill) *InputSum {
	s.spill = spill
	return s
}

// NewInputSum starts the aggregates of n ciphertexts.
func (c *Context) NewInputSum(ref Reference, n int) *InputSum {
	s := &InputSum{c: c, ref: ref, sum: make([]inputSum, n)}
	for i := range s.sum {
		s.sum[i].tally = newTally(c.payers)
	}
	return s
}

// Add adds one payer's share of ciphertext i, of exactly InputSize bytes.
func (s *InputSum) Add(i int, r io.Reader) error {
	if i < 0 || i >= len(s.sum) {
		return fmt.Errorf("input share: no ciphertext %d in a run of %d", i, len(s.sum))
	}
	a, level := &s.sum[i], s.c.set.MaxLevel()
	if a.c0 == nil {
		var err error
		if a.c0, err = s.spill.put(s.c, s.c.ringQ(level).NewPoly()); err != nil {
			return err
		}
	}
	return a.take(s.c, r, s.c.inputFrame(s.ref, i), func(rd *reader) error {
		return a.c0.update(func(p []ring.Poly) error { return rd.poly(s.c.moduli(level, false), p[0].Coeffs...) })
	})
}

// Ciphertexts returns the encrypted sums, at MaxLevel and the input scale: Rescale comes first. They take the aggregates' places over.
func (s *InputSum) Ciphertexts() ([]*Ciphertext, error) {
	out := make([]*Ciphertext, len(s.sum))
	for i := range s.sum {
		if err := s.sum[i].need(fmt.Sprintf("input %d", i)); err != nil {
			return nil, err
		}
	}
	level := s.c.set.MaxLevel()
	for i := range s.sum {
		ct := s.c.metadata(false)
		ct.ct.Scale = s.c.inputScale()
		public := func() ring.Poly { return s.c.publicQ(s.ref, level, "input", i) }
		if s.spill != nil {
			out[i] = ct.shell(s.sum[i].c0, public)
			continue
		}
		ct.ct.Value = []ring.Poly{s.sum[i].c0.polys[0], public()}
		out[i] = ct
	}
	return out, nil
}
