package audit

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/disclosure"
)

// TestValues: what a cell can be under a program with steps of five from 10 to 90.
func TestValues(t *testing.T) {
	p := disclosure.Program{Lo: 2, Hi: 18, Step: 5, Coded: true}
	num := func(v int64) *int64 { return &v }
	for _, c := range []struct {
		cell Cell
		why  string
	}{
		{Cell{Status: released, Value: num(45)}, ""},
		{Cell{Status: released, Value: num(10), Bound: "le"}, ""},
		{Cell{Status: released, Value: num(90), Bound: "ge"}, ""},
		{Cell{Status: suppressed}, ""},
		{Cell{Status: released, Value: num(46)}, "no multiple of the step 5"},
		{Cell{Status: released, Value: num(95)}, "outside 10…90"},
		{Cell{Status: released, Value: num(5)}, "outside 10…90"},
		{Cell{Status: released, Value: num(-1 << 63)}, "no multiple"},
		{Cell{Status: released, Value: num(10)}, `of this value it is "le"`},
		{Cell{Status: released, Value: num(45), Bound: "ge"}, `of this value it is ""`},
		{Cell{Status: released}, "neither"},
		{Cell{Status: "hidden", Value: num(45)}, "neither"},
		{Cell{Status: suppressed, Value: num(45)}, "suppressed cell has"},
		{Cell{Status: suppressed, Bound: "le"}, "suppressed cell has"},
	} {
		if got := valueIn(c.cell, p); (c.why == "") != (got == "") || !strings.Contains(got, c.why) {
			t.Errorf("%+v: %q, want %q", c.cell, got, c.why)
		}
	}
}
