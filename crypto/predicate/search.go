package predicate

import (
	"fmt"
	"math/bits"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// search is the strategy for many cells: see doc.go, "Search". It belongs to a Plan and is as immutable.
type search struct {
	stride  int // slots of a lane: cell i of a column is at slot i of every lane
	lanes   int // lanes of a ciphertext
	columns int // groups of stride cells
	asked   int // lanes of a pass that ask something
	passes  int
	shapes  []*searchShape // of the plan's shapes

	factors []int64 // what the slots of each pass are multiplied by, as the window shrinks
	gates   int     // ciphertexts of gates in a column
	rules   int     // the count of true bits when all rules of a cell hold
	shift   int     // the count is divided by 2^shift
	weights bool    // gains differ between slots, so that results are weighted by masks

	find  []track // of each pass
	gate  []track // of each ciphertext of gates
	count track
	clean int // level at which the last stage starts
}

// newSearch compiles a plan's cells for lanes of stride slots, of which asked ask in every pass. An error
// says why this search does not exist.
func newSearch(p *Plan, stride, asked int) (*search, error) {
	s := &search{stride: stride, lanes: p.set.Slots() / stride, columns: (len(p.cells) + stride - 1) / stride, asked: asked}
	width, most := 0, int64(0)
	for i := range p.blocks {
		c := &p.cells[p.first[i]]
		shape, err := c.compileSearch(p.payers, asked)
		if err != nil {
			return nil, fmt.Errorf("cell %q: %w", c.Name, err)
		}
		s.shapes = append(s.shapes, shape)
		s.passes = max(s.passes, len(shape.steps))
		s.rules = max(s.rules, shape.rules)
	}
	if s.rules == 0 {
		return nil, fmt.Errorf("cells without a rule") // nothing to count; the direct layout has a place for it
	}
	for i, shape := range s.shapes {
		if err := shape.extend(&p.cells[p.first[i]], s.passes, p.payers); err != nil {
			return nil, err
		}
		most = max(most, shape.span)
		width = max(width, len(shape.gates)+s.rules-shape.rules)
	}
	s.gates = (width + s.lanes - 1) / s.lanes
	s.shift = bits.Len(uint(s.rules - 1))
	s.weights = s.lanes > 1 || s.unequal()
	// A bit's error reaches a later test at most twice over: keep it 2^−5 below half the gap.
	if most > 1<<p.set.Alpha*16/17 {
		return nil, fmt.Errorf("its widest form has %.2f bits, parameter set %s %d", bitsOf(most), p.set.Name, p.set.Alpha)
	}
	s.clean = p.set.DecryptLevel() + highPrimes*(cleanDepth+1)
	if s.weights {
		s.clean += highPrimes
	}
	if s.clean > p.set.TopLevel() {
		return nil, fmt.Errorf("parameter set %s: the last stage needs level %d", p.set.Name, s.clean)
	}
	return s, s.plan(p.set, p.payers, bits.Len64(uint64(most))+6)
}

// unequal tells whether cells differ in their gains.
func (s *search) unequal() bool {
	for j := range s.passes {
		for _, shape := range s.shapes {
			if shape.steps[j].gains[0] != s.shapes[0].steps[j].gains[0] {
				return true
			}
		}
	}
	return false
}

// plan picks the factor and the sign polynomials of every pass, and those of the gates.
func (s *search) plan(set mhe.Set, payers, precision int) error {
	low, high := set.RefreshLevel(payers, false), set.RefreshLevel(payers, true)
	for j := range s.passes {
		factor := int64(1) << 62
		for _, shape := range s.shapes {
			factor = min(factor, shape.span/shape.reach[j])
		}
		need := int64(0)
		for _, shape := range s.shapes {
			need = max(need, (shape.span*17/16+factor-1)/factor)
		}
		s.factors = append(s.factors, factor)
		last, more := low, j < s.passes-1
		if !more {
			last = high
		}
		t, err := cheapestTrack(set, payers, need, precision, true, 1, last, more, true)
		if err != nil {
			return err
		}
		s.find = append(s.find, t)
	}
	for g := range s.gates {
		need := int64(4) // constants
		for _, shape := range s.shapes {
			for lane := range s.lanes {
				if i := g*s.lanes + lane; i < len(shape.gates) {
					need = max(need, shape.gates[i].span)
				}
			}
		}
		t, err := cheapestTrack(set, payers, need, 0, false, 1+s.shift, low, false, false)
		if err != nil {
			return err
		}
		s.gate = append(s.gate, t)
	}
	// The count is a multiple of 2^−shift off by a half of it, less what the errors of the bits add up to.
	left := 1024 - 2*looseError*int64(s.gates*s.lanes)
	if left < 256 {
		return fmt.Errorf("%d gates are too many to count", s.gates*s.lanes)
	}
	var err error
	s.count, err = cheapestTrack(set, payers, int64(2)<<s.shift*1024/left+1, looseCountBits, true, 1, high, false, false)
	return err
}

// looseCountBits is the precision of the bit that all gates end in; the last cleaning takes it to its fourth power.
const looseCountBits = 24

// inputs is the number of input ciphertexts of a column: the first pass's test, what the later ones need, the gates.
func (s *search) inputs() int { return 1 + s.units() + s.gates }

// units are inputs that carry multiples of the denominator. One lane: one step's worth if cells are equal in
// their gains, else the gain of every pass; by the differences of gains tests follow each other. Several lanes:
// for every pass but the last, its gains, and what its positions exceed the next one's by.
func (s *search) units() int {
	switch {
	case s.passes == 1:
		return 0
	case !s.weights:
		return 1
	case s.lanes == 1:
		return s.passes
	}
	return 2 * (s.passes - 1)
}

// cellsOf is the half-open range of cells of a column.
func (s *search) cellsOf(column, cells int) (from, to int) {
	return column * s.stride, min((column+1)*s.stride, cells)
}

// String names the strategy.
func (s *search) String() string {
	if s.asked == 1 {
		return fmt.Sprintf("binary search in %d passes, %d lanes of %d cells, %d columns", s.passes, s.lanes, s.stride, s.columns)
	}
	return fmt.Sprintf("search of radix %d in %d passes, %d lanes of %d cells, %d columns", s.asked+1, s.passes, s.lanes, s.stride, s.columns)
}
