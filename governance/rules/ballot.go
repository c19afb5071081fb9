package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// BallotOpen has a matter decided by sealed ballots: how many say yes is public, who does is not. Exactly one of motion and measure is given.
type BallotOpen struct {
	Motion  string `json:"motion"`  // id
	Measure string `json:"measure"` // hash
}

// BallotTally closes a sealed vote with its count. The convener carries it; everybody who voted has signed that it came out of the sums.
type BallotTally struct {
	Ballot
	Signatures []Signature `json:"signatures"` // of all present, in their order
}

// Ballot is what each voter present signs.
type Ballot struct {
	BallotOpen
	Number     int64    `json:"number"`  // of the attempt that was held to its end, from 1
	Present    []string `json:"present"` // who took part: the turnout
	Yes        int64    `json:"yes"`
	No         int64    `json:"no"`
	Abstain    int64    `json:"abstain"` // a present voter that names nothing abstains
	Invalid    int64    `json:"invalid"`
	Transcript string   `json:"transcript"` // hex: digest of the rounds' messages
}

// Canonical is the signed form, for RoomContext.
func (b Ballot) Canonical() ([]byte, error) { return entry.Canonical(b) }

// SealedVote is how a matter is voted on by sealed ballots.
type SealedVote struct {
	Opened uint64  `json:"opened"` // index of what asked for sealed ballots
	Index  uint64  `json:"index"`  // of the tally, 0 before
	Result *Ballot `json:"result"` // nil before
}

func validateBallotOpen(b *BallotOpen) *Refusal {
	if b.Motion == "" == (b.Measure == "") || b.Measure != "" && !entry.IsHash(b.Measure) {
		return refuse(CodeForm, "a ballot is on a motion or on a measure")
	}
	return nil
}

// Matter is what a ballot is on, with those who decide it.
func (s *State) matter(b BallotOpen) (*Deliberation, electorate, string, *Refusal) {
	if b.Motion != "" {
		m, r := s.openMotion(b.Motion)
		if r != nil {
			return nil, electorate{}, "", r
		}
		return &m.Deliberation, s.votersOn(m), m.name(), nil
	}
	m, r := s.proposed(b.Measure)
	if r != nil {
		return nil, electorate{}, "", r
	}
	return &m.Deliberation, s.deciders(), m.name(), nil
}

func resolveBallotOpen(s *State, e *entry.Signed, b *BallotOpen) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	d, el, what, r := s.matter(*b)
	switch {
	case r != nil:
		return nil, r
	case d.Sealed != nil:
		return nil, refuse(CodeDuplicate, "votes on %s are sealed since entry %d", what, d.Sealed.Opened)
	case len(el.all()) < MinPresent:
		return nil, refuse(CodeSealed, "%d decide %s; with fewer than %d, everybody knows how the others voted", len(el.all()), what, MinPresent)
	case len(d.Votes) > 0:
		return nil, refuse(CodeSealed, "%d have voted on %s in the open", len(d.Votes), what)
	}
	return func(index uint64) { d.Sealed = &SealedVote{Opened: index} }, nil
}

func validateBallotTally(b *BallotTally) *Refusal {
	if r := validateBallotOpen(&b.BallotOpen); r != nil {
		return r
	}
	switch {
	case !entry.IsHash(b.Transcript) || b.Number < 1 || b.Yes < 0 || b.No < 0 || b.Abstain < 0 || b.Invalid < 0:
		return refuse(CodeForm, "number, counts or transcript are not in their form")
	case len(b.Present) < MinPresent:
		return refuse(CodeRoom, "%d present, at least %d", len(b.Present), MinPresent)
	case b.Yes+b.No+b.Abstain+b.Invalid != int64(len(b.Present)):
		return refuse(CodeSealed, "%d ballots of %d present", b.Yes+b.No+b.Abstain+b.Invalid, len(b.Present))
	}
	return sortedNames(b.Present, "present")
}

func resolveBallotTally(s *State, e *entry.Signed, b *BallotTally) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	d, el, what, r := s.matter(b.BallotOpen)
	switch {
	case r != nil:
		return nil, r
	case d.Sealed == nil:
		return nil, refuse(CodeSealed, "votes on %s are not sealed", what)
	case d.Sealed.Result != nil:
		return nil, refuse(CodeAlreadyVoted, "the ballots on %s were counted at entry %d", what, d.Sealed.Index)
	}
	if r := s.enough(el, b.Present, what); r != nil {
		return nil, r
	}
	text, err := b.Ballot.Canonical()
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	if r := s.allSigned(b.Present, text, b.Signatures); r != nil {
		return nil, r
	}
	return func(index uint64) { d.Sealed = &SealedVote{Opened: d.Sealed.Opened, Index: index, Result: &b.Ballot} }, nil
}

// enough says whether these can hold a sealed vote. A ballot has no class, so of a committee the quorum of either class is of those present, which is public: one
// that gives no ballot abstains. It is asked for before anything is counted, since of two counts the difference would be somebody's ballot.
func (s *State) enough(el electorate, present []string, what string) *Refusal {
	if len(present) < MinPresent {
		return refuse(CodeRoom, "%d present, at least %d", len(present), MinPresent)
	}
	for _, n := range present {
		if !el.has(n) {
			return refuse(CodeNotAllowed, "%.40q has no vote on %s", n, what)
		}
	}
	if !el.committee {
		return nil
	}
	return s.quorum(el, func(n string) bool { return slices.Contains(present, n) }, what)
}

// EnoughFor is why a sealed vote cannot be held by these now; nil when it can.
func (s *State) EnoughFor(b BallotOpen, present []string) *Refusal {
	_, el, what, r := s.matter(b)
	if r != nil {
		return r
	}
	return s.enough(el, present, what)
}

// sealedTally counts a sealed vote. Whose vote has lapsed since nobody can take out of a count without names: then there is no decision by it.
func (s *State) sealedTally(d *Deliberation, el electorate, what string) (*Decision, *Refusal) {
	if d.Sealed.Result == nil {
		return nil, refuse(CodeSealed, "the sealed ballots on %s are not counted", what)
	}
	b := d.Sealed.Result
	for _, n := range b.Present {
		if !el.has(n) {
			return nil, refuse(CodeSealed, "%q took part in the sealed vote on %s and has no vote any more: nobody can take its ballot out; put the matter again", n, what)
		}
	}
	return &Decision{Yes: b.Yes, No: b.No, Abstain: b.Abstain + b.Invalid, Voting: int64(len(el.all()))}, nil
}
