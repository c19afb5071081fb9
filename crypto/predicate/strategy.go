package predicate

import (
	"fmt"
	"math"
)

// Strategy is how a plan finds the values of its cells: see doc.go, "Direct layout" and "Search".
type Strategy string

// The strategies. The numbers of lanes of a search are the cheapest by the cost model.
const (
	Cheapest Strategy = ""       // whatever costs least
	Direct   Strategy = "direct" // all thresholds of a cell at once
	Radix    Strategy = "radix"  // a search in which two or more lanes ask in a pass
	Binary   Strategy = "binary" // a search in which one does
)

// admits says whether a search in which so many lanes ask is of the strategy.
func (s Strategy) admits(asked int) bool {
	return s == Cheapest || s == Radix && asked > 1 || s == Binary && asked == 1
}

// Strategy is the one that the plan has come to, never Cheapest.
func (p *Plan) Strategy() Strategy {
	switch {
	case p.parts != nil && p.parts.rates != nil:
		return p.parts.rates.Strategy()
	case p.search == nil:
		return Direct
	case p.search.asked == 1:
		return Binary
	}
	return Radix
}

// widestLanes is the largest number of lanes a search divides a ciphertext into: where more would fit, the
// direct layout holds the whole run.
const widestLanes = 128

// take picks the search of a strategy that costs least by the cost model; for Cheapest, unless asking all
// thresholds at once costs no more, or has no place for the rules of a cell (crowded). Searches that do not fit a parameter set are passed over. The first test of
// a search halves the range, so it may fit the smaller set where thresholds at the ends of the range do not.
func (p *Plan) take(by Strategy) error {
	least, crowded := int64(math.MaxInt64), p.crowded()
	switch by {
	case Direct:
		return crowded
	case Cheapest:
		if crowded == nil {
			_, least = p.directTally().predict(p.payers)
		}
	case Radix, Binary:
	default:
		return fmt.Errorf("unknown strategy %q: use %s, %s or %s", by, Direct, Radix, Binary)
	}
	sets, err := p.setsUpTo(p.set.Name)
	if err != nil {
		return err
	}
	found := *p
	for _, set := range sets {
		q := *p
		q.set = set
		for lanes, most := 1, min(widestLanes, set.Slots()); lanes <= most; lanes *= 2 {
			stride := set.Slots() / lanes
			if lanes > 1 && len(p.cells)*2 <= stride && (by == Cheapest || lanes < most) {
				continue // half the lane is empty: twice the lanes do the same and more
			}
			passes := 0
			for asked := 1; asked <= lanes; asked++ {
				n := p.passes(asked)
				if n == passes || !by.admits(asked) {
					continue // as many passes with more lanes asking: nothing is gained
				}
				passes = n
				s, err := newSearch(&q, stride, asked)
				if err != nil {
					continue
				}
				if _, score := s.tally(set, p.payers).predict(p.payers); score < least {
					found.search, found.set, least = s, set, score
				}
			}
		}
	}
	if found.search == nil && by == Cheapest && crowded != nil {
		return fmt.Errorf("%w; no search fits parameter set %s either", crowded, p.set.Name)
	}
	if found.search == nil && by != Cheapest {
		return fmt.Errorf("no %s search of %d cells fits parameter set %s", by, len(p.cells), p.set.Name)
	}
	*p = found
	return nil
}

// passes is the number of passes that the widest range of the plan's cells takes.
func (p *Plan) passes(asked int) int {
	n := 0
	for i := range p.blocks {
		c := &p.cells[p.first[i]]
		n = max(n, len(searchSteps(c.Hi-c.Lo, asked)))
	}
	return n
}

// directTally counts the work of asking all thresholds at once.
func (p *Plan) directTally() *tally {
	n := p.blockCiphertexts()
	l := &p.levels
	t := &tally{set: p.set, inputs: n, results: n, refreshes: n * (len(l.segments) - 1), high: n, rounds: len(l.segments), rotations: l.rotationKeys()}
	sign, err := signOf(p.set.Alpha)
	if err != nil {
		panic(err) // NewPlan has found it before
	}
	var ct int64
	for _, s := range l.segments {
		level := s.start
		for _, part := range sign.parts[s.from:s.to] {
			ct += polynomialTime(part.Depth(), level, 1)
			level -= part.Depth()
		}
	}
	last := l.segments[len(l.segments)-1].end
	ct += int64(windowDepth) * 2 * mulTime(last+2)
	ct += polynomialTime(cleanDepth, l.clean, highPrimes)
	ct += 10 * mulTime(l.combine) // late factors, the sum over the block, the product
	t.micros = int64(n)*ct + maskTime
	return t
}

// tally counts the work of the plan's own strategy.
func (p *Plan) tally() *tally {
	if p.parts != nil {
		return p.parts.tally()
	}
	if p.search != nil {
		return p.search.tally(p.set, p.payers)
	}
	return p.directTally()
}

// Predict is what a run of this plan costs a member, by the cost model that chose the strategy.
func (p *Plan) Predict() Prediction {
	out, _ := p.tally().predict(p.payers)
	out.Memory = p.unbounded().Peak()
	return out
}
