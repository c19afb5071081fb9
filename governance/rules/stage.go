package rules

import "github.com/tacet-health/tacet/governance/entry"

// The stages of a measure between its proposal and its approval.

// MeasureRefer brings a draft to the committee.
type MeasureRefer struct {
	Hash string `json:"hash"`
}

// MeasurePublish puts what the committee has before the public: from now on the comment window runs, and votes are taken.
type MeasurePublish struct {
	Hash string `json:"hash"`
}

// MeasureRemark is a comment. From names one of the public for whom the convener writes; else it is empty.
type MeasureRemark struct {
	Hash string `json:"hash"`
	From string `json:"from"`
	Text string `json:"text"`
}

// MeasureRespond answers the comment of that entry.
type MeasureRespond struct {
	Hash    string `json:"hash"`
	Comment uint64 `json:"comment"`
	Text    string `json:"text"`
}

// MeasureObject stands against unanimous consent.
type MeasureObject struct {
	Hash string `json:"hash"`
	Text string `json:"text"`
}

// MeasureWithdraw takes a measure back that is not decided. It is its proposer's to write.
type MeasureWithdraw struct {
	Hash string `json:"hash"`
}

// MeasureRetire ends an approved measure: no later run may use it. It is a motion's subject.
type MeasureRetire struct {
	Hash   string `json:"hash"`
	Reason string `json:"reason"`
}

func isHashOr(hash string) *Refusal {
	if !entry.IsHash(hash) {
		return refuse(CodeForm, "hash is not in its form")
	}
	return nil
}

func validateRefer(b *MeasureRefer) *Refusal              { return isHashOr(b.Hash) }
func validatePublish(b *MeasurePublish) *Refusal          { return isHashOr(b.Hash) }
func validateMeasureWithdraw(b *MeasureWithdraw) *Refusal { return isHashOr(b.Hash) }
func validateMeasureComment(b *MeasureRemark) *Refusal    { return validateComment(b.From, b.Text) }
func validateMeasureRespond(b *MeasureRespond) *Refusal   { return validateComment("", b.Text) }
func validateMeasureObject(b *MeasureObject) *Refusal     { return validateComment("", b.Text) }

func resolveRefer(s *State, e *entry.Signed, b *MeasureRefer) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	m, r := s.undecided(b.Hash)
	if r != nil {
		return nil, r
	}
	if !s.rulebook().staged() || m.Status != MeasureDraft && m.Status != MeasureProposed {
		return nil, refuse(CodeNotOpen, "%s is %s; a draft is referred, to a committee or to public comment that the charter has", m.name(), m.Status)
	}
	return func(uint64) { m.Status = MeasureCommittee }, nil
}

func resolvePublish(s *State, e *entry.Signed, b *MeasurePublish) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	m, r := s.undecided(b.Hash)
	if r != nil {
		return nil, r
	}
	if m.Status != MeasureCommittee {
		return nil, refuse(CodeNotOpen, "%s is %s; what the committee has is published", m.name(), m.Status)
	}
	c := s.rulebook()
	if c.PlanSeats > 0 && !s.constituted() {
		return nil, refuse(CodeSeatsUnequal, "%d plan seats and %d provider seats are held; a committee acts only while they are equal in number, and not empty", s.seated(ClassPlan), s.seated(ClassProvider))
	}
	begin, r := s.begin(&m.Deliberation, c.CommentSeconds)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		m.Status = MeasureComment
		begin(index)
	}, nil
}

func resolveMeasureComment(s *State, e *entry.Signed, b *MeasureRemark) (effect, *Refusal) {
	m, r := s.undecided(b.Hash)
	if r != nil {
		return nil, r
	}
	return s.comment(e, &m.Deliberation, b.From, b.Text, m.name())
}

func resolveMeasureRespond(s *State, e *entry.Signed, b *MeasureRespond) (effect, *Refusal) {
	m, r := s.undecided(b.Hash)
	if r != nil {
		return nil, r
	}
	return s.respond(e, &m.Deliberation, m.Proposer, b.Comment, b.Text, m.name())
}

func resolveMeasureObject(s *State, e *entry.Signed, b *MeasureObject) (effect, *Refusal) {
	m, r := s.proposed(b.Hash)
	if r != nil {
		return nil, r
	}
	return s.object(e, &m.Deliberation, s.deciders(), b.Text, m.name())
}

func resolveMeasureWithdraw(s *State, e *entry.Signed, b *MeasureWithdraw) (effect, *Refusal) {
	m, r := s.undecided(b.Hash)
	if r != nil {
		return nil, r
	}
	if e.Author != m.Proposer {
		return nil, refuse(CodeNotAllowed, "%s is %q's to withdraw", m.name(), m.Proposer)
	}
	return func(index uint64) { m.Status, m.Ended = MeasureWithdrawn, index }, nil
}

func validateRetire(b *MeasureRetire) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "a measure is retired with a reason, in at most 1000 bytes")
	}
	return isHashOr(b.Hash)
}

func resolveRetire(s *State, b *MeasureRetire) (effect, *Refusal) {
	m := s.byHash[b.Hash]
	if m == nil {
		return nil, refuse(CodeUnknownMeasure, "no measure has hash %.16q", b.Hash)
	}
	if m.Status != MeasureApproved {
		return nil, refuse(CodeNotOpen, "%s is %s; approved measures are retired", m.name(), m.Status)
	}
	return func(index uint64) { m.Status, m.Ended, m.Reason = MeasureRetired, index, b.Reason }, nil
}

// undecided returns a measure that is neither approved nor over.
func (s *State) undecided(hash string) (*Measure, *Refusal) {
	m := s.byHash[hash]
	if m == nil {
		return nil, refuse(CodeUnknownMeasure, "no measure has hash %.16q", hash)
	}
	switch m.Status {
	case MeasureApproved, MeasureWithdrawn, MeasureRetired:
		return nil, refuse(CodeNotOpen, "%s %s is %s", m.ID, m.Version, m.Status)
	}
	return m, nil
}
