package predicate

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// others is quality-rate for figures that may be added up exactly: num and den − num without any one payer are at least 11.
func others(capDen int64) profile {
	f := qualityRate(capDen)
	f.others = 11
	return f
}

// TestOthersEqualsTextbook: three rules a payer, in the direct layout for the five payers that it has places for, in a search for more.
func TestOthersEqualsTextbook(t *testing.T) {
	direct, searched := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		payers := rapid.IntRange(3, 15).Draw(t, "payers")
		r := draw(t, payers, 20, others(2000/int64(payers)))
		p, err := NewPlan(r.cells, payers, true)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range p.Oracle(r.num, r.den) {
			if v != r.want[i] {
				t.Fatalf("oracle: cell %d: got %v, want %v", i, v, r.want[i])
			}
		}
		var slots [][]float64
		if p.search == nil {
			direct++
			slots = plainCircuit(t, p, r)
		} else {
			searched++
			slots = plainSearch(t, p, r)
		}
		if (p.search == nil) != (payers <= 5) {
			t.Fatalf("%d payers: %s", payers, p.Strategy())
		}
		got, err := p.Decode(slots)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if v != r.want[i] {
				t.Fatalf("%s: cell %d: got %v, want %v", p.Strategy(), i, v, r.want[i])
			}
		}
	})
	if direct == 0 || searched == 0 {
		t.Errorf("%d direct, %d searched", direct, searched)
	}
}

// TestOthersAtTheLimit: one person less than enough without the payer in question, under real lattices, whoever that payer is.
func TestOthersAtTheLimit(t *testing.T) {
	for _, payers := range []int{3, 7} {
		r := &run{num: make([][]int64, payers), den: make([][]int64, payers)}
		f := others(400)
		for big := range 3 { // who has most of the numerator, then of the rest
			for _, c := range []struct {
				most, a, b int64
			}{{30, 6, 5}, {30, 5, 5}} {
				for _, complement := range []bool{false, true} {
					num, den := make([]int64, payers), make([]int64, payers)
					for i, v := range []int64{c.most, c.a, c.b} {
						at := (big + i) % payers
						num[at], den[at] = v, 40
						if complement {
							num[at] = 40 - v
						}
					}
					want := f.textbook(num, den)
					if want.Released != (c.a == 6) {
						t.Fatalf("textbook: %v of %v", want, num)
					}
					r.cells, r.want = append(r.cells, f.cell(name("cell ", len(r.cells)))), append(r.want, want)
					for j := range payers {
						r.num[j], r.den[j] = append(r.num[j], num[j]), append(r.den[j], den[j])
					}
				}
			}
		}
		p, err := NewPlan(r.cells, payers, true)
		must(t, err)
		n := newNetwork(t, p)
		result, _ := n.evaluate(n.contribute(r.num, r.den, nil))
		got, err := p.Decode(n.open(result))
		must(t, err)
		if !slices.Equal(got, r.want) {
			t.Errorf("%d payers: got %v, want %v", payers, got, r.want)
		}
	}
}

// TestCrowded: what no block has places for is searched, or refused with the reason; the plan says the rule in words and hashes it.
func TestCrowded(t *testing.T) {
	c := others(100).cell("m/p")
	p := mustPlan(t, 9, true, c)
	if p.search == nil || !strings.Contains(p.Describe(), "num − own num − 11 ≥ 0") {
		t.Errorf("%s", p.Describe())
	}
	if _, err := NewPlanAs(Direct, []Cell{c}, 9, true); err == nil || !strings.Contains(err.Error(), "late factors") {
		t.Errorf("direct: %v", err)
	}
	other := p.Cells()
	other[0].Rules[3].AnyOf[0].OwnNum = -2
	if mustPlan(t, 9, true, other...).Hash() == p.Hash() {
		t.Error("the hash does not cover a payer's own numerator")
	}
	c.Rules[0].AnyOf[0].OwnNum = 1
	if _, err := NewPlan([]Cell{c}, 3, true); err == nil || !strings.Contains(err.Error(), "outside a per-payer rule") {
		t.Errorf("%v", err)
	}
}
