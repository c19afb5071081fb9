package predicate

import "math/big"

// A clipped form is a form F = Σ part_i + Const, in which every payer's part is cut to the range that can
// still matter. If one part alone makes F ≥ 0 whatever the others are, a larger one does so too, and the
// same below: the sign of F never changes, its span shrinks. den ≥ 30 becomes Σ min(den_i, 30) ≥ 30, and
// "num is 0" becomes Σ min(num_i, 1) < 1, with spans that no longer know the caps. Each payer cuts its own
// part in the clear.
type clipped struct {
	form  Form
	owner int      // the payer whose numbers enter with Own and OwnNum; −1 if none
	own   [2]int64 // least and largest part of the owner
	other [2]int64 // … of everybody else
	least int64    // F with every part at its least: what payer 0 adds to the parts
	span  int64    // of 2F+1 over the cut parts, with the margin: see Cell.spread
}

// part is what payer i's cut part of F exceeds its least value by.
func (f *clipped) part(payer int, num, den, has int64) int64 {
	x, r := f.form.Num*num+f.form.Den*den+f.form.Has*has, f.other
	if payer == f.owner {
		x, r = x+f.form.Own*den+f.form.OwnNum*num, f.own
	}
	return min(max(x, r[0]), r[1]) - r[0]
}

// clip cuts a form over the inputs that the caps of a cell allow. ok is false when its numbers leave 62 bits.
//
// Upper ends first: part_i above −Const − Σ_{j≠i} least_j means F ≥ 0 for all the others' choices, so it may
// be cut to that (or to its own least value, when F ≥ 0 always). Then lower ends, in the same way, with the
// largest values that are left. Cutting one payer's part leaves the least values of the others as they are,
// so the argument holds for all payers in turn.
func (c *Cell) clip(f Form, owner, payers int) (out clipped, ok bool) {
	out = clipped{form: f, owner: owner}
	const most = 1 << 45 // of a part: sums over payers and doubling stay far inside int64
	fits := func(v ...*big.Int) bool {
		for _, x := range v {
			if x.CmpAbs(big.NewInt(most)) > 0 {
				return false
			}
		}
		return true
	}
	lo, hi := c.extremes(f, false)
	ownLo, ownHi := c.extremes(f, owner >= 0)
	if !fits(lo, hi, ownLo, ownHi, big.NewInt(f.Const)) {
		return out, false
	}
	own, other := [2]int64{ownLo.Int64(), ownHi.Int64()}, [2]int64{lo.Int64(), hi.Int64()}
	rest := int64(payers - 1)
	enoughOwn, enough := -f.Const-rest*other[0], -f.Const-own[0]-(rest-1)*other[0]
	own[1] = min(own[1], max(enoughOwn, own[0]))
	other[1] = min(other[1], max(enough, other[0]))
	tooLowOwn, tooLow := -f.Const-1-rest*other[1], -f.Const-1-own[1]-(rest-1)*other[1]
	own[0] = max(own[0], min(tooLowOwn, own[1]))
	other[0] = max(other[0], min(tooLow, other[1]))
	out.own, out.other = own, other
	out.least = own[0] + rest*other[0] + f.Const
	out.span = withMargin(max(magnitude(out.least), magnitude(own[1]+rest*other[1]+f.Const)))
	return out, true
}

// magnitude is |2F+1|.
func magnitude(f int64) int64 { return max(2*f+1, -2*f-1) }

// withMargin widens a largest magnitude so that slots keep 2^−marginBits away from ±1.
func withMargin(x int64) int64 { return x + x>>marginBits + 1 }
