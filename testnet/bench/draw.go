package bench

import (
	"fmt"
	"math/rand/v2"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// problem is one run's cells with their inputs, [payer][cell], and what must come out.
type problem struct {
	plan     *predicate.Plan
	num, den [][]int64
	want     []predicate.Value // from first principles
	cases    []int             // how each cell was drawn
	class    []string          // the same in words, with the side of the edge
}

// newProblem makes count cells that take turns over the shapes, and draws cell i by the case that pick gives for i and the number of shapes.
func newProblem(set string, by predicate.Strategy, payers, count int, pick func(i, shapes int) int, r *rand.Rand) (*problem, error) {
	plan, all, err := newPlan(set, by, payers, count)
	if err != nil {
		return nil, err
	}
	p := &problem{plan: plan, num: make([][]int64, payers), den: make([][]int64, payers)}
	for i := range count {
		s := all[i%len(all)]
		kind := pick(i, len(all))
		num, den, class := s.draw(kind, payers, r)
		p.want = append(p.want, s.exact(num, den))
		p.cases, p.class = append(p.cases, kind), append(p.class, class)
		for j := range payers {
			p.num[j], p.den[j] = append(p.num[j], num[j]), append(p.den[j], den[j])
		}
	}
	for j := range payers {
		if err := p.plan.Check(p.num[j], p.den[j]); err != nil {
			return nil, fmt.Errorf("drawn cells of payer %d: %w", j, err)
		}
	}
	return p, nil
}

// newPlan gives every shape the widest caps with which all of them fit the set together.
func newPlan(set string, by predicate.Strategy, payers, count int) (*predicate.Plan, []shape, error) {
	all := shapes(payers)
	kinds := []predicate.Strategy{by}
	if by == predicate.Cheapest { // the planner is to have the choice
		kinds = []predicate.Strategy{predicate.Direct, predicate.Radix, predicate.Binary}
	}
	for i, s := range all {
		for j, kind := range kinds {
			fitting, err := s.fit(set, kind, payers)
			if err != nil {
				return nil, nil, err
			}
			if j == 0 || fitting.capDen < all[i].capDen {
				all[i] = fitting
			}
		}
	}
	for { // shapes with fewer passes than others take part in more, which may need another bit
		cells := make([]predicate.Cell, count)
		for i := range cells {
			s := all[i%len(all)]
			cells[i] = s.cell(fmt.Sprintf("%s of practice %d", s.name, i))
		}
		p, err := predicate.NewPlanAs(by, cells, payers, sets[set].toy)
		if err == nil && p.Set().Name == set {
			return p, all, nil
		}
		for i := range all {
			if all[i].capDen < 64 {
				return nil, nil, fmt.Errorf("%d cells do not fit parameter set %s together: %w", count, set, err)
			}
			all[i].capDen -= all[i].capDen / 64
			all[i].capNum = max(1, all[i].capDen*all[i].numA/all[i].numB)
		}
	}
}

// cases is the number of ways to draw a cell at or beside an edge; ordinary is one more, which is always released.
const (
	cases    = 12
	ordinary = cases
	random   = cases - 1
)

// inTurn meets every case in any twelve cells that follow each other, and with every shape in any 48.
func inTurn(i, shapes int) int { return (i/shapes + i%shapes*cases/shapes) % cases }

// beside names an edge with its side.
func beside(edge string, off int64) string {
	return edge + [...]string{" −1", "", " +1"}[off+1]
}

// draw makes one cell's input at or beside one of the circuit's edges, and names it.
func (s shape) draw(kind, payers int, r *rand.Rand) (num, den []int64, class string) {
	most := s.capDen * int64(payers)
	off := r.Int64N(3) - 1
	upTo := func(lo, hi int64) int64 { return lo + r.Int64N(max(hi-lo, 0)+1) }
	switch kind {
	case 0: // nobody has anything, or one payer alone
		den := make([]int64, payers)
		alone := upTo(0, 1)
		den[r.IntN(payers)] = alone * upTo(1, s.capDen)
		return s.under(s.scaled(sum(den), r), den, r), den, [...]string{"empty", "one payer alone"}[alone]
	case 1: // the smallest denominator, one below, one above
		den := s.split(min(s.minDen+off, most), payers, r)
		return s.under(s.scaled(sum(den), r), den, r), den, beside("smallest denominator", off)
	case 2, 3: // an exact tie between two values, one below, one above
		k := upTo(s.lo+1, s.hi)
		g := gcd(2*s.p, (2*k-1)*s.q)
		d, n := 2*s.p/g, (2*k-1)*s.q/g
		t := upTo(1, max(1, most/d))
		den := s.split(min(d*t, most), payers, r)
		return s.under(n*t+off, den, r), den, beside("tie", off)
	case 4: // the largest denominators, beside a tie
		den := s.split(most-upTo(0, min(50, most)), payers, r)
		k := upTo(s.lo+1, s.hi)
		return s.under((2*k-1)*s.q*sum(den)/(2*s.p)+upTo(0, 1), den, r), den, "tie at the largest denominators"
	case 5: // numerator and complement at their smallest, one below, one above
		den := s.split(upTo(min(s.minDen, most), most), payers, r)
		some := upTo(0, 1)
		n, class := max(s.minCell+off, 0)*some, beside("smallest numerator", off)
		if some == 0 {
			class = "no numerator"
		}
		if s.proportion && r.IntN(2) == 0 {
			n = sum(den) - n
			class = map[bool]string{true: "no complement", false: beside("smallest complement", off)}[some == 0]
		}
		return s.under(n, den, r), den, class
	case 6, 7: // one payer exactly at the largest share, one below, one above
		unit := upTo(1, max(1, s.capDen/s.shareB))
		top := min(max(unit*s.shareA+off, 0), s.capDen)
		den := s.split(unit*(s.shareB-s.shareA), payers-1, r)
		at := r.IntN(payers)
		den = append(den[:at:at], append([]int64{top}, den[at:]...)...)
		return s.under(s.scaled(sum(den), r), den, r), den, beside("largest share", off)
	case 8: // as many contributors as needed, one fewer, one more; the smallest denominators there are
		n := int(min(max(s.contributors+off, 0), int64(payers)))
		den := make([]int64, payers)
		for _, i := range r.Perm(payers)[:n] {
			den[i] = upTo(1, min(s.capDen, max(2*s.minDen/s.contributors, 1)))
		}
		return s.under(s.scaled(sum(den), r), den, r), den, beside("contributors", off)
	case 9: // nothing and everything in the numerator
		den := s.split(upTo(1, most), payers, r)
		return s.under(upTo(0, 1)*s.capNum*int64(payers), den, r), den, "all or nothing in the numerator"
	case 10: // all caps
		den := s.split(most, payers, r)
		return s.under(s.scaled(most, r), den, r), den, "every cap"
	case ordinary: // a cell that may be released, whatever its value
		for {
			num, den, _ := s.draw(random, payers, r)
			if s.exact(num, den).Released {
				return num, den, "ordinary"
			}
		}
	}
	den = s.split(upTo(0, most), payers, r)
	return s.under(s.scaled(sum(den), r), den, r), den, "random"
}

// scaled is a random numerator for a denominator, over the whole range of values and a little beyond.
func (s shape) scaled(den int64, r *rand.Rand) int64 {
	top := (s.hi + 2) * s.q * den / s.p
	return r.Int64N(top + 1)
}

// split divides a denominator over payers within the cap, evenly or at random.
func (s shape) split(total int64, payers int, r *rand.Rand) []int64 {
	den := make([]int64, payers)
	even := r.IntN(3) > 0 // what is split at random is mostly dominated by somebody
	left := total
	for i := range den {
		part := left / int64(payers-i)
		if !even && i < payers-1 {
			part = r.Int64N(left + 1)
		}
		den[i] = min(part, s.capDen)
		left -= den[i]
	}
	for i := range den {
		more := min(left, s.capDen-den[i])
		den[i] += more
		left -= more
	}
	r.Shuffle(payers, func(i, j int) { den[i], den[j] = den[j], den[i] })
	return den
}

// under distributes a numerator over payers within the caps; what does not fit is left out.
func (s shape) under(total int64, den []int64, r *rand.Rand) []int64 {
	num := make([]int64, len(den))
	left := max(total, 0)
	for _, i := range r.Perm(len(den)) {
		most := s.capNum
		if s.proportion {
			most = min(most, den[i])
		}
		num[i] = min(left, most)
		left -= num[i]
	}
	return num
}

func sum(v []int64) (t int64) {
	for _, x := range v {
		t += x
	}
	return t
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
