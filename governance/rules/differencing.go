package rules

import "slices"

// The differencing ledger: what releases, taken together, may show.

// MaxSets is how many different sets of contributors one figure may be released with. With two sets A and B all that releases of a figure can be combined to is about
// A∖B, B∖A and what they share; with three, differences of differences reach sets that nobody checked.
const MaxSets = 2

// checkReleased asks whether a figure may be released, given what has been.
func (s *State) checkReleased(b *RunAuthorise, c CellRef, restated *Run) *Refusal {
	figure := func(practice string) releaseKey {
		k := b.key(c)
		k.practice = practice
		return k
	}
	for _, other := range s.practices.related(c.Practice) {
		if slices.Contains(b.Cells, CellRef{c.Measure, other, c.Stratum}) {
			return refuse(CodeDifferencing, "practices %s and %s are in one run, and one is a part of the other", c.Practice, other)
		}
		if runs := s.released[figure(other)]; len(runs) > 0 {
			return refuse(CodeDifferencing, "%s of practice %s, stratum %s, period %s was released by run %q; %s is a part or the whole of it, and the difference of the two would show what neither does",
				b.Measures[c.Measure].ID, other, c.Stratum, b.Period, runs[0], c.Practice)
		}
	}
	runs := s.released[b.key(c)]
	if restated == nil {
		if len(runs) > 0 {
			return refuse(CodeReleased, "%s of practice %s, stratum %s, period %s was released by run %q; a figure is released once",
				b.Measures[c.Measure].ID, c.Practice, c.Stratum, b.Period, runs[0])
		}
		return nil
	}
	if !slices.Contains(runs, restated.Body.Run) {
		return refuse(CodeCells, "%s of practice %s, stratum %s is not a figure of run %q, which this run restates", b.Measures[c.Measure].ID, c.Practice, c.Stratum, restated.Body.Run)
	}
	least := MinContributors
	if p, ok := s.Profile(b.Measures[c.Measure].Profile); ok {
		least = max(least, int(p.Profile.MinContributors))
	}
	sets := [][]string{sorted(b.Contributors)}
	for _, name := range runs {
		before := sorted(s.byRun[name].Body.Contributors)
		if !slices.ContainsFunc(sets, func(x []string) bool { return slices.Equal(x, before) }) {
			sets = append(sets, before)
		}
		for _, rest := range [][]string{without(sets[0], before), without(before, sets[0])} {
			if len(rest) > 0 && len(rest) < least {
				return refuse(CodeDifferencing, "the contributors differ from those of run %q by %q alone; a difference of fewer than %d would show what they hold", name, rest, least)
			}
		}
	}
	if len(sets) > MaxSets {
		return refuse(CodeDifferencing, "%s of practice %s would be released with %d different sets of contributors, at most %d", b.Measures[c.Measure].ID, c.Practice, len(sets), MaxSets)
	}
	return nil
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// without are the elements of a that are not in b.
func without(a, b []string) (out []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}
