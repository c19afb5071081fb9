package mhe

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// The statistical security that a refresh must reach, in bits a coefficient and counting one honest payer only.
const (
	refreshBits     = 128
	refreshBitsHigh = 80 // into the last stage, where a level more would cost the run another refresh
)

// RefreshRequest names one collective refresh: the stage and the place in it (a label, spent once), the ciphertext, and where to.
type RefreshRequest struct {
	Stage, Index int
	Ciphertext   *Ciphertext // at the working scale, at RefreshLevel or above
	High         bool        // into the high scale
}

// maskBits is the width of one payer's mask at a level: as wide as the sum of all masks and the message leave room for.
func (c *Context) maskBits(level int) int {
	return c.set.modulus(level).BitLen() - 2 - bits.Len(uint(c.payers))
}

// RefreshBits is the statistical security of a refresh share at RefreshLevel: the distance of a masked coefficient from one that carries
// nothing is at most 2^−RefreshBits, for slots in [−1, 1].
func (c *Context) RefreshBits(high bool) int {
	return c.maskBits(c.RefreshLevel(high)) - c.set.LogScale
}

// RefreshLevel is the lowest level at which a ciphertext can be refreshed. Higher ones are brought down to it.
func (c *Context) RefreshLevel(high bool) int {
	want := refreshBits
	if high {
		want = refreshBitsHigh
	}
	for l := range c.set.Q {
		if c.maskBits(l)-c.set.LogScale >= want {
			return l
		}
	}
	panic("mhe: no level is high enough for a refresh in set " + c.set.Name)
}

func (c *Context) refreshFrame(ref Reference, r RefreshRequest) frame {
	high := 0
	if r.High {
		high = 1
	}
	return frame{
		kind: kindRefresh, tag: c.tag(ref, "refresh", r.Stage, r.Index, high),
		rows: []row{{c.RefreshLevel(r.High), false, 1}, {c.set.TopLevel(), false, 1}},
	}
}

// RefreshSize is the exact size of one refresh share, in bytes.
func (c *Context) RefreshSize(high bool) int64 {
	return c.size(c.refreshFrame(Reference{}, RefreshRequest{High: high}), 0)
}

func (c *Context) checkRefresh(r RefreshRequest) error {
	switch ct := r.Ciphertext; {
	case r.Stage < 0 || r.Index < 0:
		return errors.New("refresh: negative label")
	case ct == nil || ct.c.set.id != c.set.id || ct.c.payers != c.payers:
		return errors.New("refresh: ciphertext of another context")
	case ct.high:
		return errors.New("refresh: the ciphertext is at the high scale already")
	case ct.Level() < c.RefreshLevel(r.High):
		return fmt.Errorf("refresh: level %d is below %d", ct.Level(), c.RefreshLevel(r.High))
	case ct.Level() > c.set.TopLevel():
		return errors.New("refresh: an input must be rescaled first")
	}
	return nil
}

// ratio is the exact quotient of the scales after and before, as integers.
func (c *Context) ratio(r RefreshRequest) (num, den *big.Int) {
	out, in := new(big.Rat), new(big.Rat)
	v := c.params(r.High).DefaultScale().Value
	v.Rat(out)
	r.Ciphertext.ct.Scale.Value.Rat(in)
	q := out.Quo(out, in)
	return q.Num(), q.Denom()
}

// rescaleInt rounds x·num/den to the nearest integer, half up.
func rescaleInt(x, num, den, half *big.Int) {
	x.Mul(x, num)
	x.Add(x, half)
	x.Div(x, den) // Euclidean: floor for a positive divisor
}

// Refresh writes this party's share of a collective refresh: c1·s − M + e at the low level, which together with the others' opens the
// message minus the sum of the masks, and −a·s (a of the reference string for this very ciphertext) + M·(new scale/old scale) + e' at the top, which together encrypt that sum anew.
func (p *Party) Refresh(q RefreshRequest, w io.Writer) (err error) {
	defer guard("refresh share", &err)
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.c
	if err := c.checkRefresh(q); err != nil {
		return err
	}
	label := fmt.Sprintf("refresh/%d/%d", q.Stage, q.Index)
	low, top := c.RefreshLevel(q.High), c.set.TopLevel()
	bind := q.Ciphertext.Hash()
	ct, err := q.Ciphertext.Load()
	if err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	c1 := ring.Poly{Coeffs: ct.ct.Value[1].Coeffs[:low+1]}
	if err := p.once(label); err != nil {
		return err
	}
	if err := p.onceOn(label, ring.Poly{Coeffs: c1.Coeffs[:1]}); err != nil {
		return err
	}
	f := c.refreshFrame(p.ref, q)
	prng := p.prng(label, bind[:], f.tag[:])
	defer prng.wipe()
	mask := readUniform(prng, 1<<c.set.LogN, c.maskBits(low))
	defer mask.wipe()
	e := make([]int8, 1<<c.set.LogN)
	defer clear(e)
	wr := c.newWriter(w, f, 0)

	r := c.ringQ(low)
	share, m := r.NewPoly(), r.NewPoly()
	errorQ(r, prng, e, share)
	r.MulCoeffsMontgomeryThenAdd(c1, p.s.Q, share)
	mask.residues(r, m)
	r.NTT(m, m)
	r.Sub(share, m, share)
	wipeQ(m)
	wr.poly(c.moduli(low, false), share.Coeffs...)

	r = c.ringQ(top)
	share, m = r.NewPoly(), r.NewPoly()
	errorQ(r, prng, e, share)
	num, den := c.ratio(q)
	c.setScaled(r, m, num, den, mask.at)
	r.Add(share, m, share)
	wipeQ(m)
	r.MulCoeffsMontgomeryThenSub(c.publicQ(p.ref.on(q.Ciphertext), top, "refresh", q.Stage, q.Index), p.s.Q, share)
	wr.poly(c.moduli(top, false), share.Coeffs...)
	return wrap(label, wr.err)
}

