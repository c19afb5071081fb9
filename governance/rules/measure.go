package rules

import (
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures"
)

// MeasureStatus is where a measure stands.
type MeasureStatus string

// A measure is a draft, goes to the committee, then to public comment, and is approved; later it may be retired. Where the charter has no committee and no
// comment window it is proposed, gathers votes, and is approved.
const (
	MeasureProposed  MeasureStatus = "proposed"
	MeasureDraft     MeasureStatus = "draft"
	MeasureCommittee MeasureStatus = "committee"
	MeasureComment   MeasureStatus = "public comment"
	MeasureApproved  MeasureStatus = "approved"
	MeasureWithdrawn MeasureStatus = "withdrawn"
	MeasureRetired   MeasureStatus = "retired"
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

// MeasureVote is a vote on a measure. It is cast once.
type MeasureVote struct {
	Hash   string `json:"hash"`
	Choice Choice `json:"choice"`
}

// MeasureApprove closes the vote in the measure's favour. It is the convener's or the chair's to write.
type MeasureApprove struct {
	Hash string `json:"hash"`
	// InForce is the log time from which runs may use it; 0 = at once.
	InForce int64 `json:"in_force,omitempty"`
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
	InForce    int64         `json:"in_force"` // log time from which runs may use it, 0 = from its approval
	Ended      uint64        `json:"ended"`    // index of what withdrew or retired it, 0 before
	Reason     string        `json:"reason"`   // of its retirement
	Definition []byte        `json:"definition"`
	Deliberation

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
		if m.ID == b.ID && m.Version == b.Version && (m.Status == MeasureApproved || m.Status == MeasureRetired) {
			return nil, refuse(CodeVersionTaken, "%s %s is approved with another content; propose a new version", b.ID, b.Version)
		}
	}
	spec, r := readDefinition(b)
	if r != nil {
		return nil, r
	}
	status := MeasureProposed
	if s.rulebook().staged() {
		status = MeasureDraft
	}
	return func(index uint64) {
		m := &Measure{ID: b.ID, Version: b.Version, Hash: b.Hash, Status: status, Proposer: e.Author, Proposed: index, Definition: b.Definition, spec: spec}
		s.measures, s.byHash[m.Hash] = append(s.measures, m), m
	}, nil
}

func (m *Measure) name() string { return m.ID + " " + m.Version }

func validateVote(b *MeasureVote) *Refusal { return validateChoice(b.Choice) }

func resolveVote(s *State, e *entry.Signed, b *MeasureVote) (effect, *Refusal) {
	m, r := s.proposed(b.Hash)
	if r != nil {
		return nil, r
	}
	return s.vote(e, &m.Deliberation, s.deciders(), b.Choice, m.name())
}

func validateApprove(b *MeasureApprove) *Refusal {
	if !entry.IsHash(b.Hash) {
		return refuse(CodeForm, "hash is not in its form")
	}
	if b.InForce < 0 || b.InForce >= maxTime {
		return refuse(CodeForm, "in force from %d s", b.InForce)
	}
	return nil
}

func resolveApprove(s *State, e *entry.Signed, b *MeasureApprove) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	m, r := s.proposed(b.Hash)
	if r != nil {
		return nil, r
	}
	decision, r := s.decide(&m.Deliberation, s.deciders(), m.name())
	if r != nil {
		return nil, r
	}
	for _, o := range s.measures {
		if o != m && o.ID == m.ID && o.Version == m.Version && o.Status == MeasureApproved {
			return nil, refuse(CodeVersionTaken, "%s %s is approved with another content", m.ID, m.Version)
		}
	}
	if b.InForce > 0 {
		if r := s.needTime("a date of coming into force"); r != nil {
			return nil, r
		}
	}
	return func(index uint64) {
		m.Status, m.Approved, m.InForce, m.Decision = MeasureApproved, index, b.InForce, decision
		decision.Index = index
	}, nil
}

// proposed returns a measure that is open to votes: in public comment, or proposed where there are no stages.
func (s *State) proposed(hash string) (*Measure, *Refusal) {
	m := s.byHash[hash]
	if m == nil {
		return nil, refuse(CodeUnknownMeasure, "no measure has hash %.16q", hash)
	}
	if m.Status == MeasureComment || m.Status == MeasureProposed && !s.rulebook().staged() {
		return m, nil
	}
	return nil, refuse(CodeNotOpen, "%s %s is %s", m.ID, m.Version, m.Status)
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
