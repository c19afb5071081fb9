package disclosure

import (
	"reflect"
	"testing"
)

func TestLine(t *testing.T) {
	prog := Program{
		Rules:    []Rule{{Name: "contributors", AnyOf: []Form{{Has: 1, Const: -3}}}, {Name: leastDen, AnyOf: []Form{{Den: 1, Const: -30}}}},
		ScaleNum: 100, ScaleDen: 1, Lo: 5, Hi: 95, Step: 1, Coded: true, CapNum: 500, CapDen: 500,
	}
	for _, c := range []struct {
		people          int64
		asked, reliable bool
	}{{0, false, false}, {1, false, true}, {30, false, true}, {31, true, false}, {1500, true, false}, {1501, false, false}, {1 << 62, false, false}} {
		if asked, reliable := prog.Line(c.people, 3); asked != c.asked || reliable != c.reliable {
			t.Errorf("%d people: asked %t, reliable %t", c.people, asked, reliable)
		}
	}
	before := Program{Rules: []Rule{{Name: "contributors", AnyOf: []Form{{Has: 1, Const: -3}}}, {Name: leastDen, AnyOf: []Form{{Den: 1, Const: -30}}}}}
	q := prog.Asking(42)
	if want := (Form{Den: 1, Const: -42}); q.Rules[1].AnyOf[0] != want || q.Rules[1].Name != leastDen || len(q.Rules) != 2 || !reflect.DeepEqual(q.Rules[0], prog.Rules[0]) {
		t.Errorf("rules %+v", q.Rules)
	}
	if !reflect.DeepEqual(prog.Rules, before.Rules) {
		t.Errorf("the cell's own rules have changed: %+v", prog.Rules)
	}
	// The one threshold is 2·ScaleNum·num − ScaleDen·den ≥ 0: out of reach of any part of a denominator.
	for den := int64(1); den < 50; den++ {
		for num := int64(0); num <= den; num++ {
			if 2*q.ScaleNum*num-q.ScaleDen*den >= 0 {
				t.Fatalf("%d of %d has a value", num, den)
			}
		}
	}
	if q.Lo != 0 || q.Hi != 1 || q.CapDen != 500 {
		t.Errorf("%+v", q)
	}
}