// setScaled writes round(x_i·num/den) modulo Q, transformed, for the coefficients that at yields.
func (c *Context) setScaled(r *ring.Ring, m ring.Poly, num, den *big.Int, at func(i int, z *big.Int) *big.Int) {
	half := new(big.Int).Rsh(den, 1)
	x, res := new(big.Int), new(big.Int)
	q := make([]*big.Int, r.Level()+1)
	for j := range q {
		q[j] = new(big.Int).SetUint64(c.set.Q[j])
	}
	for i := range r.N() {
		at(i, x)
		rescaleInt(x, num, den, half)
		for j := range q {
			m.Coeffs[j][i] = res.Mod(x, q[j]).Uint64()
		}
	}
	clear(x.Bits()[:cap(x.Bits())])
	clear(res.Bits()[:cap(res.Bits())])
	r.NTT(m, m)
}

// RefreshSum adds up the refresh shares of one ciphertext. Not safe for concurrent use.
type RefreshSum struct {
	tally
	c     *Context
	ref   Reference
	q     RefreshRequest
	err   error
	spill *Spill
	sum   *shelf // low and top; nil before the first share
}

// Within lets the aggregate wait in a Spill between two shares, and then the refreshed ciphertext.
func (s *RefreshSum) Within(spill *Spill) *RefreshSum {
	s.spill = spill
	return s
}

// NewRefreshSum starts the aggregate of one request; an invalid request is reported by Add.
func (c *Context) NewRefreshSum(ref Reference, q RefreshRequest) *RefreshSum {
	s := &RefreshSum{tally: newTally(c.payers), c: c, ref: ref, q: q}
	s.err = c.checkRefresh(q)
	return s
}

// Add adds one payer's share, of exactly RefreshSize bytes.
func (s *RefreshSum) Add(r io.Reader) error {
	if s.err != nil {
		return s.err
	}
	low, top := s.c.RefreshLevel(s.q.High), s.c.set.TopLevel()
	if s.sum == nil {
		if s.sum, s.err = s.spill.put(s.c, s.c.ringQ(low).NewPoly(), s.c.ringQ(top).NewPoly()); s.err != nil {
			return s.err
		}
	}
	return s.take(s.c, r, s.c.refreshFrame(s.ref, s.q), func(rd *reader) error {
		return s.sum.update(func(p []ring.Poly) error {
			if err := rd.poly(s.c.moduli(low, false), p[0].Coeffs...); err != nil {
				return err
			}
			return rd.poly(s.c.moduli(top, false), p[1].Coeffs...)
		})
	})
}

// Finish returns the refreshed ciphertext at TopLevel, at exactly the working or the high scale. The aggregate gives its place away: Finish
// works once. The ciphertext of the request stays as it is; Free it.
func (s *RefreshSum) Finish() (ct *Ciphertext, err error) {
	defer guard("refresh", &err)
	if s.err != nil {
		return nil, s.err
	}
	if err := s.need("refresh"); err != nil {
		return nil, err
	}
	c := s.c
	sum, err := s.sum.get()
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	before, err := s.q.Ciphertext.Load()
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	r := c.ringQ(sum[0].Level())
	open := r.NewPoly()
	r.Add(sum[0], ring.Poly{Coeffs: before.ct.Value[0].Coeffs[:r.Level()+1]}, open)
	r.INTT(open, open)
	coeffs := make([]*big.Int, r.N())
	for i := range coeffs {
		coeffs[i] = new(big.Int)
	}
	r.PolyToBigintCentered(open, 1, coeffs)

	num, den := c.ratio(s.q)
	top := c.ringQ(c.set.TopLevel())
	out := c.metadata(s.q.High)
	out.ct.Value = []ring.Poly{top.NewPoly(), {}}
	c.setScaled(top, out.ct.Value[0], num, den, func(i int, z *big.Int) *big.Int { return z.Set(coeffs[i]) })
	top.Add(out.ct.Value[0], sum[1], out.ct.Value[0])
	out.ct.Scale = rlwe.Scale{Value: c.params(s.q.High).DefaultScale().Value}
	s.sum.free()
	ref, stage, index := s.ref.on(s.q.Ciphertext), s.q.Stage, s.q.Index // and not the ciphertext, which may go
	return s.spill.parkHalf(out, func() ring.Poly { return c.publicQ(ref, c.set.TopLevel(), "refresh", stage, index) })
}
