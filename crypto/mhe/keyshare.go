package mhe

import (
	"errors"
	"io"

	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// digits is the number of gadget digits of a key at a level: |P| primes a digit.
func (c *Context) digits(level int) int { return (level + len(c.set.P)) / len(c.set.P) }

// relinLevel: nothing is multiplied above the level of a refreshed ciphertext.
func (c *Context) relinLevel() int { return c.set.TopLevel() }

func (c *Context) roundOneFrame(ref Reference, rot []Rotation) frame {
	f := frame{kind: kindRoundOne, rows: []row{{c.relinLevel(), true, 2 * c.digits(c.relinLevel())}}}
	var index []int
	for _, r := range rot {
		f.rows = append(f.rows, row{r.Level, true, c.digits(r.Level)})
		index = append(index, r.Steps, r.Level)
	}
	f.tag = c.tag(ref, "keys-1", index...)
	return f
}

func (c *Context) roundTwoFrame(ref Reference) frame {
	return frame{kind: kindRoundTwo, tag: c.tag(ref, "keys-2"), rows: []row{{c.relinLevel(), true, c.digits(c.relinLevel())}}}
}

// RoundOneSize is the exact size of a share of round one, in bytes. An invalid list has size 0.
func (c *Context) RoundOneSize(rot []Rotation) int64 {
	rot, err := c.rotations(rot)
	if err != nil {
		return 0
	}
	return c.size(c.roundOneFrame(Reference{}, rot), 0)
}

// RoundTwoSize is the exact size of a share of round two, in bytes.
func (c *Context) RoundTwoSize() int64 { return c.size(c.roundTwoFrame(Reference{}), 0) }

// KeyRoundOne writes, for each gadget digit i with public polynomial a_i, the two halves of round one of the relinearisation key,
//
//	h0_i = −u·a_i + P·g_i·s + e,   h1_i = s·a_i + e',
//
// and for each rotation the share −b_i·φ(s) + P·g_i·s + e of its Galois key (φ the inverse automorphism). Mouchet et al., "Multiparty
// Homomorphic Encryption from Ring-Learning-with-Errors" (PETS 2021), protocols RKG and RTG. One polynomial is in memory at a time.
func (p *Party) KeyRoundOne(w io.Writer) (err error) {
	defer guard("keys-1", &err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.once("keys-1"); err != nil {
		return err
	}
	c := p.c
	f := c.roundOneFrame(p.ref, p.rot)
	wr := c.newWriter(w, f, 0)
	prng := p.prng("keys-1", f.tag[:])
	defer prng.wipe()
	e := make([]int8, 1<<c.set.LogN)
	defer clear(e)

	level := c.relinLevel()
	r := c.ringQP(level)
	ps := c.scaledSecret(p.s.Q)
	defer wipeQ(ps)
	a, h := r.NewPoly(), r.NewPoly()
	for i := range c.digits(level) {
		c.publicQP(a, p.ref, level, "relinearisation", i)
		errorQP(r, prng, e, h)
		c.addDigit(level, i, ps, h.Q)
		r.MulCoeffsMontgomeryThenSub(a, p.u, h)
		wr.polyQP(c, level, h)
		errorQP(r, prng, e, h)
		r.MulCoeffsMontgomeryThenAdd(a, p.s, h)
		wr.polyQP(c, level, h)
	}
	turned := c.ringQP(c.set.MaxLevel()).NewPoly()
	defer wipe(turned)
	for _, rot := range p.rot {
		full := c.ringQP(c.set.MaxLevel())
		nth := full.RingQ.NthRoot()
		inverse := ring.ModExp(c.low.GaloisElementForRotation(rot.Steps), nth-1, nth)
		full.AutomorphismNTT(p.s, inverse, turned)
		r := c.ringQP(rot.Level)
		for i := range c.digits(rot.Level) {
			c.publicQP(a, p.ref, rot.Level, "rotation", rot.Steps, i)
			errorQP(r, prng, e, h)
			c.addDigit(rot.Level, i, ps, h.Q)
			r.MulCoeffsMontgomeryThenSub(a, turned, h)
			wr.polyQP(c, rot.Level, h)
		}
	}
	p.one = [32]byte(wr.sum.Sum(nil))
	return wrap("keys-1", wr.err)
}

// KeyRoundTwo writes s·H0_i + (u − s)·H1_i + e + e', the sum of the two halves of round two (nobody needs them apart), where H0 and H1 are
// the sums of all payers' h0 and h1.
//
// Whoever chooses H0 reads s in the answer. So the argument is the aggregate that this process added up itself, complete, with this party's
// own share in it; and the protocol makes all payers commit to their shares of round one before any of them is seen.
func (p *Party) KeyRoundTwo(k *KeySum, w io.Writer) (err error) {
	defer guard("keys-2", &err)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.erased:
		return ErrErased
	case k.c != p.c || k.ref != p.ref || k.frame != p.c.roundOneFrame(p.ref, p.rot).tag:
		return errors.New("keys-2: the aggregate belongs to another run")
	case k.h == nil || k.second:
		return errors.New("keys-2: the aggregate has left round one")
	}
	if err := k.one.need("keys-2"); err != nil {
		return err
	}
	if !k.one.seen[p.one] {
		return errors.New("keys-2: this party's own share of round one is not in the aggregate")
	}
	if err := p.once("keys-2"); err != nil {
		return err
	}
	c := p.c
	level := c.relinLevel()
	r := c.ringQP(level)
	bind := k.Digest()
	prng := p.prng("keys-2", bind[:])
	defer prng.wipe()
	wr := c.newWriter(w, c.roundTwoFrame(p.ref), 0)
	d, h, e := r.NewPoly(), r.NewPoly(), make([]int8, r.N())
	defer wipe(d)
	defer clear(e)
	r.Sub(p.u, p.s, d)
	for i := range c.digits(level) {
		// the sum of two errors, as in the two halves: the analysis of the key's noise stays the published one
		errorSumQP(r, prng, e, h)
		r.MulCoeffsMontgomeryThenAdd(k.h[i][0], p.s, h)
		r.MulCoeffsMontgomeryThenAdd(k.h[i][1], d, h)
		wr.polyQP(c, level, h)
	}
	wipe(p.u) // has served
	return wrap("keys-2", wr.err)
}

// errorSumQP samples the sum of two errors.
func errorSumQP(r ringqp.Ring, prng io.Reader, e []int8, p ringqp.Poly) {
	f := make([]int8, len(e))
	readErrors(prng, e)
	readErrors(prng, f)
	for i := range e {
		e[i] += f[i] // |e| ≤ 38
	}
	clear(f)
	smallQP(r, e, p)
}

// scaledSecret is P·s modulo Q, transformed, out of Montgomery form.
func (c *Context) scaledSecret(s ring.Poly) ring.Poly {
	r := c.ringQ(c.set.MaxLevel())
	ps := r.NewPoly()
	r.MulScalarBigint(s, c.low.RingP().Modulus(), ps)
	r.IMForm(ps, ps)
	return ps
}

// addDigit adds P·g_i·s: g_i is 1 modulo the primes of digit i and 0 modulo the others.
func (c *Context) addDigit(level, i int, ps, h ring.Poly) {
	n := len(c.set.P)
	for j := i * n; j < min((i+1)*n, level+1); j++ {
		q, dst := c.set.Q[j], h.Coeffs[j]
		for k, x := range ps.Coeffs[j] {
			dst[k] = ring.CRed(dst[k]+x, q)
		}
	}
}

// polyQP writes a polynomial modulo Q[0]…Q[level] and P.
func (w *writer) polyQP(c *Context, level int, p ringqp.Poly) {
	w.poly(c.moduli(level, false), p.Q.Coeffs...)
	w.poly(c.set.P, p.P.Coeffs...)
}

func (r *reader) polyQP(c *Context, level int, p ringqp.Poly) error {
	if err := r.poly(c.moduli(level, false), p.Q.Coeffs...); err != nil {
		return err
	}
	return r.poly(c.set.P, p.P.Coeffs...)
}
