package predicate

import (
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// Levels used by the parts of the circuit that are not sign polynomials.
const (
	windowDepth = 4 // product over windowSlots bits: log₂ of it
	joinDepth   = 1 // a late factor more in the product of the gates
	highPrimes  = 2 // primes that one multiplication uses up in the last stage
	cleanDepth  = 3 // X4 cleaning, degree 7
	maskedDepth = 2 // sum, mask, product with the gates
)

// A segment is what is computed between two refreshes at the working scale: sign polynomials from … to−1
// and, in the last one, the product of the gates.
type segment struct {
	from, to   int
	gates      bool
	start, end int // levels
}

// schedule is the level plan of a run, computed from the parameter set (never listed): see doc.go.
type schedule struct {
	segments []segment
	early    bool // late factors are joined before the last refresh, and not after it
	clean    int  // level at which the last stage starts, after the refresh into the high scale
	combine  int  // after cleaning
	result   int  // of the result ciphertexts
}

// newSchedule cuts the sign polynomials into the fewest segments that the levels allow – each refresh is a
// round between all payers – and among those takes the cheapest evaluation. A segment starts no higher than
// it needs: an operation costs about the square of its level. Late factors take their level from the last
// stage if it has it, else from the segment before.
func newSchedule(set mhe.Set, payers int, depths []int) (schedule, error) {
	top := set.TopLevel()
	s := schedule{result: set.DecryptLevel()}
	s.combine = s.result + highPrimes*(maskedDepth+joinDepth)
	s.clean = s.combine + highPrimes*cleanDepth
	gates := windowDepth
	if s.clean > top {
		s.early = true
		s.combine -= highPrimes * joinDepth
		s.clean -= highPrimes * joinDepth
		gates += joinDepth
	}
	if s.clean > top {
		return schedule{}, fmt.Errorf("the last stage needs level %d, a refresh gives %d", s.clean, top)
	}
	steps := append(append([]int(nil), depths...), gates)
	type best struct{ count, cost, next int } // of the steps from here on; count −1: impossible
	plan := make([]best, len(steps)+1)
	for from := len(steps) - 1; from >= 0; from-- {
		plan[from].count = -1
		for to := len(steps); to > from; to-- {
			floor := set.RefreshLevel(payers, to == len(steps))
			level, cost := floor, plan[to].cost
			for i := to - 1; i >= from; i-- {
				level += steps[i]
				cost += level * level * steps[i]
			}
			if level > top || plan[to].count < 0 {
				continue
			}
			if b := plan[from]; b.count < 0 || plan[to].count+1 < b.count || plan[to].count+1 == b.count && cost < b.cost {
				plan[from] = best{plan[to].count + 1, cost, to}
			}
		}
	}
	if plan[0].count < 0 {
		return schedule{}, fmt.Errorf("%d levels hold no step of the circuit (depths %v)", top, steps)
	}
	for from := 0; from < len(steps); from = plan[from].next {
		seg := segment{from: from, to: plan[from].next}
		seg.gates = seg.to == len(steps)
		seg.end = set.RefreshLevel(payers, seg.gates)
		seg.start = seg.end
		for _, d := range steps[seg.from:seg.to] {
			seg.start += d
		}
		if seg.gates {
			seg.to--
		}
		s.segments = append(s.segments, seg)
	}
	return s, nil
}

// String is the level plan in one line.
func (s *schedule) String() string {
	var b strings.Builder
	for i, seg := range s.segments {
		if i > 0 {
			b.WriteString("; refresh; ")
		}
		fmt.Fprintf(&b, "levels %d→%d:", seg.start, seg.end)
		if seg.from < seg.to {
			fmt.Fprintf(&b, " sign polynomials %d–%d", seg.from+1, seg.to)
		}
		if seg.gates {
			b.WriteString(" gates")
		}
		if seg.gates && s.early {
			b.WriteString(" with late factors")
		}
	}
	fmt.Fprintf(&b, "; refresh into the high scale; levels %d→%d: cleaning; levels %d→%d:", s.clean, s.combine, s.combine, s.result)
	if !s.early {
		b.WriteString(" late factors,")
	}
	b.WriteString(" masked sum")
	return b.String()
}

// StageShape is what one stage asks of the payers: so many refresh shares each, into the high scale or not.
type StageShape struct {
	Refreshes int
	High      bool
}

// Stages lists the refresh rounds of the run in order. The evaluation has one stage more, which ends with
// the result.
func (p *Plan) Stages() []StageShape {
	if p.parts != nil {
		return p.parts.stageShapes()
	}
	if p.search != nil {
		return p.search.stageShapes()
	}
	n := p.Ciphertexts()
	out := make([]StageShape, len(p.levels.segments))
	for i := range out {
		out[i] = StageShape{Refreshes: n, High: i == len(out)-1}
	}
	return out
}

// Rotations lists the rotation keys of the run, each at the highest level it is used at, by ascending steps.
func (p *Plan) Rotations() []mhe.Rotation {
	if p.parts != nil {
		return p.parts.rotations()
	}
	if p.search != nil {
		return p.search.rotations(p.set, p.payers)
	}
	return p.levels.rotationKeys()
}

// rotationKeys are those of the direct layout.
func (s *schedule) rotationKeys() []mhe.Rotation {
	return rotationList(s.rotations())
}

// rotations maps each rotation that the circuit uses to the highest level it is used at. It follows
// evaluate.go operation by operation.
func (s *schedule) rotations() map[int]int {
	need := map[int]int{}
	use := func(by, level int) { need[by] = max(need[by], level) }
	last := s.segments[len(s.segments)-1]
	bits := last.end + windowDepth
	join, step := s.combine, highPrimes
	if s.early {
		bits += joinDepth
		join, step = bits, 1
	}
	for i, by := range windowRotations {
		use(by, bits-i)
	}
	use(windowStart, bits-windowDepth)
	use(1, join) // the two bits of each late factor
	use(farPair, join)
	use(pairStep, join)
	use(nearPair, join-step)
	use(1, s.combine) // the sum over the block
	for by := 2; by < BlockSlots; by <<= 1 {
		use(by, s.masked())
	}
	return need
}

// masked is the level at which the sum over the block is masked.
func (s *schedule) masked() int { return s.result + highPrimes*maskedDepth }

// windowRotations are those of the product over the window, largest first.
var windowRotations = [windowDepth]int{windowSlots / 2, windowSlots / 4, windowSlots / 8, windowSlots / 16}
