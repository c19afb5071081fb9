package predicate

import (
	"slices"
	"testing"
)

// TestEachRuleAlone: for every rule a cell that breaks it and no other, beside the same cell and figures
// without that rule. The first is suppressed, the second released, under real lattices, wherever the layout
// puts the rule (window, late factor in either stage), and in a search.
func TestEachRuleAlone(t *testing.T) {
	broken := []struct {
		rule     string
		num, den [3]int64
	}{
		{"contributors", [3]int64{50, 50, 0}, [3]int64{100, 100, 0}},
		{"share", [3]int64{20, 20, 10}, [3]int64{61, 20, 19}},
		{"denominator", [3]int64{5, 5, 5}, [3]int64{10, 10, 9}},
		{"numerator", [3]int64{4, 3, 3}, [3]int64{34, 33, 33}},
		{"complement", [3]int64{30, 30, 30}, [3]int64{34, 33, 33}},
	}
	for _, tc := range []struct {
		set    string
		payers int
		cap    int64
	}{{"toy", 3, 1800}, {"toy", 15, 360}, {"toy-wide", 3, 50000}, {"toy-wide", 15, 9000}} {
		t.Run(name(tc.set, "/", tc.payers), func(t *testing.T) {
			f := qualityRate(tc.cap)
			r := &run{num: make([][]int64, tc.payers), den: make([][]int64, tc.payers)}
			for _, b := range broken {
				with := f.cell(b.rule + " broken")
				without := f.cell(b.rule + " removed")
				without.Rules = slices.DeleteFunc(without.Rules, func(x Rule) bool { return x.Name == b.rule })
				if len(without.Rules) != len(with.Rules)-1 {
					t.Fatalf("no rule %s", b.rule)
				}
				var in input
				for j := range tc.payers {
					var num, den int64
					if at := (j + len(r.cells)) % tc.payers; at < 3 { // another payer first each time
						num, den = b.num[at], b.den[at]
					}
					in.num, in.den = append(in.num, num), append(in.den, den)
				}
				if f.textbook(in.num, in.den).Released {
					t.Fatalf("%s is not broken", b.rule)
				}
				loose := f
				switch b.rule { // the textbook without the rule
				case "contributors":
					loose.contributors = 0
				case "share":
					loose.shareA, loose.shareB = 1, 1
				case "denominator":
					loose.minDen = 1
				case "numerator", "complement":
					loose.minCell = 1
				}
				r.cells = append(r.cells, with, without)
				r.want = append(r.want, Value{}, loose.textbook(in.num, in.den))
				for j := range tc.payers {
					r.num[j] = append(r.num[j], in.num[j], in.num[j])
					r.den[j] = append(r.den[j], in.den[j], in.den[j])
				}
			}
			p, err := NewPlan(r.cells, tc.payers, true)
			must(t, err)
			if p.Set().Name != tc.set {
				t.Fatalf("set %s: adjust the cap", p.Set().Name)
			}
			plans := []*Plan{p}
			if tc.payers == 3 { // a search puts rules nowhere else for more payers
				plans = append(plans, searchFor(t, p, 64, 10))
			}
			for _, p := range plans {
				n := newNetwork(t, p)
				result, _ := n.evaluate(n.contribute(r.num, r.den, nil))
				got, err := p.Decode(n.open(result))
				must(t, err)
				if released := r.compare(t, got); released != len(broken) {
					t.Fatalf("%d cells released, want %d", released, len(broken))
				}
			}
		})
	}
}
