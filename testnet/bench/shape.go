package bench

import (
	"fmt"
	"math/big"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// shape is a kind of measure under a disclosure profile, in the words of health care.
type shape struct {
	name         string
	proportion   bool
	p, q         int64 // value = p/q · num/den, rounded half up
	lo, hi       int64
	minDen       int64
	minCell      int64 // of numerator and complement, unless 0; proportions only
	contributors int64
	shareA       int64 // no payer has more than shareA/shareB of the denominator
	shareB       int64
	numA, numB   int64 // cap of num: numA/numB times that of den
	capNum       int64 // set by fit
	capDen       int64
}

// shapes are those of the built-in DE-SynPUF measures: readmissions and diabetes, length of stay, admissions, cost of care.
func shapes(payers int) []shape {
	cost := shape{name: "cost", p: 1, q: 2, hi: 50, minDen: 600, contributors: 5, shareA: 1, shareB: 4, numA: 100, numB: 1}
	if payers < 5 { // five contributors of at most a quarter do not exist
		cost.contributors, cost.shareA, cost.shareB = 3, 3, 5
	}
	return []shape{
		{name: "readmission", proportion: true, p: 100, q: 1, lo: 5, hi: 95, minDen: 30, minCell: 11, contributors: 3, shareA: 3, shareB: 5, numA: 1, numB: 1},
		{name: "stay", p: 10, q: 1, hi: 100, minDen: 30, contributors: 3, shareA: 3, shareB: 5, numA: 10, numB: 1},
		{name: "admission", p: 1200, q: 1, hi: 100, minDen: 600, contributors: 3, shareA: 3, shareB: 5, numA: 9, numB: 100},
		cost,
	}
}

// cell states the shape for the circuit.
func (s shape) cell(name string) predicate.Cell {
	c := predicate.Cell{
		Name: name, ScaleNum: s.p, ScaleDen: s.q, Lo: s.lo, Hi: s.hi, CapNum: s.capNum, CapDen: s.capDen, Proportion: s.proportion,
		Rules: []predicate.Rule{
			{Name: "contributors", AnyOf: []predicate.Form{{Has: 1, Const: -s.contributors}}},
			{Name: "share", PerPayer: true, AnyOf: []predicate.Form{{Den: s.shareA, Own: -s.shareB}}},
			{Name: "denominator", AnyOf: []predicate.Form{{Den: 1, Const: -s.minDen}}},
		},
	}
	if s.proportion {
		c.Rules = append(c.Rules,
			predicate.Rule{Name: "numerator", AnyOf: []predicate.Form{{Num: 1, Const: -s.minCell}, {Num: -1}}},
			predicate.Rule{Name: "complement", AnyOf: []predicate.Form{{Den: 1, Num: -1, Const: -s.minCell}, {Den: -1, Num: 1}}})
	}
	return c
}

// sets are the parameter sets in the order in which a plan tries them, toy ones apart.
var sets = map[string]struct {
	toy  bool
	next string // the set that a plan takes when this one is too narrow
}{"standard": {false, "wide"}, "wide": {false, ""}, "toy": {true, "toy-wide"}, "toy-wide": {true, ""}}

// fit gives the shape the widest caps that a set carries with a strategy.
func (s shape) fit(set string, by predicate.Strategy, payers int) (shape, error) {
	toy := sets[set].toy
	fits := func(den int64) bool {
		s.capDen, s.capNum = den, max(1, den*s.numA/s.numB)
		p, err := predicate.NewPlanAs(by, []predicate.Cell{s.cell("x")}, payers, toy)
		return err == nil && p.Set().Name != sets[set].next
	}
	lo, hi := int64(1), int64(1)<<30 // fits, does not fit
	if !fits(lo) {
		return s, fmt.Errorf("shape %s does not fit parameter set %s for %d payers", s.name, set, payers)
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; fits(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	fits(lo)
	return s, nil
}

// exact decides one cell from first principles: num and den by payer.
func (s shape) exact(num, den []int64) predicate.Value {
	var sumNum, sumDen, contributors int64
	for i := range den {
		sumNum += num[i]
		sumDen += den[i]
		if den[i] >= 1 {
			contributors++
		}
	}
	if contributors < s.contributors || sumDen < s.minDen {
		return predicate.Value{}
	}
	for _, d := range den {
		if new(big.Rat).SetFrac64(d, sumDen).Cmp(big.NewRat(s.shareA, s.shareB)) > 0 {
			return predicate.Value{}
		}
	}
	if s.minCell > 0 {
		for _, n := range []int64{sumNum, sumDen - sumNum} {
			if n > 0 && n < s.minCell {
				return predicate.Value{}
			}
		}
	}
	r := new(big.Rat).Mul(big.NewRat(s.p, s.q), new(big.Rat).SetFrac64(sumNum, sumDen))
	r.Add(r, big.NewRat(1, 2))
	floor := new(big.Int).Div(r.Num(), r.Denom())
	return predicate.Value{Released: true, Steps: min(max(floor.Int64(), s.lo), s.hi)}
}
