package risk

import (
	"errors"
	"fmt"
	"math/big"
)

// Cell is a payer's own people of one practice: a proportion's numerator and denominator.
type Cell struct{ Num, Den int64 }

// The elements of a payer's vector of components: cells, Σd, Σn, Σd², Σ n²/d in 10⁻⁶.
const ComponentElements = 5

// squareUnit is the fixed point of Σ n²/d.
const squareUnit = 1_000_000

// ComponentVector is the payer's vector; cells without a denominator are passed over. No element is
// above people × max(largest denominator, 10⁶): 10 million people stay below 2^44.
func ComponentVector(cells []Cell) ([]int64, error) {
	out := make([]int64, ComponentElements)
	for i, c := range cells {
		if c.Num < 0 || c.Num > c.Den || c.Den > 1<<20 {
			return nil, fmt.Errorf("risk: cell %d: want 0 ≤ numerator ≤ denominator ≤ %d", i, 1<<20)
		}
		if c.Den == 0 {
			continue
		}
		out[0]++
		out[1] += c.Den
		out[2] += c.Num
		out[3] += c.Den * c.Den
		q := new(big.Int).Mul(big.NewInt(c.Num*c.Num), big.NewInt(squareUnit))
		out[4] += q.Add(q, big.NewInt(c.Den/2)).Div(q, big.NewInt(c.Den)).Int64()
	}
	return out, nil
}

// Components are the variances between cells and of one person within, by one-way analysis of variance (Searle, Casella, McCulloch, Variance
// Components, 1992, chapter 3: unbalanced data). Between is never negative.
type Components struct{ Between, Within *big.Rat }

// ReadComponents computes them from the sum of the members' vectors, exactly.
func ReadComponents(sum []int64) (Components, error) {
	if len(sum) != ComponentElements {
		return Components{}, fmt.Errorf("risk: components of %d elements, want %d", len(sum), ComponentElements)
	}
	a, n, s, d2 := sum[0], sum[1], sum[2], sum[3]
	if a < 2 || n <= a || s < 0 || s > n {
		return Components{}, errors.New("risk: too few cells or people for variance components")
	}
	rat := func(x int64) *big.Rat { return new(big.Rat).SetInt64(x) }
	squares := new(big.Rat).SetFrac64(sum[4], squareUnit)
	// A person's outcome is 0 or 1, so that the sum of its squares is the numerator.
	within := new(big.Rat).Sub(rat(s), squares)
	within.Quo(within, rat(n-a))
	grand := new(big.Rat).Quo(new(big.Rat).Mul(rat(s), rat(s)), rat(n))
	between := new(big.Rat).Sub(squares, grand)
	between.Quo(between, rat(a-1)).Sub(between, within)
	size := new(big.Rat).Sub(rat(n), new(big.Rat).Quo(rat(d2), rat(n)))
	size.Quo(size, rat(a-1))
	if within.Sign() < 0 {
		within.SetInt64(0) // the fixed point of the squares
	}
	if between.Sign() < 0 || size.Sign() <= 0 {
		between.SetInt64(0)
	} else {
		between.Quo(between, size)
	}
	return Components{between, within}, nil
}

// Reliability of a practice with den people: between / (between + within/den).
func (c Components) Reliability(den int64) *big.Rat {
	if den < 1 || c.Between.Sign() == 0 {
		return new(big.Rat)
	}
	noise := new(big.Rat).Quo(c.Within, new(big.Rat).SetInt64(den))
	return new(big.Rat).Quo(c.Between, noise.Add(noise, c.Between))
}

// Line is the smallest denominator with a reliability of at least 0.70; ok is false when no denominator has it. It may be published and asked of
// encrypted denominators.
func (c Components) Line() (den int64, ok bool) {
	if c.Between.Sign() == 0 {
		return 0, false
	}
	need := new(big.Rat).Quo(c.Within, c.Between)
	need.Mul(need, big.NewRat(7, 3)) // d ≥ 0.7/0.3 · within/between
	n := new(big.Int).Add(need.Num(), new(big.Int).Sub(need.Denom(), big.NewInt(1)))
	n.Div(n, need.Denom())
	if !n.IsInt64() {
		return 0, false
	}
	return max(n.Int64(), 1), true
}
