package predicate

import (
	"fmt"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// A track is one sign evaluation cut into segments, with a refresh after each. The last segment of a factor
// leaves one level above its end for the product that follows.
type track struct {
	sign     separator
	segments []segment // from and to count the separator's polynomials
	factor   bool
	cost     int64 // what tracks are compared by
	micros   int64 // of that, the evaluation's time
}

// newTrack cuts a separator where that is cheapest: a refresh costs time, bytes and, when the run waits for
// it (serial), a round; but below it an operation costs about the square of its level. last is the level at
// which the track ends.
func newTrack(set mhe.Set, payers int, sign separator, last int, factor, serial bool) (track, error) {
	m, err := chainCache[sign.chain]()
	if err != nil {
		return track{}, err
	}
	parts := m.parts[sign.from:sign.to]
	floor := set.RefreshLevel(payers, false)
	bytes := wireRow(set, floor, false) + wireRow(set, set.TopLevel(), false)
	refresh := refreshTime + bytes<<max(0, 15-set.LogN)*perByteNanos/1000 // small rings are cut like the ring they stand for
	if serial {
		refresh += perRound
	}
	type best struct {
		cost  int64 // −1: impossible
		next  int
		start int
	}
	plan := make([]best, len(parts)+1)
	for from := len(parts) - 1; from >= 0; from-- {
		plan[from].cost = -1
		for to := len(parts); to > from; to-- {
			rest, end := plan[to].cost, floor
			if to == len(parts) {
				rest, end = 0, last
				if factor {
					end++
				}
			}
			start, cost := end, refresh+rest
			for i := to - 1; i >= from; i-- {
				start += parts[i].Depth()
				cost += polynomialTime(parts[i].Depth(), start, 1)
			}
			if start <= set.TopLevel() && rest >= 0 && (plan[from].cost < 0 || cost < plan[from].cost) {
				plan[from] = best{cost, to, start}
			}
		}
	}
	if plan[0].cost < 0 {
		return track{}, fmt.Errorf("%d levels hold no segment of the sign polynomials", set.TopLevel())
	}
	t := track{sign: sign, factor: factor, cost: plan[0].cost}
	for from := 0; from < len(parts); from = plan[from].next {
		s := segment{from: from, to: plan[from].next, start: plan[from].start, end: floor}
		if s.to == len(parts) {
			s.end = last
		}
		level := s.start
		for _, p := range parts[s.from:s.to] {
			t.micros += polynomialTime(p.Depth(), level, 1)
			level -= p.Depth()
		}
		t.segments = append(t.segments, s)
	}
	return t, nil
}

// cheapestTrack takes the separator of a span that costs least. need is the span; exact asks for bits whose
// error is at most 2^−bits, else they are only counted. shift is the separator's.
func cheapestTrack(set mhe.Set, payers int, need int64, bits int, exact bool, shift, last int, factor, serial bool) (track, error) {
	var found track
	ok := false
	for i := range chains {
		c := &chains[i]
		if exact && c.bits < bits || !exact && i != looseChain {
			continue
		}
		m, err := chainCache[i]()
		if err != nil {
			return track{}, err
		}
		to := len(m.parts)
		if !exact {
			to--
		}
		for from, span := range c.spans {
			if span < need {
				break
			}
			t, err := newTrack(set, payers, separator{i, from, to, shift}, last, factor, serial)
			if err == nil && (!ok || t.cost < found.cost) {
				found, ok = t, true
			}
		}
	}
	if !ok {
		return track{}, fmt.Errorf("parameter set %s: no sign polynomial separates a span of %.2f bits", set.Name, bitsOf(need))
	}
	return found, nil
}

// end is the level at which the track ends.
func (t *track) end() int { return t.segments[len(t.segments)-1].end }
