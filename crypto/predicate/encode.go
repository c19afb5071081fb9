package predicate

import "fmt"

// Check tells whether one payer's vector, in cell order, may enter the circuit: 0 ≤ num ≤ CapNum,
// 0 ≤ den ≤ CapDen, and num ≤ den for a proportion. A slot that leaves its range would spoil every cell of
// its ciphertext, so an honest member refuses to contribute instead. The error names the cell, not the value.
func (p *Plan) Check(num, den []int64) error {
	if len(num) != len(p.cells) || len(den) != len(p.cells) {
		return fmt.Errorf("vector of %d numerators and %d denominators for %d cells", len(num), len(den), len(p.cells))
	}
	for i := range p.cells {
		c := &p.cells[i]
		switch {
		case num[i] < 0:
			return fmt.Errorf("cell %q: negative numerator", c.Name)
		case den[i] < 0:
			return fmt.Errorf("cell %q: negative denominator", c.Name)
		case num[i] > c.CapNum:
			return fmt.Errorf("cell %q: numerator above its cap of %d", c.Name, c.CapNum)
		case den[i] > c.CapDen:
			return fmt.Errorf("cell %q: denominator above its cap of %d", c.Name, c.CapDen)
		case c.Proportion && num[i] > den[i]:
			return fmt.Errorf("cell %q: numerator above the denominator of a proportion", c.Name)
		}
	}
	return nil
}

// Encode gives the slots of one payer's input ciphertext from its whole vector in cell order, which must
// pass Check. Slot s of a cell carries the payer's part of (2F+1)/span; the parts of all payers add up to
// a number in [−1, 1]. Constants are payer 0's. The result is secret.
func (p *Plan) Encode(payer, ciphertext int, num, den []int64) ([]float64, error) {
	if payer < 0 || payer >= p.payers {
		return nil, fmt.Errorf("encode for payer %d of %d", payer, p.payers)
	}
	if ciphertext < 0 || ciphertext >= p.Ciphertexts() {
		return nil, fmt.Errorf("encode ciphertext %d of %d", ciphertext, p.Ciphertexts())
	}
	if err := p.Check(num, den); err != nil {
		return nil, fmt.Errorf("encode payer %d: %w", payer, err)
	}
	return p.encode(payer, ciphertext, num, den), nil
}

// encode is Encode without the checks. Its sums may wrap on the way, for coefficients that cancel, but their
// end is bounded by 2·span ≤ 2^(alpha+1), and int64 arithmetic is exact modulo 2^64.
func (p *Plan) encode(payer, ciphertext int, num, den []int64) []float64 {
	if p.parts != nil {
		return p.parts.encode(payer, ciphertext, num, den)
	}
	if p.search != nil {
		return p.search.encode(p, payer, ciphertext, num, den)
	}
	slots := make([]float64, p.set.Slots())
	from, to := p.cellsOf(ciphertext)
	empty := emptyBlock()
	for b := range p.cellsPerCiphertext() {
		out := slots[b*BlockSlots : (b+1)*BlockSlots]
		if cell := from + b; cell < to {
			p.block(cell).encode(out, payer, num[cell], den[cell])
		} else {
			empty.encode(out, payer, 0, 0)
		}
	}
	return slots
}

// constantSlot is the magnitude of a constant predicate: anything well inside [−1, 1].
const constantSlot = 0.5

func (b *block) encode(out []float64, payer int, num, den int64) {
	var has int64
	if den >= 1 {
		has = 1
	}
	for i := range b.slots {
		s := &b.slots[i]
		if s.constant {
			switch {
			case payer != 0:
			case s.truth:
				out[i] = constantSlot
			default:
				out[i] = -constantSlot
			}
			continue
		}
		f := &s.form
		x := f.Num*num + f.Den*den + f.Has*has
		if s.owner == payer {
			x += f.Own*den + f.OwnNum*num
		}
		x *= 2
		if payer == 0 {
			x += 2*f.Const + 1
		}
		out[i] = float64(x) / float64(s.span)
	}
}
