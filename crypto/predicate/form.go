package predicate

import (
	"fmt"
	"math/big"
)

// A Form is an integer linear form over the aggregate of all payers,
//
//	F = Num·Σnum + Den·Σden + Has·Σ[den ≥ 1] + Own·den_i + OwnNum·num_i + Const,
//
// read as the predicate F ≥ 0. Own and OwnNum belong to rules that are stated once per payer i; elsewhere they are 0.
// All coefficients are dimensionless integers; num and den are in whatever unit the measure counts.
type Form struct{ Num, Den, Has, Own, Const, OwnNum int64 }

// A Rule is one disclosure test of a cell. It holds when one of its forms is ≥ 0. Two forms of one rule
// must exclude each other for every input that the caps allow (the circuit adds their bits), which NewPlan
// checks. PerPayer states the rule's single form once for every payer i, with Own·den_i and OwnNum·num_i.
type Rule struct {
	Name     string
	PerPayer bool
	AnyOf    []Form
}

// A Cell is one (measure, practice, stratum): the rules that gate its release and the scale of its value,
//
//	value = clamp(⌊(2·p·Σnum + q·Σden) / (2·q·Σden)⌋, Lo, Hi),   p/q = ScaleNum/ScaleDen,
//
// i.e. p/q · Σnum/Σden rounded half up. CapNum and CapDen bound one payer's num and den; Proportion adds
// num ≤ den. Name identifies the cell in errors and is unique in a plan.
type Cell struct {
	Name               string
	Rules              []Rule
	ScaleNum, ScaleDen int64
	Lo, Hi             int64
	CapNum, CapDen     int64
	Proportion         bool
}

// Value is what a run releases of one cell: nothing, or a whole number of steps in [Lo, Hi].
type Value struct {
	Released bool
	Steps    int64
}

// thresholds are the forms [value ≥ k], k = Lo+1 … Hi: 2·p·Σnum − (2k−1)·q·Σden ≥ 0, divided by their
// common factor (F ≥ 0 exactly when F/g ≥ 0), which is what makes large round scales fit. An integer F is
// never inside the gap of ½ on either side of F + ½ = 0, so an exact tie is as far from the gap as any other.
func (c *Cell) thresholds() ([]Form, error) {
	two, p, q := big.NewInt(2), big.NewInt(c.ScaleNum), big.NewInt(c.ScaleDen)
	out := make([]Form, 0, c.Hi-c.Lo)
	for k := c.Lo + 1; k <= c.Hi; k++ {
		num := new(big.Int).Mul(two, p)
		den := big.NewInt(k)
		den.Mul(den, two).Sub(den, big.NewInt(1)).Mul(den, q)
		g := new(big.Int).GCD(nil, nil, num, den)
		num.Quo(num, g)
		den.Quo(den, g)
		if !num.IsInt64() || !den.IsInt64() {
			return nil, fmt.Errorf("scale %d/%d at threshold %d leaves 64 bits", c.ScaleNum, c.ScaleDen, k)
		}
		out = append(out, Form{Num: num.Int64(), Den: -den.Int64()})
	}
	return out, nil
}

// vertex is a corner of the set of inputs that one payer may give for a cell.
type vertex struct{ num, den, has int64 }

// vertices lists the corners of the convex hulls of the allowed inputs with den = 0 and with den ≥ 1; a
// linear form takes its extremes there, exactly.
func (c *Cell) vertices() []vertex {
	if c.Proportion {
		top := min(c.CapNum, c.CapDen)
		return []vertex{{0, 0, 0}, {0, 1, 1}, {min(1, top), 1, 1}, {0, c.CapDen, 1}, {top, c.CapDen, 1}, {top, max(1, top), 1}}
	}
	return []vertex{{0, 0, 0}, {c.CapNum, 0, 0}, {0, 1, 1}, {c.CapNum, 1, 1}, {0, c.CapDen, 1}, {c.CapNum, c.CapDen, 1}}
}

// span is the exact range of a form over all inputs the caps allow (payer 0 stands for "the" payer of Own and OwnNum).
func (c *Cell) span(f Form, payers int) (lo, hi *big.Int) {
	lo, hi = big.NewInt(f.Const), big.NewInt(f.Const)
	mn, mx := c.extremes(f, true)
	lo.Add(lo, mn)
	hi.Add(hi, mx)
	mn, mx = c.extremes(f, false)
	others := big.NewInt(int64(payers - 1))
	return lo.Add(lo, mn.Mul(mn, others)), hi.Add(hi, mx.Mul(mx, others))
}

