package predicate

import (
	"fmt"
	"math/big"

	"pgregory.net/rapid"
)

// profile is a disclosure profile in the words of health care; rules below is the test's own statement of
// it, and textbook the computation that no line of the package is used for.
type profile struct {
	contributors    int64
	shareA, shareB  int64 // one payer's largest share a/b
	minDen, minCell int64
	proportion      bool
	p, q, lo, hi    int64
	capNum, capDen  int64
	others          int64 // num, and den − num, without any one payer: at least this; 0 = no rule
}

func qualityRate(capDen int64) profile {
	return profile{3, 3, 5, 30, 11, true, 100, 1, 5, 95, capDen, capDen, 0}
}

func priceLike(capNum, capDen, p, q, hi int64) profile {
	return profile{3, 2, 5, 30, 0, false, p, q, 0, hi, capNum, capDen, 0}
}

func (f profile) cell(name string) Cell {
	c := Cell{Name: name, ScaleNum: f.p, ScaleDen: f.q, Lo: f.lo, Hi: f.hi, CapNum: f.capNum, CapDen: f.capDen, Proportion: f.proportion}
	c.Rules = []Rule{
		{Name: "contributors", AnyOf: []Form{{Has: 1, Const: -f.contributors}}},
		{Name: "share", PerPayer: true, AnyOf: []Form{{Den: f.shareA, Own: -f.shareB}}},
		{Name: "denominator", AnyOf: []Form{{Den: 1, Const: -f.minDen}}},
	}
	if f.others > 0 {
		c.Rules = append(c.Rules,
			Rule{Name: "others-numerator", PerPayer: true, AnyOf: []Form{{Num: 1, OwnNum: -1, Const: -f.others}}},
			Rule{Name: "others-complement", PerPayer: true, AnyOf: []Form{{Den: 1, Num: -1, Own: -1, OwnNum: 1, Const: -f.others}}})
	} else if f.proportion {
		c.Rules = append(c.Rules,
			Rule{Name: "numerator", AnyOf: []Form{{Num: 1, Const: -f.minCell}, {Num: -1}}},
			Rule{Name: "complement", AnyOf: []Form{{Den: 1, Num: -1, Const: -f.minCell}, {Den: -1, Num: 1}}})
	}
	return c
}

// textbook decides one cell from first principles.
func (f profile) textbook(num, den []int64) Value {
	var sumNum, sumDen, contributors, largest int64
	for i := range den {
		sumNum += num[i]
		sumDen += den[i]
		if den[i] > 0 {
			contributors++
		}
		largest = max(largest, den[i])
	}
	if contributors < f.contributors || sumDen < f.minDen || largest*f.shareB > sumDen*f.shareA {
		return Value{}
	}
	if f.proportion {
		if sumNum != 0 && sumNum < f.minCell {
			return Value{}
		}
		if other := sumDen - sumNum; other != 0 && other < f.minCell {
			return Value{}
		}
	}
	for i := range den {
		if num, rest := sumNum-num[i], sumDen-sumNum-(den[i]-num[i]); f.others > 0 && (num < f.others || rest < f.others) {
			return Value{}
		}
	}
	// ⌊p/q · num/den + ½⌋ in rationals.
	r := new(big.Rat).SetFrac64(f.p, f.q)
	r.Mul(r, new(big.Rat).SetFrac64(sumNum, sumDen))
	r.Add(r, big.NewRat(1, 2))
	whole := new(big.Int).Div(r.Num(), r.Denom()).Int64()
	return Value{Released: true, Steps: min(max(whole, f.lo), f.hi)}
}

// input is one cell's input, one entry per payer.
type input struct{ num, den []int64 }

// spreadOver splits totals over payers within the caps: den as even as the weights say, num under den.
func (f profile) spreadOver(t *rapid.T, payers int, num, den int64, even bool) input {
	in := input{make([]int64, payers), make([]int64, payers)}
	left := den
	for i := range payers {
		x := left / int64(payers-i)
		if !even && left > 0 && i < payers-1 {
			x = rapid.Int64Range(0, left).Draw(t, "part")
		}
		in.den[i] = min(x, f.capDen)
		left -= in.den[i]
	}
	for i := 0; left > 0 && i < payers; i++ {
		x := min(left, f.capDen-in.den[i])
		in.den[i] += x
		left -= x
	}
	left = num
	for i := 0; left > 0 && i < payers; i++ {
		most := f.capNum
		if f.proportion {
			most = min(most, in.den[i])
		}
		in.num[i] = min(left, most)
		left -= in.num[i]
	}
	return in
}

