package predicate

import (
	"testing"

	"pgregory.net/rapid"
)

// TestClipKeepsTheSign: over all inputs of two or three payers within small caps, the sum of the cut parts
// has the sign of the form, and stays inside the span.
func TestClipKeepsTheSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int64Range(-6, 6)
		c := Cell{CapNum: rapid.Int64Range(0, 4).Draw(t, "capNum"), CapDen: rapid.Int64Range(1, 4).Draw(t, "capDen"), Proportion: rapid.Bool().Draw(t, "proportion")}
		f := Form{Num: small.Draw(t, "num"), Den: small.Draw(t, "den"), Has: small.Draw(t, "has"), Const: rapid.Int64Range(-20, 20).Draw(t, "const")}
		payers, owner := rapid.IntRange(2, 3).Draw(t, "payers"), -1
		if rapid.Bool().Draw(t, "per payer") {
			f.Own, f.OwnNum, owner = small.Draw(t, "own"), small.Draw(t, "own num"), rapid.IntRange(0, payers-1).Draw(t, "owner")
		}
		g, ok := c.clip(f, owner, payers)
		if !ok {
			t.Fatal("refused small numbers")
		}
		var inputs [][2]int64
		for n := range c.CapNum + 1 {
			for d := range c.CapDen + 1 {
				if !c.Proportion || n <= d {
					inputs = append(inputs, [2]int64{n, d})
				}
			}
		}
		var walk func(payer int, exact, cut int64)
		walk = func(payer int, exact, cut int64) {
			if payer == payers {
				exact, cut = exact+f.Const, cut+g.least
				if (exact >= 0) != (cut >= 0) {
					t.Fatalf("%v, owner %d: %d became %d (%+v)", f, owner, exact, cut, g)
				}
				if magnitude(cut) >= g.span {
					t.Fatalf("%v: %d leaves the span %d", f, cut, g.span)
				}
				return
			}
			for _, in := range inputs {
				has := min(in[1], 1)
				x := f.Num*in[0] + f.Den*in[1] + f.Has*has
				if payer == owner {
					x += f.Own*in[1] + f.OwnNum*in[0]
				}
				walk(payer+1, exact+x, cut+g.part(payer, in[0], in[1], has))
			}
		}
		walk(0, 0, 0)
	})
}

// TestClipForgetsTheCaps: rules on small counts have spans of the rule, not of the caps, and the share's is
// no wider than before.
func TestClipForgetsTheCaps(t *testing.T) {
	c := qualityRate(1000).cell("m/p")
	for _, tc := range []struct {
		form  Form
		owner int
		most  int64
	}{
		{Form{Den: 1, Const: -30}, -1, 2 * 5 * 30},
		{Form{Num: 1, Const: -11}, -1, 2 * 5 * 11},
		{Form{Num: -1}, -1, 2 * 5},
		{Form{Den: 1, Num: -1, Const: -11}, -1, 2 * 5 * 11},
		{Form{Den: -1, Num: 1}, -1, 2 * 5},
		{Form{Has: 1, Const: -3}, -1, 6},
		{Form{Den: 3, Own: -5}, 2, 16100},
	} {
		g, ok := c.clip(tc.form, tc.owner, 5)
		if !ok || g.span > tc.most {
			t.Errorf("%v: span %d, want at most %d", tc.form, g.span, tc.most)
		}
	}
	if _, ok := c.clip(Form{Den: 1 << 60}, -1, 5); ok {
		t.Error("accepted a form that leaves 62 bits")
	}
}
