package predicate

import (
	"strings"
	"testing"
)

func TestLayoutHolds100Thresholds(t *testing.T) {
	if MaxThresholds < 100 {
		t.Fatalf("room for %d thresholds", MaxThresholds)
	}
	seen := map[int]string{}
	claim := func(what string, slots ...int) {
		for _, s := range slots {
			if s < 0 || s >= BlockSlots || seen[s] != "" {
				t.Fatalf("slot %d of %s is outside the block or taken by %s", s, what, seen[s])
			}
			seen[s] = what
		}
	}
	claim("guards", guards...)
	claim("thresholds", thresholdSlots...)
	for i := range windowSlots {
		claim("window", windowStart+i)
	}
	for _, p := range pairs {
		claim("late factors", p, p+1)
	}
	if len(seen) != BlockSlots {
		t.Fatalf("%d slots used", len(seen))
	}
}

// TestGuards: with every free slot true and late factors at either bit, no product of windowSlots successive
// bits survives but the window's own; and each guard is needed.
func TestGuards(t *testing.T) {
	survivors := func(choice int, drop int) int {
		bits := make([]bool, 2*BlockSlots) // two blocks: products cross their border
		for b := range 2 {
			for s := range BlockSlots {
				bits[b*BlockSlots+s] = true
			}
			for i, p := range pairs {
				bits[b*BlockSlots+p+choice>>i&1] = false
			}
			for i, g := range guards {
				bits[b*BlockSlots+g] = i == drop
			}
		}
		n := 0
		for s := range BlockSlots {
			all := true
			for i := range windowSlots {
				all = all && bits[s+i]
			}
			if all && s != windowStart {
				n++
			}
		}
		return n
	}
	for choice := range 1 << len(pairs) {
		if n := survivors(choice, -1); n != 0 {
			t.Fatalf("late factors %03b: %d stray products", choice, n)
		}
	}
	for i, g := range guards {
		stray := 0
		for choice := range 1 << len(pairs) {
			stray += survivors(choice, i)
		}
		if stray == 0 {
			t.Errorf("guard at slot %d protects nothing", g)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	base := qualityRate(100)
	for _, tc := range []struct {
		name   string
		payers int
		change func(*Cell)
		want   string
	}{
		{"too many gates", 15, func(c *Cell) {
			c.Rules = append(c.Rules, Rule{Name: "x", AnyOf: []Form{{Den: 1, Const: -1}}})
		}, "late factors"},
		{"too many steps", 3, func(c *Cell) { c.Lo, c.Hi = 0, 101 }, "has 101 steps"},
		{"overlapping forms", 3, func(c *Cell) { c.Rules[3].AnyOf[1] = Form{Num: -1, Const: 11} }, "can hold together"},
		{"two forms per payer", 3, func(c *Cell) { c.Rules[1].AnyOf = append(c.Rules[1].AnyOf, Form{Den: -1}) }, "rule share: one form"},
		{"no form", 3, func(c *Cell) { c.Rules[0].AnyOf = nil }, "rule contributors: one form"},
		{"own outside per payer", 3, func(c *Cell) { c.Rules[2].AnyOf[0].Own = 1 }, "outside a per-payer rule"},
		{"scale", 3, func(c *Cell) { c.ScaleDen = 0 }, "positive fraction"},
		{"range", 3, func(c *Cell) { c.Hi = c.Lo }, "lo < hi"},
		{"caps", 3, func(c *Cell) { c.CapDen = 0 }, "caps"},
		{"too wide", 3, func(c *Cell) { c.CapNum, c.CapDen = 1<<20, 1<<20 }, "lower the caps"},
		{"no name", 3, func(c *Cell) { c.Name = "" }, "its name"},
		{"huge coefficient", 3, func(c *Cell) { c.Rules[0].AnyOf[0] = Form{Num: 1 << 62, Den: 1 << 62, Const: -1 << 63} }, "needs 63.00 bits"},
	} {
		c := base.cell("m/p")
		tc.change(&c)
		if _, err := NewPlanAs(Direct, []Cell{c}, tc.payers, true); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	c := base.cell("m/p")
	if _, err := NewPlan([]Cell{c, c}, 3, true); err == nil || !strings.Contains(err.Error(), "cell 1: its name") {
		t.Errorf("duplicate name: got %v", err)
	}
	if _, err := NewPlan([]Cell{c}, 15, true); err != nil {
		t.Errorf("the quality profile must fit 15 payers: %v", err)
	}
}