// extremes are the least and the largest part of one payer in a form, its constant apart: of the payer that the form is about (owner), or of
// another one.
func (c *Cell) extremes(f Form, owner bool) (lo, hi *big.Int) {
	for _, v := range c.vertices() {
		x := dot([2]int64{f.Num, v.num}, [2]int64{f.Den, v.den}, [2]int64{f.Has, v.has})
		if owner {
			x.Add(x, dot([2]int64{f.Own, v.den}, [2]int64{f.OwnNum, v.num}))
		}
		if lo == nil || x.Cmp(lo) < 0 {
			lo = x
		}
		if hi == nil || x.Cmp(hi) > 0 {
			hi = x
		}
	}
	return lo, hi
}

// dot is the sum of products, exactly.
func dot(pairs ...[2]int64) *big.Int {
	sum, t := new(big.Int), new(big.Int)
	for _, p := range pairs {
		if p[0] != 0 && p[1] != 0 {
			sum.Add(sum, t.Mul(big.NewInt(p[0]), big.NewInt(p[1])))
		}
	}
	return sum
}

// spread is the largest |2F + 1| over all allowed inputs. The slot carries (2F+1)/span, span a little more
// than spread (marginBits), which lies inside (−1, 1) and is at least 1/span away from 0. The form fits a
// parameter set when span ≤ 2^alpha.
func (c *Cell) spread(f Form, payers int) *big.Int {
	lo, hi := c.span(f, payers)
	one := big.NewInt(1)
	for _, x := range []*big.Int{lo, hi} {
		x.Lsh(x, 1).Add(x, one).Abs(x)
	}
	if lo.Cmp(hi) > 0 {
		return lo
	}
	return hi
}

// exclusive tells whether two forms can never be ≥ 0 together. It asks for F₁ + F₂ < 0 over all allowed
// inputs, which is sufficient and is what interval rules (n ≥ m or n ≤ 0) give.
func (c *Cell) exclusive(f, g Form, payers int) bool {
	sum := dot([2]int64{1, f.Const}, [2]int64{1, g.Const})
	if !sum.IsInt64() {
		return false
	}
	s := Form{Num: f.Num + g.Num, Den: f.Den + g.Den, Has: f.Has + g.Has, Const: sum.Int64()}
	// A sum of two int64 that wrapped has the sign opposite to both addends.
	for _, t := range [...][3]int64{{f.Num, g.Num, s.Num}, {f.Den, g.Den, s.Den}, {f.Has, g.Has, s.Has}} {
		if (t[0] >= 0) == (t[1] >= 0) && (t[0] >= 0) != (t[2] >= 0) {
			return false
		}
	}
	_, hi := c.span(s, payers)
	return hi.Sign() < 0
}

// validate checks the cell on its own; the text says what to change.
func (c *Cell) validate(payers int) error {
	switch {
	case c.ScaleNum < 1 || c.ScaleDen < 1:
		return fmt.Errorf("the scale %d/%d must be a positive fraction", c.ScaleNum, c.ScaleDen)
	case c.Lo < 0 || c.Hi <= c.Lo || c.Hi > maxSteps:
		return fmt.Errorf("the range %d to %d must satisfy 0 ≤ lo < hi ≤ %d", c.Lo, c.Hi, int64(maxSteps))
	case c.CapDen < 1 || c.CapNum < 0 || c.CapDen > maxCap || c.CapNum > maxCap:
		return fmt.Errorf("the caps num %d, den %d must lie in 0 (den: 1) to 2^40", c.CapNum, c.CapDen)
	}
	for _, r := range c.Rules {
		if r.Name == "" || len(r.Name) > maxName {
			return fmt.Errorf("a rule needs a name of 1 to %d bytes", maxName)
		}
		if len(r.AnyOf) < 1 || len(r.AnyOf) > 2 || r.PerPayer && len(r.AnyOf) != 1 {
			return fmt.Errorf("rule %s: one form, or two for a rule that is not per payer; it has %d", r.Name, len(r.AnyOf))
		}
		for _, f := range r.AnyOf {
			if (f.Own != 0 || f.OwnNum != 0) && !r.PerPayer {
				return fmt.Errorf("rule %s: a payer's own numbers outside a per-payer rule", r.Name)
			}
		}
		if len(r.AnyOf) == 2 && !c.exclusive(r.AnyOf[0], r.AnyOf[1], payers) {
			return fmt.Errorf("rule %s: its two forms can hold together within the caps; their sum must stay below 0", r.Name)
		}
	}
	return nil
}

const (
	maxName  = 256
	maxSteps = 1 << 40 // the largest step number; the number of thresholds is limited by the layout
	maxCap   = 1 << 40 // far above what any parameter set can carry; keeps sums over payers inside int64
)
