package mhe

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"

	"github.com/tuneinsight/lattigo/v5/utils/bignum"
)

// polynomialPrec holds 60 decimals.
const polynomialPrec = 200

// Polynomial is a real polynomial on [−1, 1] in the Chebyshev basis. Immutable.
type Polynomial struct {
	p     bignum.Polynomial
	coeff []*big.Float
}

// NewPolynomial reads coefficients of T_0, T_1, … from decimal strings (no float64 in between). The last one must not be zero.
func NewPolynomial(coeffs []string) (*Polynomial, error) {
	if len(coeffs) < 2 || len(coeffs) > 256 {
		return nil, fmt.Errorf("polynomial: %d coefficients, must be 2 to 256", len(coeffs))
	}
	out := &Polynomial{}
	odd, even := true, true
	for i, s := range coeffs {
		f, _, err := big.ParseFloat(s, 10, polynomialPrec, big.ToNearestEven)
		if err != nil || f.IsInf() {
			return nil, fmt.Errorf("polynomial: coefficient %d is no decimal number", i)
		}
		out.coeff = append(out.coeff, f)
		if f.Sign() != 0 {
			odd, even = odd && i%2 == 1, even && i%2 == 0
		}
	}
	if out.coeff[len(coeffs)-1].Sign() == 0 {
		return nil, errors.New("polynomial: leading coefficient is zero")
	}
	out.build(odd, even)
	return out, nil
}

func (p *Polynomial) build(odd, even bool) {
	one := bignum.NewFloat(1, polynomialPrec)
	p.p = bignum.NewPolynomial(bignum.Chebyshev, p.coeff, &bignum.Interval{A: *new(big.Float).Neg(one), B: *one})
	// the library reads these as "has an odd part" and "has an even part"; an odd polynomial needs fewer powers
	p.p.IsOdd, p.p.IsEven = !even, !odd
}

// Degree of the polynomial.
func (p *Polynomial) Degree() int { return len(p.coeff) - 1 }

// Depth is the number of rescalings an evaluation takes: as many levels at the working scale, twice as many at the high scale.
// It is the bit length of the degree (a degree that is a power of two takes one more than the library announces).
func (p *Polynomial) Depth() int { return bits.Len(uint(p.Degree())) }

// Half returns p/2, of the same parity: a sign polynomial of ±½ that one AddConst turns into a bit.
func (p *Polynomial) Half() *Polynomial {
	out := &Polynomial{}
	for _, f := range p.coeff {
		out.coeff = append(out.coeff, new(big.Float).Quo(f, big.NewFloat(2)))
	}
	out.build(!p.p.IsEven, !p.p.IsOdd)
	return out
}

// At evaluates the polynomial exactly enough for tests and error bounds (200 bits).
func (p *Polynomial) At(x *big.Float) *big.Float {
	// Clenshaw
	b1, b2 := bignum.NewFloat(0, polynomialPrec), bignum.NewFloat(0, polynomialPrec)
	two := new(big.Float).Mul(big.NewFloat(2), x)
	for i := p.Degree(); i > 0; i-- {
		t := bignum.NewFloat(0, polynomialPrec).Mul(two, b1)
		t.Sub(t, b2)
		t.Add(t, p.coeff[i])
		b1, b2 = t, b1
	}
	t := bignum.NewFloat(0, polynomialPrec).Mul(x, b1)
	t.Sub(t, b2)
	return t.Add(t, p.coeff[0])
}
