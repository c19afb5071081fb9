package mhe

import (
	"encoding/binary"
	"io"
	"math/big"
	"math/bits"

	"github.com/tuneinsight/lattigo/v5/ring"
)

// uniform is a polynomial whose coefficients are independent and uniform in [−2^(bits−1), 2^(bits−1)): exactly the power of two, so there is
// nothing to reject and no bias. It replaces the library's Gaussian sampler, which at this width leaves unreduced residues, has a grain of
// 2^38 magnitudes whatever its width, and panics.
type uniform struct {
	bits  int
	limbs int
	v     []uint64 // limbs words a coefficient, least significant first, before the subtraction of 2^(bits−1)

	half  *big.Int // 2^(bits−1)
	words []big.Word
	raw   big.Int // scratch over words
}

// readUniform samples n coefficients.
func readUniform(r io.Reader, n, width int) *uniform {
	u := &uniform{bits: width, limbs: (width + 63) / 64, half: new(big.Int).Lsh(big.NewInt(1), uint(width-1))}
	u.words = make([]big.Word, u.limbs)
	u.v = make([]uint64, n*u.limbs)
	buf := make([]byte, 8*u.limbs)
	mask := ^uint64(0) >> (64*u.limbs - width)
	for i := range n {
		fill(r, buf)
		for k := range u.limbs {
			u.v[i*u.limbs+k] = binary.LittleEndian.Uint64(buf[8*k:])
		}
		u.v[(i+1)*u.limbs-1] &= mask
	}
	clear(buf)
	return u
}

// residues writes the coefficients modulo Q, not transformed.
func (u *uniform) residues(r *ring.Ring, p ring.Poly) {
	for j, s := range r.SubRings[:r.Level()+1] {
		q, out := s.Modulus, p.Coeffs[j]
		sub := new(big.Int).Mod(u.half, new(big.Int).SetUint64(q)).Uint64()
		for i := range out {
			var rem uint64
			for k := u.limbs - 1; k >= 0; k-- {
				_, rem = bits.Div64(rem, u.v[i*u.limbs+k], q)
			}
			if rem < sub {
				rem += q
			}
			out[i] = rem - sub
		}
	}
}

// at sets z to coefficient i. Not safe for concurrent use.
func (u *uniform) at(i int, z *big.Int) *big.Int {
	for k := range u.words { // 64-bit words: see the assertion below
		u.words[k] = big.Word(u.v[i*u.limbs+k])
	}
	return z.Sub(u.raw.SetBits(u.words), u.half)
}

const _ = uint(bits.UintSize - 64) // does not compile where a word has 32 bits

func (u *uniform) wipe() {
	clear(u.v)
	clear(u.words)
}
