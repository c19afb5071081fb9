package predicate

import "math/big"

// Oracle computes, in exact integers and from the same forms, what the circuit computes on ciphertext:
// num and den are [payer][cell]. It is for tests, rehearsals and audits, where somebody legitimately holds
// all inputs. Values are in the order of Decode. Inputs outside the caps get the value of the definition; the circuit would spoil.
func (p *Plan) Oracle(num, den [][]int64) []Value {
	values := make([]Value, len(p.cells))
	for i := range p.cells {
		sum := aggregate{own: make([]int64, p.payers), ownNum: make([]int64, p.payers)}
		for j := range p.payers {
			sum.num.Add(&sum.num, big.NewInt(num[j][i]))
			sum.den.Add(&sum.den, big.NewInt(den[j][i]))
			if den[j][i] >= 1 {
				sum.has++
			}
			sum.own[j], sum.ownNum[j] = den[j][i], num[j][i]
		}
		values[i] = p.cells[i].evaluate(&sum)
	}
	if p.parts != nil {
		return p.parts.oracle(p, values)
	}
	return values
}

// aggregate is what the forms of a cell see.
type aggregate struct {
	num, den big.Int
	has      int64
	own      []int64 // each payer's den
	ownNum   []int64 // and num
}

func (c *Cell) evaluate(sum *aggregate) Value {
	for _, r := range c.Rules {
		owners := []int{-1}
		if r.PerPayer {
			owners = owners[:0]
			for i := range sum.own {
				owners = append(owners, i)
			}
		}
		for _, owner := range owners {
			holds := false
			for _, f := range r.AnyOf {
				holds = holds || sum.holds(f, owner)
			}
			if !holds {
				return Value{}
			}
		}
	}
	thresholds, err := c.thresholds()
	if err != nil {
		return Value{} // NewPlan has refused such a cell
	}
	v := Value{Released: true, Steps: c.Lo}
	for _, f := range thresholds {
		if sum.holds(f, -1) {
			v.Steps++
		}
	}
	return v
}

// holds evaluates a form exactly.
func (a *aggregate) holds(f Form, owner int) bool {
	x, t := big.NewInt(f.Const), new(big.Int)
	x.Add(x, t.Mul(big.NewInt(f.Num), &a.num))
	x.Add(x, t.Mul(big.NewInt(f.Den), &a.den))
	x.Add(x, t.Mul(big.NewInt(f.Has), big.NewInt(a.has)))
	if owner >= 0 {
		x.Add(x, t.Mul(big.NewInt(f.Own), big.NewInt(a.own[owner])))
		x.Add(x, t.Mul(big.NewInt(f.OwnNum), big.NewInt(a.ownNum[owner])))
	}
	return x.Sign() >= 0
}
