package predicate

import "math"

// encode gives the slots of one payer's input ciphertext of a column: see inputs for their order.
func (s *search) encode(p *Plan, payer, input int, num, den []int64) []float64 {
	column, input := input/s.inputs(), input%s.inputs()
	slots := make([]float64, p.set.Slots())
	from, to := s.cellsOf(column, len(p.cells))
	for lane := range s.lanes {
		for i := range s.stride {
			var x float64
			switch cell := from + i; {
			case cell < to:
				x = s.shapes[p.shape[cell]].slot(s, lane, payer, input, num[cell], den[cell])
			case payer == 0:
				x = s.idle(input)
			}
			slots[lane*s.stride+i] = x
		}
	}
	return slots
}

// idle is what a slot without a cell carries: no unit, every gate false, and a test that fails in every pass.
func (s *search) idle(input int) float64 {
	switch {
	case input == 0:
		return -constantSlot / float64(s.factors[s.steepest()])
	case input > s.units():
		return -constantSlot
	}
	return 0
}

// steepest is the pass with the largest factor.
func (s *search) steepest() (at int) {
	for j, f := range s.factors {
		if f > s.factors[at] {
			at = j
		}
	}
	return at
}

// slot is one payer's part of one slot of a cell.
func (shape *searchShape) slot(s *search, lane, payer, input int, num, den int64) float64 {
	units := s.units()
	if input > units {
		return shape.gateSlot(s, (input-units-1)*s.lanes+lane, payer, num, den)
	}
	var x int64
	asks := min(lane, s.asked-1) // lanes that ask nothing repeat the last one's test, with no gain
	at := func(v []int64) int64 {
		if lane < s.asked {
			return v[lane]
		}
		return 0
	}
	switch j := (input - 1) / 2; {
	case input == 0:
		x = shape.tested(asks, payer, num, den)
	case !s.weights:
		x = shape.worth(1, den)
	case s.lanes == 1:
		x = shape.worth(shape.steps[input-1].gains[0], den)
	case input%2 == 1: // gains of pass j
		x = shape.worth(at(shape.steps[j].gains), den)
	default: // positions of pass j over those of the next
		x = shape.worth(shape.steps[j].positions[asks]-shape.steps[j+1].positions[asks], den)
	}
	return float64(x) / float64(shape.span)
}

// gateSlot is one payer's part of a gate: the cell's forms, then as many constants as make its number of
// rules the plan's, then false.
func (shape *searchShape) gateSlot(s *search, gate, payer int, num, den int64) float64 {
	if gate < len(shape.gates) {
		f := &shape.gates[gate]
		var has int64
		if den >= 1 {
			has = 1
		}
		x := 2 * f.part(payer, num, den, has)
		if payer == 0 {
			x += 2*f.least + 1
		}
		return float64(x) / float64(f.span)
	}
	switch {
	case payer != 0:
		return 0
	case gate < len(shape.gates)+s.rules-shape.rules:
		return constantSlot
	}
	return -constantSlot
}

// decode reads one result ciphertext: every lane of a cell carries the same whole number.
func (s *search) decode(p *Plan, column int, slots []float64, values []Value) error {
	from, to := s.cellsOf(column, len(p.cells))
	for i, x := range slots {
		cell := from + i%s.stride
		whole := math.RoundToEven(x)
		if !(math.Abs(x-whole) <= tolerance) { // also catches NaN
			return ErrSpoiled
		}
		if cell >= to {
			if whole != 0 {
				return ErrSpoiled
			}
			continue
		}
		c := &p.cells[cell]
		if whole < 0 || whole > float64(c.Hi-c.Lo+1) {
			return ErrSpoiled
		}
		v := Value{}
		if n := int64(whole); n > 0 {
			v = Value{Released: true, Steps: c.Lo + n - 1}
		}
		if i >= s.stride && values[cell] != v {
			return ErrSpoiled
		}
		values[cell] = v
	}
	return nil
}
