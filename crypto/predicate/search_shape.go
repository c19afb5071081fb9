package predicate

import (
	"fmt"
	"math/big"
	"slices"
)

// searchShape is a cell compiled for a search: see doc.go, "Search".
type searchShape struct {
	lo       int64
	num, den int64 // F(k) = num·Σnum − (2k−1)·den·Σden, the threshold forms over their common factor
	span     int64 // the searched slots carry (2F+1)/span in every pass
	steps    []searchStep
	reach    []int64   // of each pass, the largest |2F+1| with the margin: the window shrinks, and so does F
	gates    []clipped // widest first
	rules    int       // how many of the gates' bits are 1 exactly when all rules hold
}

// maxSearchSpan bounds every number of a searched form; far above what any parameter set carries.
const maxSearchSpan = 1 << 40

// compileSearch compiles a cell that validate and compile have accepted. An error means that the search has no
// place for it, not that the cell is wrong.
func (c *Cell) compileSearch(payers, lanes int) (*searchShape, error) {
	s := &searchShape{lo: c.Lo, steps: searchSteps(c.Hi-c.Lo, lanes)}
	num, den := new(big.Int).Lsh(big.NewInt(c.ScaleNum), 1), big.NewInt(c.ScaleDen)
	g := new(big.Int).GCD(nil, nil, num, den)
	num.Quo(num, g)
	den.Quo(den, g)
	if num.BitLen() > 40 || den.BitLen() > 40 || c.Hi > 1<<20 {
		return nil, fmt.Errorf("scale %d/%d up to %d is too wide to search", c.ScaleNum, c.ScaleDen, c.Hi)
	}
	s.num, s.den = num.Int64(), den.Int64()
	for _, step := range s.steps {
		reach, err := s.reachOf(c, step, payers)
		if err != nil {
			return nil, err
		}
		s.reach = append(s.reach, reach)
		s.span = max(s.span, reach)
	}
	return s, s.compileGates(c, payers)
}

// reachOf bounds |2F+1| of one pass over all inputs the caps allow. base is what the passes before have
// added to Lo. Where the value lies inside the range, 0 ≤ F(base) and F(base+window+1) < 0; below the range
// base is Lo; above it base+window is Hi.
func (s *searchShape) reachOf(c *Cell, step searchStep, payers int) (int64, error) {
	threshold := func(k int64) Form { return Form{Num: s.num, Den: -(2*k - 1) * s.den} }
	unit := 2 * s.den * c.CapDen // caps and den are below 2^40 each, so this may be too wide: checked below
	if big.NewInt(0).Mul(big.NewInt(2*s.den), big.NewInt(c.CapDen)).BitLen() > 40 {
		return 0, fmt.Errorf("its denominators are too wide to search")
	}
	unit *= int64(payers)
	var reach int64
	for _, p := range step.positions {
		lo, _ := c.span(threshold(c.Lo+p), payers)
		_, hi := c.span(threshold(c.Hi-step.window+p), payers)
		if lo.CmpAbs(big.NewInt(maxSearchSpan)) > 0 || hi.CmpAbs(big.NewInt(maxSearchSpan)) > 0 {
			return 0, fmt.Errorf("its thresholds are too wide to search")
		}
		reach = max(reach, magnitude(lo.Int64()), magnitude(hi.Int64()), magnitude(-p*unit), magnitude((step.window+1-p)*unit))
	}
	if reach > maxSearchSpan {
		return 0, fmt.Errorf("its thresholds are too wide to search")
	}
	return withMargin(reach), nil
}

// compileGates lists the forms of all rules, cut. Both forms of a two-form rule stand in the list: they
// exclude each other, so the number of true bits is the number of rules exactly when every rule holds.
func (s *searchShape) compileGates(c *Cell, payers int) error {
	for _, r := range c.Rules {
		owners := []int{-1}
		if r.PerPayer {
			owners = indexesOf(payers)
		}
		for _, owner := range owners {
			s.rules++
			for _, f := range r.AnyOf {
				g, ok := c.clip(f, owner, payers)
				if !ok {
					return fmt.Errorf("rule %s is too wide to search", r.Name)
				}
				s.gates = append(s.gates, g)
			}
		}
	}
	slices.SortStableFunc(s.gates, func(a, b clipped) int {
		switch {
		case a.span > b.span:
			return -1
		case a.span < b.span:
			return 1
		}
		return 0
	})
	return nil
}

func indexesOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// tested is a payer's part of 2F+1 at the first pass's test of a lane; constants are payer 0's.
func (s *searchShape) tested(lane, payer int, num, den int64) int64 {
	x := 2 * (s.num*num - (2*(s.lo+s.steps[0].positions[lane])-1)*s.den*den)
	if payer == 0 {
		x++
	}
	return x
}

// worth is a payer's part of what steps take off 2F+1.
func (s *searchShape) worth(steps, den int64) int64 { return 4 * steps * s.den * den }

// extend adds passes that ask nothing, so that all cells of a plan have as many.
func (s *searchShape) extend(c *Cell, passes, payers int) error {
	for len(s.steps) < passes {
		none := make([]int64, len(s.steps[0].gains))
		step := searchStep{positions: none, gains: none}
		reach, err := s.reachOf(c, step, payers)
		if err != nil {
			return err
		}
		s.steps, s.reach = append(s.steps, step), append(s.reach, reach)
		s.span = max(s.span, reach)
	}
	return nil
}
