package rules

import "slices"

// ballot counts the committee's votes: a quorum of either class, and a majority of all. A nil decision is a sealed vote that is not counted, or cannot be.
func (s *State) ballot(d *Deliberation, el electorate, what string) (*Decision, *Refusal) {
	c := s.rulebook()
	t := tally(d.Votes, el.all())
	took := func(n string) bool { return slices.ContainsFunc(d.Votes, func(v Vote) bool { return v.Member == n }) }
	if d.Sealed != nil {
		var r *Refusal
		if t, r = s.sealedTally(d, el, what); r != nil {
			return nil, r
		}
		took = func(n string) bool { return slices.Contains(d.Sealed.Result.Present, n) }
	}
	t.Basis, t.At = ByBallot, s.now
	if r := s.quorum(el, took, what); r != nil {
		return t, r
	}
	if 100*t.Yes <= c.MajorityPercent*(t.Yes+t.No) {
		return t, refuse(CodeNoMajority, "%d yes and %d no on %s, more than %d %% must be yes", t.Yes, t.No, what, c.MajorityPercent)
	}
	return t, nil
}

// quorum asks of either class for its share of those who took part in a vote.
func (s *State) quorum(el electorate, took func(string) bool, what string) *Refusal {
	c := s.rulebook()
	for _, side := range []struct {
		class Class
		all   []string
	}{{ClassPlan, el.plan}, {ClassProvider, el.provider}} {
		cast, n := int64(0), int64(len(side.all))
		for _, name := range side.all {
			if took(name) {
				cast++
			}
		}
		if 100*cast < c.QuorumPercent*n {
			return refuse(CodeNoQuorum, "%d of %d %s seats have voted on %s, the quorum is %d %%", cast, n, side.class, what, c.QuorumPercent)
		}
	}
	return nil
}

func tally(votes []Vote, who []string) *Decision {
	t := &Decision{Voting: int64(len(who))}
	for _, v := range votes {
		if !slices.Contains(who, v.Member) {
			continue // the vote of one that left, or lost its seat, counts no more
		}
		switch v.Choice {
		case Yes:
			t.Yes++
		case No:
			t.No++
		case Abstain:
			t.Abstain++
		}
	}
	return t
}