// adversarial draws an input at or beside every edge that a rule or a rounding has.
func (f profile) adversarial(t *rapid.T, payers int) input {
	most := f.capDen * int64(payers)
	pick := func(name string, lo, hi int64) int64 { return rapid.Int64Range(lo, max(lo, hi)).Draw(t, name) }
	clamp := func(num, den int64) int64 {
		if f.proportion {
			return min(max(num, 0), den)
		}
		return min(max(num, 0), f.capNum*int64(payers))
	}
	tie := func(den, off int64) int64 { // num beside a tie p/q·num/den = k − ½
		k := pick("k", f.lo+1, f.hi)
		return clamp((2*k-1)*f.q*den/(2*f.p)+off, den)
	}
	switch rapid.IntRange(0, 11).Draw(t, "case") {
	case 0: // nobody has anything
		return f.spreadOver(t, payers, 0, 0, true)
	case 1: // one below, at and above the smallest denominator
		den := pick("den", f.minDen-1, f.minDen+1)
		return f.spreadOver(t, payers, clamp(pick("num", 0, den), den), den, true)
	case 2: // exact ties, one below, one above
		g := 2 * f.p
		den := g * pick("times", 1, most/g)
		return f.spreadOver(t, payers, tie(den, pick("off", -1, 1)), den, true)
	case 3: // the largest denominators, beside a tie
		den := most - pick("less", 0, min(50, most))
		return f.spreadOver(t, payers, tie(den, pick("off", -1, 1)), den, true)
	case 4, 5: // small numerators; small complements
		den := pick("den", f.minDen, most)
		num := clamp(pick("num", f.minCell-1, f.minCell)*pick("some", 0, 1), den)
		if f.proportion && rapid.Bool().Draw(t, "complement") {
			num = den - num
		}
		return f.spreadOver(t, payers, num, den, true)
	case 6, 7: // one payer exactly at the largest share, and one above
		unit := pick("unit", 1, max(1, f.capDen/f.shareB))
		den, top := unit*f.shareB, unit*f.shareA+pick("above", 0, 1)
		rest := f.spreadOver(t, payers-1, 0, max(0, den-top), true)
		at := rapid.IntRange(0, payers-1).Draw(t, "who")
		in := input{make([]int64, payers), append(append(append([]int64(nil), rest.den[:at]...), min(top, f.capDen)), rest.den[at:]...)}
		for i := range in.num {
			in.num[i] = min(clamp(pick("num", 0, in.den[i]), in.den[i]), f.capNum)
		}
		return in
	case 8: // exactly as many contributors as needed, and one fewer
		n := int(pick("contributors", f.contributors-1, f.contributors))
		in := input{make([]int64, payers), make([]int64, payers)}
		for _, i := range rapid.Permutation(indexes(payers)).Draw(t, "who")[:min(n, payers)] {
			in.den[i] = pick("den", 1, min(f.capDen, 60))
			in.num[i] = min(pick("num", 0, in.den[i]), f.capNum)
		}
		return in
	case 9: // nothing and everything
		den := pick("den", 1, most)
		return f.spreadOver(t, payers, clamp(den*pick("all", 0, 1), den), den, true)
	default:
		den := pick("den", 0, most)
		return f.spreadOver(t, payers, clamp(pick("num", 0, max(den, 1)), den), den, rapid.Bool().Draw(t, "even"))
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// run is a whole test problem: cells with their profiles and inputs in the plan's layout.
type run struct {
	cells    []Cell
	want     []Value
	num, den [][]int64 // [payer][cell]
}

// draw makes a problem of count cells that take turns over the profiles.
func draw(t *rapid.T, payers, count int, profiles ...profile) *run {
	r := &run{num: make([][]int64, payers), den: make([][]int64, payers)}
	for i := range count {
		f := profiles[i%len(profiles)]
		in := f.adversarial(t, payers)
		r.cells = append(r.cells, f.cell(fmt.Sprintf("measure-%d/practice-%d", i%len(profiles), i)))
		r.want = append(r.want, f.textbook(in.num, in.den))
		for j := range payers {
			r.num[j] = append(r.num[j], in.num[j])
			r.den[j] = append(r.den[j], in.den[j])
		}
	}
	return r
}
