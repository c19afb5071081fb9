package mhe

import (
	"errors"
	"fmt"
	"io"

	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring"
)

func (c *Context) decryptFrame(ct *Ciphertext) frame {
	f := frame{kind: kindDecrypt, rows: []row{{c.set.DecryptLevel(), false, 1}}}
	if ct != nil {
		h := ct.Hash()
		f.tag = digest("decryption share", h[:])
	}
	return f
}

// DecryptSize is the exact size of one decryption share, in bytes.
func (c *Context) DecryptSize() int64 { return c.size(c.decryptFrame(nil), 0) }

func (c *Context) checkResult(ct *Ciphertext) error {
	switch {
	case ct == nil || ct.c.set.id != c.set.id || ct.c.payers != c.payers:
		return errors.New("decrypt: ciphertext of another context")
	case !ct.high:
		return errors.New("decrypt: only a result at the high scale has room for the flooding")
	case ct.Level() < c.set.DecryptLevel():
		return fmt.Errorf("decrypt: level %d is below %d", ct.Level(), c.set.DecryptLevel())
	}
	// the flooding is sized for LogHigh: a smaller scale would drown the values, a larger one is impossible here
	if e := ct.ct.Scale.Value.MantExp(nil); e < c.set.LogHigh || e > c.set.LogHigh+2 {
		return errors.New("decrypt: the result is not at the high scale")
	}
	return nil
}

// Decrypt writes this party's flooded share c1·s + F of result ciphertext i, F from flooding.go. It is the only thing that ever opens a
// ciphertext: the caller gives it on a result it has computed itself, and sealed to the recipients.
func (p *Party) Decrypt(i int, ct *Ciphertext, w io.Writer) (err error) {
	defer guard("decryption share", &err)
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.c
	if err := c.checkResult(ct); err != nil {
		return err
	}
	label := fmt.Sprintf("decrypt/%d", i)
	level := c.set.DecryptLevel()
	ct, err = ct.Load()
	if err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	c1 := ring.Poly{Coeffs: ct.ct.Value[1].Coeffs[:level+1]}
	if err := p.once(label); err != nil {
		return err
	}
	if err := p.onceOn(label, ring.Poly{Coeffs: c1.Coeffs[:1]}); err != nil {
		return err
	}
	bind := ct.Hash()
	prng := p.prng(label, bind[:])
	defer prng.wipe()
	flood := readUniform(prng, 1<<c.set.LogN, c.floodBits())
	defer flood.wipe()
	r := c.ringQ(level)
	share := r.NewPoly()
	flood.residues(r, share)
	r.NTT(share, share)
	r.MulCoeffsMontgomeryThenAdd(c1, p.s.Q, share)
	wr := c.newWriter(w, c.decryptFrame(ct), 0)
	wr.poly(c.moduli(level, false), share.Coeffs...)
	return wrap(label, wr.err)
}

// DecryptSum adds up the decryption shares of one result. Not safe for concurrent use.
type DecryptSum struct {
	tally
	c   *Context
	ct  *Ciphertext
	err error
	sum ring.Poly
}

// NewDecryptSum starts the aggregate of one result; an invalid one is reported by Add.
func (c *Context) NewDecryptSum(ct *Ciphertext) *DecryptSum {
	s := &DecryptSum{tally: newTally(c.payers), c: c, ct: ct}
	if s.err = c.checkResult(ct); s.err == nil {
		s.sum = c.ringQ(c.set.DecryptLevel()).NewPoly()
	}
	return s
}

// Add adds one payer's share, of exactly DecryptSize bytes.
func (s *DecryptSum) Add(r io.Reader) error {
	if s.err != nil {
		return s.err
	}
	return s.take(s.c, r, s.c.decryptFrame(s.ct), func(rd *reader) error {
		return rd.poly(s.c.moduli(s.sum.Level(), false), s.sum.Coeffs...)
	})
}

// Slots returns the opened slots; each differs from the exact value by the flooding, less than a quarter.
func (s *DecryptSum) Slots() (v []float64, err error) {
	defer guard("decrypt", &err)
	if s.err != nil {
		return nil, s.err
	}
	if err := s.need("decrypt"); err != nil {
		return nil, err
	}
	return s.c.decode(s.sum, s.ct)
}

// decode opens c0 + sum, the sum of c1·s over the payers.
func (c *Context) decode(sum ring.Poly, ct *Ciphertext) ([]float64, error) {
	ct, err := ct.Load()
	if err != nil {
		return nil, err
	}
	level := sum.Level()
	pt := hefloat.NewPlaintext(c.params(ct.high), level)
	pt.Scale = ct.ct.Scale
	c.ringQ(level).Add(sum, ring.Poly{Coeffs: ct.ct.Value[0].Coeffs[:level+1]}, pt.Value)
	v := make([]float64, c.set.Slots())
	if err := hefloat.NewEncoder(c.params(ct.high), 53).Decode(pt, v); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return v, nil
}
