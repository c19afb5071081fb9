package predicate

// widestLanes is the largest number of lanes a search divides a ciphertext into: where more would fit, the
// direct layout holds the whole run.
const widestLanes = 128

// cheapestSearch returns the search that costs least, by the cost model, or nil when asking all thresholds at
// once costs no more. Searches that do not fit the parameter set are passed over.
func (p *Plan) cheapestSearch() *search {
	_, least := p.directTally().predict(p.payers)
	var found *search
	for lanes := 1; lanes <= min(widestLanes, p.set.Slots()); lanes *= 2 {
		stride := p.set.Slots() / lanes
		if lanes > 1 && len(p.cells)*2 <= stride {
			continue // half the lane is empty: twice the lanes do the same and more
		}
		passes := 0
		for asked := 1; asked <= lanes; asked++ {
			if n := p.passes(asked); n == passes {
				continue // as many passes with more lanes asking: nothing is gained
			} else {
				passes = n
			}
			s, err := newSearch(p, stride, asked)
			if err != nil {
				continue
			}
			if _, score := s.tally(p.set, p.payers).predict(p.payers); score < least {
				found, least = s, score
			}
		}
	}
	return found
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
