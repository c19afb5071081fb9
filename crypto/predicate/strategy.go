package predicate

// widestLanes is the largest number of lanes a search divides a ciphertext into: where more would fit, the
// direct layout holds the whole run.
const widestLanes = 128

// cheapest takes the search that costs least by the cost model, unless asking all thresholds at once costs no
// more. Searches that do not fit a parameter set are passed over. The first test of a search halves the range,
// so it may fit the smaller set where thresholds at the ends of the range do not.
func (p *Plan) cheapest() error {
	_, least := p.directTally().predict(p.payers)
	sets, err := p.setsUpTo(p.set.Name)
	if err != nil {
		return err
	}
	found := *p
	for _, set := range sets {
		q := *p
		q.set = set
		for lanes := 1; lanes <= min(widestLanes, set.Slots()); lanes *= 2 {
			stride := set.Slots() / lanes
			if lanes > 1 && len(p.cells)*2 <= stride {
				continue // half the lane is empty: twice the lanes do the same and more
			}
			passes := 0
			for asked := 1; asked <= lanes; asked++ {
				n := p.passes(asked)
				if n == passes {
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
	t.resident = 2 * int64(n) * int64(p.set.MaxLevel()+1)
	return t
}

// tally counts the work of the plan's own strategy.
func (p *Plan) tally() *tally {
	if p.search != nil {
		return p.search.tally(p.set, p.payers)
	}
	return p.directTally()
}

// Predict is what a run of this plan costs a member, by the cost model that chose the strategy.
func (p *Plan) Predict() Prediction {
	out, _ := p.tally().predict(p.payers)
	return out
}
