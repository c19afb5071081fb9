package disclosure

import "slices"

// Reliability of a cell is asked by a cell of its own (Asking) with the same inputs: all rules of the first, with the line in the place of the least denominator,
// and a value that is always 0. What is opened is one bit, of cells that are released anyway.

// leastDen is the rule that a denominator of so many people passes.
const leastDen = "denominator"

// Line says how a line of people is held against a cell: by the circuit when asked, else every released cell has the same answer: none can have as many people
// (a line of 0 is out of reach), or each has, as the rules ask for more.
func (prog Program) Line(people int64, payers int) (asked, reliable bool) {
	switch at := prog.least(); {
	case people < 1 || people > int64(payers)*prog.CapDen:
		return false, false
	case people <= -prog.Rules[at].AnyOf[0].Const:
		return false, true
	}
	return true, false
}

// Asking is the program of the cell that asks a proportion for the line: num ≤ den, so 2·num − 3·den ≥ 0 has no people, and the value is 0.
func (prog Program) Asking(people int64) Program {
	at := prog.least()
	out := prog
	out.Rules = slices.Clone(prog.Rules)
	out.Rules[at].AnyOf = []Form{{Den: 1, Const: -people}}
	out.ScaleNum, out.ScaleDen, out.Lo, out.Hi, out.Step, out.Coded, out.Benchmark = 1, 3, 0, 1, 1, false, nil
	return out
}

func (prog Program) least() int {
	return slices.IndexFunc(prog.Rules, func(r Rule) bool { return r.Name == leastDen })
}
