package mhe

import (
	"io"

	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// spread writes the residues of small signed coefficients, each below its modulus (the library's own sampler leaves q for a negative zero).
func spread(e []int8, coeffs [][]uint64, r *ring.Ring) {
	for j, s := range r.SubRings[:r.Level()+1] {
		out := coeffs[j]
		for i, x := range e {
			out[i] = uint64(int64(x)) + s.Modulus&uint64(int64(x)>>63)
		}
	}
}

// smallQP writes small coefficients to p modulo Q and P, transformed.
func smallQP(r ringqp.Ring, e []int8, p ringqp.Poly) {
	spread(e, p.Q.Coeffs, r.RingQ)
	spread(e, p.P.Coeffs, r.RingP)
	r.NTT(p, p)
}

// errorQP samples a fresh error polynomial modulo Q and P, transformed. e is scratch of ring degree.
func errorQP(r ringqp.Ring, prng io.Reader, e []int8, p ringqp.Poly) {
	readErrors(prng, e)
	smallQP(r, e, p)
}

// errorQ samples a fresh error polynomial modulo Q, transformed.
func errorQ(r *ring.Ring, prng io.Reader, e []int8, p ring.Poly) {
	readErrors(prng, e)
	spread(e, p.Coeffs, r)
	r.NTT(p, p)
}

// wipe overwrites a secret polynomial.
func wipe(ps ...ringqp.Poly) {
	for _, p := range ps {
		wipeQ(p.Q, p.P)
	}
}

func wipeQ(ps ...ring.Poly) {
	for _, p := range ps {
		for _, c := range p.Coeffs {
			clear(c)
		}
	}
}
