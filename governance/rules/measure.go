package rules

import (
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures"
)

// MeasureStatus is where a measure stands.
type MeasureStatus string

// A measure is proposed, gathers votes, and is approved.
const (
	MeasureProposed MeasureStatus = "proposed"
	MeasureApproved MeasureStatus = "approved"
)

// MeasurePropose puts a measure to the vote. The definition is the measure's canonical form; its hash is what is voted on.
type MeasurePropose struct {
	ID         string `json:"id"`
	Version    string `json:"version"`
	Hash       string `json:"hash"`       // hex, measures.Spec.Hash
	Definition []byte `json:"definition"` // measures.Spec.Canonical
}

// NewMeasurePropose puts a measure to the vote.
func NewMeasurePropose(s *measures.Spec) MeasurePropose {
	return MeasurePropose{ID: s.ID, Version: s.Version, Hash: hexOf(s.Hash()), Definition: s.Canonical()}
}

// MeasureVote is a payer's vote on a proposed measure. It is cast once.
type MeasureVote struct {
	Hash   string `json:"hash"`
	Choice Choice `json:"choice"`
}

// Choice is a vote.
type Choice string

// The choices.
const (
	Yes Choice = "yes"
	No  Choice = "no"
)

// MeasureApprove closes the vote: more than half of the present payers said yes. It is the convener's to write.
type MeasureApprove struct {
	Hash string `json:"hash"`
}

// Vote is a vote on record.
type Vote struct {
	Member string `json:"member"`
	Choice Choice `json:"choice"`
	Index  uint64 `json:"index"`
}

// Measure is a measure on record.
type Measure struct {
	ID         string        `json:"id"`
	Version    string        `json:"version"`
	Hash       string        `json:"hash"`
	Status     MeasureStatus `json:"status"`
	Proposer   string        `json:"proposer"`
	Proposed   uint64        `json:"proposed"` // index
	Approved   uint64        `json:"approved"` // index, 0 when not
	Votes      []Vote        `json:"votes"`    // in order
	Definition []byte        `json:"definition"`

	spec *measures.Spec
}

// Spec is the definition as the measure it is. It is shared and must not be changed.
func (m Measure) Spec() *measures.Spec { return m.spec }

func validatePropose(b *MeasurePropose) *Refusal {
	if !isID(b.ID) || !isVersion(b.Version) || !entry.IsHash(b.Hash) {
		return refuse(CodeForm, "id, version or hash of the measure is not in its form")
	}
	_, r := readDefinition(b)
	return r
}

func resolvePropose(s *State, e *entry.Signed, b *MeasurePropose) (effect, *Refusal) {
	if s.byHash[b.Hash] != nil {
		return nil, refuse(CodeDuplicate, "measure %s %s is on record already", b.ID, b.Version)
	}
	for _, m := range s.measures {
		if m.ID == b.ID && m.Version == b.Version && m.Status == MeasureApproved {
			return nil, refuse(CodeVersionTaken, "%s %s is approved with another content; propose a new version", b.ID, b.Version)
		}
	}
	spec, r := readDefinition(b)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		m := &Measure{ID: b.ID, Version: b.Version, Hash: b.Hash, Status: MeasureProposed, Proposer: e.Author, Proposed: index, Definition: b.Definition, spec: spec}
		s.measures, s.byHash[m.Hash] = append(s.measures, m), m
	}, nil
}

func validateVote(b *MeasureVote) *Refusal {
	if b.Choice != Yes && b.Choice != No {
		return refuse(CodeForm, "choice %q, want yes or no", b.Choice)
	}
	return nil
}

func resolveVote(s *State, e *entry.Signed, b *MeasureVote) (effect, *Refusal) {
	if !s.isPayer(e.Author) {
		return nil, refuse(CodeNotAllowed, "%q has no vote; payers vote", e.Author)
	}
	m, r := s.proposed(b.Hash)
	if r != nil {
		return nil, r
	}
	for _, v := range m.Votes {
		if v.Member == e.Author {
			return nil, refuse(CodeAlreadyVoted, "%q has voted %s on %s %s", e.Author, v.Choice, m.ID, m.Version)
		}
	}
	return func(index uint64) { m.Votes = append(m.Votes, Vote{e.Author, b.Choice, index}) }, nil
}

func validateApprove(b *MeasureApprove) *Refusal {
	if !entry.IsHash(b.Hash) {
		return refuse(CodeForm, "hash is not in its form")
	}
	return nil
}

func resolveApprove(s *State, e *entry.Signed, b *MeasureApprove) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	m, r := s.proposed(b.Hash)
	if r != nil {
		return nil, r
	}
	yes := 0
	for _, v := range m.Votes {
		if v.Choice == Yes && s.isPayer(v.Member) { // the vote of one that left counts no more
			yes++
		}
	}
	if n := len(s.Payers()); 2*yes <= n {
		return nil, refuse(CodeNoMajority, "%d of %d payers said yes to %s %s, more than half must", yes, n, m.ID, m.Version)
	}
	for _, o := range s.measures {
		if o != m && o.ID == m.ID && o.Version == m.Version && o.Status == MeasureApproved {
			return nil, refuse(CodeVersionTaken, "%s %s is approved with another content", m.ID, m.Version)
		}
	}
	return func(index uint64) { m.Status, m.Approved = MeasureApproved, index }, nil
}

// proposed returns a measure that is open to votes.
func (s *State) proposed(hash string) (*Measure, *Refusal) {
	m := s.byHash[hash]
	if m == nil {
		return nil, refuse(CodeUnknownMeasure, "no measure has hash %.16q", hash)
	}
	if m.Status != MeasureProposed {
		return nil, refuse(CodeNotOpen, "%s %s is %s", m.ID, m.Version, m.Status)
	}
	return m, nil
}

// Measure returns the measure with that hash.
func (s *State) Measure(hash string) (Measure, bool) {
	if m := s.byHash[hash]; m != nil {
		return *m, true
	}
	return Measure{}, false
}

// Measures returns all measures in order of proposal.
func (s *State) Measures() []Measure {
	out := make([]Measure, len(s.measures))
	for i, m := range s.measures {
		out[i] = *m
	}
	return out
}
