package predicate

import (
	"errors"
	"fmt"
	"math"
)

// ErrSpoiled: a result is no whole number in its range, so some payer's input was out of range. Nothing of
// the run may be published, and it must not be decrypted again: void it and start a new run.
var ErrSpoiled = errors.New("spoiled run: a result is not a whole number in its range")

// tolerance is how far a result slot may be from a whole number. Flooding at its full strength stays
// 2^6 below it.
const tolerance = 0.25

// Decode reads the decrypted slots of all result ciphertexts. Every slot is checked: slot 0 of a cell's
// block is a whole number from 0 to the number of thresholds plus one, everything else is 0, each within a
// quarter. The error is ErrSpoiled and says in which ciphertext, never what was found. With benchmarks the values are those of
// Figures, else one for each cell.
func (p *Plan) Decode(slots [][]float64) ([]Value, error) {
	if len(slots) != p.Results() {
		return nil, fmt.Errorf("decode %d result ciphertexts, the plan has %d", len(slots), p.Results())
	}
	if p.parts != nil {
		return p.parts.decode(p, slots)
	}
	values := make([]Value, len(p.cells))
	for ct, v := range slots {
		if len(v) != p.set.Slots() {
			return nil, errSlots(ct, len(v), p.set.Slots())
		}
		if p.search != nil {
			if err := p.search.decode(p, ct, v, values); err != nil {
				return nil, fmt.Errorf("decode result ciphertext %d: %w", ct, err)
			}
			continue
		}
		from, to := p.cellsOf(ct)
		for i, x := range v {
			cell := from + i/BlockSlots
			if i%BlockSlots != homeSlot || cell >= to {
				if !(math.Abs(x) <= tolerance) { // also catches NaN
					return nil, fmt.Errorf("decode result ciphertext %d: %w", ct, ErrSpoiled)
				}
				continue
			}
			whole := math.RoundToEven(x)
			if !(math.Abs(x-whole) <= tolerance) || whole < 0 || whole > float64(p.block(cell).thresholds+1) {
				return nil, fmt.Errorf("decode result ciphertext %d: %w", ct, ErrSpoiled)
			}
			if n := int64(whole); n > 0 {
				values[cell] = Value{Released: true, Steps: p.cells[cell].Lo + n - 1}
			}
		}
	}
	return values, nil
}

func errSlots(ciphertext, got, want int) error {
	return fmt.Errorf("decode result ciphertext %d: %d slots, the set has %d", ciphertext, got, want)
}
