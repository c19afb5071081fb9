package mhe

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"github.com/tuneinsight/lattigo/v5/ring"
)

// spread of a polynomial's centred coefficients: log2 of the standard deviation and of the largest magnitude.
func (n *network) spread(level int, p ring.Poly) (logStd, logMax float64) {
	r := n.c.ringQ(level)
	r.INTT(p, p)
	c := make([]*big.Int, r.N())
	for i := range c {
		c[i] = new(big.Int)
	}
	r.PolyToBigintCentered(p, 1, c)
	sum, most := 0.0, 0.0
	for _, x := range c {
		f, _ := new(big.Float).SetInt(x).Float64()
		sum += f * f
		most = max(most, math.Abs(f))
	}
	return math.Log2(sum/float64(len(c))) / 2, math.Log2(most)
}

// body reads count polynomials of a level out of an object that starts with them.
func (n *network) body(f frame, b []byte, level int) ring.Poly {
	n.t.Helper()
	rd, err := n.c.open(bytes.NewReader(b), f, 0)
	must(n.t, err)
	p := n.c.ringQ(level).NewPoly()
	must(n.t, rd.poly(n.c.moduli(level, false), p.Coeffs...))
	return p
}

// wantUniform: the standard deviation of a uniform distribution of so many bits, and nothing beyond it.
func wantUniform(t *testing.T, what string, bits int, logStd, logMax float64) {
	t.Helper()
	if math.Abs(logStd-(float64(bits)-math.Log2(12)/2)) > 0.1 || logMax > float64(bits)-1+0.01 || logMax < float64(bits)-1.1 {
		t.Errorf("%s: deviation 2^%.2f, largest 2^%.2f, expected uniform of %d bits", what, logStd, logMax, bits)
	}
}

// wantError: σ = 3.2 and at most 19, times the root of the number of errors added up.
func wantError(t *testing.T, what string, count int, logStd, logMax float64) {
	t.Helper()
	if math.Abs(logStd-math.Log2(3.2)-math.Log2(float64(count))/2) > 0.2 || logMax > math.Log2(19*float64(count)) {
		t.Errorf("%s: deviation 2^%.2f, largest 2^%.2f, expected %d errors of 3.2", what, logStd, logMax, count)
	}
}

// TestShareNoise takes every share apart with the key that made it: what is left is the error, mask or flooding of the width that the
// security statements rest on.
func TestShareNoise(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		n := newNetwork(t, set, 3, Rotation{3, 5})
		c, p := n.c, n.parties[1]
		u := p.u.CopyNew() // wiped after round two
		n.key()
		strip := func(level int, share, a ring.Poly, s ring.Poly, add bool) ring.Poly {
			r := c.ringQ(level)
			if add {
				r.MulCoeffsMontgomeryThenAdd(a, s, share)
			} else {
				r.MulCoeffsMontgomeryThenSub(a, s, share)
			}
			return share
		}

		// inputs of zero, so that nothing but the error is left
		var b bytes.Buffer
		must(t, p.Input(5, make([]float64, c.set.Slots()), &b))
		top := c.set.MaxLevel()
		e := strip(top, n.body(c.inputFrame(n.ref, 5), b.Bytes(), top), c.publicQ(n.ref, top, "input", 5), p.s.Q, true)
		std, most := n.spread(top, e)
		wantError(t, "input", 1, std, most)

		ct := n.encrypt(n.ramp())
		q := RefreshRequest{Stage: 3, Ciphertext: ct}
		b.Reset()
		must(t, p.Refresh(q, &b))
		low := c.RefreshLevel(false)
		e = strip(low, n.body(c.refreshFrame(n.ref, q), b.Bytes(), low), ct.ct.Value[1], p.s.Q, false)
		std, most = n.spread(low, e)
		wantUniform(t, "refresh mask", c.maskBits(low), std, most)

		h := n.refresh(n.encrypt(n.ramp()), true)
		b.Reset()
		must(t, p.Decrypt(77, h, &b))
		level := c.set.DecryptLevel()
		e = strip(level, n.body(c.decryptFrame(h), b.Bytes(), level), h.ct.Value[1], p.s.Q, false)
		std, most = n.spread(level, e)
		wantUniform(t, "flooding", c.floodBits(), std, most)

		// round one, made again from the same seed: h0 of digit 0 is P·s modulo the first two primes plus −u·a + e
		again, err := c.newParty(n.ref, n.rot, p.seed)
		must(t, err)
		b.Reset()
		must(t, again.KeyRoundOne(&b))
		level = c.relinLevel()
		a := c.ringQP(level).NewPoly()
		c.publicQP(a, n.ref, level, "relinearisation", 0)
		e = strip(level, n.body(c.roundOneFrame(n.ref, n.rot), b.Bytes(), level), a.Q, u.Q, true)
		ps := c.scaledSecret(p.s.Q)
		for j := range 2 {
			for i, x := range ps.Coeffs[j] {
				e.Coeffs[j][i] = ring.CRed(e.Coeffs[j][i]+c.set.Q[j]-x, c.set.Q[j])
			}
		}
		std, most = n.spread(level, e)
		wantError(t, "round one", 1, std, most)
	}
}

// TestFreshRandomness: two parties, two labels and two ciphertexts never meet the same mask, and neither do two runs of one seed.
func TestFreshRandomness(t *testing.T) {
	n := newNetwork(t, "toy", 2)
	seen := map[[64]byte]string{}
	draw := func(name string, p *Party, label string, bind ...[]byte) {
		var b [64]byte
		p.prng(label, bind...).Read(b[:])
		if was, ok := seen[b]; ok {
			t.Errorf("%s repeats %s", name, was)
		}
		seen[b] = name
	}
	other, err := n.c.newParty(Reference{9}, nil, seed("payer", 0))
	must(t, err)
	for name, p := range map[string]*Party{"first": n.parties[0], "second": n.parties[1], "other run": other} {
		draw(name+" a", p, "refresh/0/1", []byte("x"))
		draw(name+" b", p, "refresh/0/2", []byte("x"))
		draw(name+" c", p, "refresh/0/1", []byte("y"))
		draw(name+" d", p, "refresh/0/1", []byte("x"), []byte{})
		draw(name+" e", p, "decrypt/0", []byte("x"))
	}
	a, err := n.c.NewParty(n.ref, nil)
	must(t, err)
	b, err := n.c.NewParty(n.ref, nil)
	must(t, err)
	if a.seed == b.seed || a.s.Equal(&b.s) {
		t.Error("two parties drew the same key share")
	}
}
