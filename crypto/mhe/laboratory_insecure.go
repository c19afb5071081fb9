package mhe

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// Laboratory is the arithmetic of an attacker, and of a member without this package's defences: bare polynomials modulo the primes of a
// set. It exists so that testnet/attack can show what each defence is for. Context.Laboratory refuses every set that is not marked insecure,
// and a Laboratory reads no Party: it computes on what its caller holds already.
//
// A polynomial is a list of residue vectors, p[j][i] below Q[j], transformed unless said otherwise; the transform makes products pointwise.
// Safe for concurrent use.
type Laboratory struct{ c *Context }

// Laboratory returns the laboratory of an insecure set.
func (c *Context) Laboratory() (*Laboratory, error) {
	if !c.set.Insecure {
		return nil, fmt.Errorf("laboratory: refused for set %s", c.set.Name)
	}
	return &Laboratory{c: c}, nil
}

// Transform brings one residue vector modulo Q[j] into the transformed domain, in place.
func (l *Laboratory) Transform(j int, v []uint64) {
	s := l.c.ringQ(j).SubRings[j]
	s.NTT(v, v)
}

// Inverse is the inverse of Transform.
func (l *Laboratory) Inverse(j int, v []uint64) {
	s := l.c.ringQ(j).SubRings[j]
	s.INTT(v, v)
}

// Reference is the public polynomial of a reference string modulo Q[0]…Q[level], for the purposes "input" (index: ciphertext), "refresh"
// (stage, index) and "relinearisation" (digit).
func (l *Laboratory) Reference(ref Reference, level int, purpose string, index ...int) [][]uint64 {
	return l.c.publicQ(ref, level, purpose, index...).Coeffs
}

// Encode encodes slots as an input: at MaxLevel, transformed. Slots may lie anywhere.
func (l *Laboratory) Encode(slots []float64) (p [][]uint64, err error) {
	defer guard("laboratory encode", &err)
	pt := hefloat.NewPlaintext(l.c.low, l.c.set.MaxLevel())
	pt.Scale = l.c.inputScale()
	if err := hefloat.NewEncoder(l.c.low).Encode(slots, pt); err != nil {
		return nil, fmt.Errorf("laboratory encode: %w", err)
	}
	return pt.Value.Coeffs, nil
}

// InputScale is the factor between slots and encoded integers of an input.
func (l *Laboratory) InputScale() *big.Float { s := l.c.inputScale(); return &s.Value }

// Slots decodes a polynomial, transformed, at a scale.
func (l *Laboratory) Slots(p [][]uint64, scale *big.Float) (v []float64, err error) {
	defer guard("laboratory decode", &err)
	pt := hefloat.NewPlaintext(l.c.low, len(p)-1)
	pt.Scale = rlwe.Scale{Value: *new(big.Float).SetPrec(rlwe.ScalePrecision).Set(scale)}
	for j := range p {
		copy(pt.Value.Coeffs[j], p[j])
	}
	v = make([]float64, l.c.set.Slots())
	if err := hefloat.NewEncoder(l.c.low, 53).Decode(pt, v); err != nil {
		return nil, fmt.Errorf("laboratory decode: %w", err)
	}
	return v, nil
}

// Ciphertext puts two polynomials together. A convener can do the same with bytes (ReadCiphertext).
func (l *Laboratory) Ciphertext(c0, c1 [][]uint64, scale *big.Float, high bool) *Ciphertext {
	ct := l.c.newCiphertext(len(c0)-1, high)
	for i, p := range [][][]uint64{c0, c1} {
		for j := range p {
			copy(ct.ct.Value[i].Coeffs[j], p[j])
		}
	}
	ct.ct.Scale = rlwe.Scale{Value: *new(big.Float).SetPrec(rlwe.ScalePrecision).Set(scale)}
	return ct
}

// Polynomials returns copies of a ciphertext's two polynomials.
func (l *Laboratory) Polynomials(ct *Ciphertext) (c0, c1 [][]uint64) {
	cp := func(p ring.Poly) (out [][]uint64) {
		for _, v := range p.Coeffs {
			out = append(out, slices.Clone(v))
		}
		return out
	}
	return cp(ct.ct.Value[0]), cp(ct.ct.Value[1])
}

// ReadUnguarded reads a polynomial with the lattice library's own reader, which is what every share would be read with if this package had
// no frames of its own. It may panic; on truncated bytes it recurses until the process dies, which no recover stops.
func (l *Laboratory) ReadUnguarded(b []byte) ([][]uint64, error) {
	var p ring.Poly
	if err := p.UnmarshalBinary(b); err != nil {
		return nil, err
	}
	return p.Coeffs, nil
}

// WriteUnguarded is the library's encoding of a polynomial.
func (l *Laboratory) WriteUnguarded(p [][]uint64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := (ring.Poly{Coeffs: p}).WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
