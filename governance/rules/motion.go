package rules

import (
	"encoding/json"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// Motion is a matter that is put, discussed, voted on and carried: everything that is decided and is no measure.
type Motion struct {
	ID      string          `json:"id"`
	Subject string          `json:"subject"`
	Body    json.RawMessage `json:"body"`
	Mover   string          `json:"mover"`
	Index   uint64          `json:"index"`
	Ended   uint64          `json:"ended"` // index of what carried or withdrew it, 0 while it is open
	Carried bool            `json:"carried"`
	Deliberation
}

// MotionPropose puts a motion. Subject says what it would do, and body is that subject's document.
type MotionPropose struct {
	ID      string          `json:"id"`
	Subject string          `json:"subject"`
	Body    json.RawMessage `json:"body"`
}

// MotionRemark is a comment. From names one of the public for whom the convener writes; else it is empty.
type MotionRemark struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

// MotionRespond answers the comment of that entry.
type MotionRespond struct {
	ID      string `json:"id"`
	Comment uint64 `json:"comment"`
	Text    string `json:"text"`
}

// MotionObject stands against unanimous consent.
type MotionObject struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// MotionVote is a vote on a motion. It is cast once.
type MotionVote struct {
	ID     string `json:"id"`
	Choice Choice `json:"choice"`
}

// MotionCarry closes the vote in the motion's favour: it has its effect. It is the convener's or the chair's to write.
type MotionCarry struct {
	ID string `json:"id"`
}

// MotionWithdraw takes a motion back. It is its mover's to write.
type MotionWithdraw struct {
	ID string `json:"id"`
}

// subjectRule judges what a motion would do.
type subjectRule struct {
	subject string
	judge   func(*State, json.RawMessage) (effect, *Refusal)
}

// on makes the rule of a subject from its two judging steps.
func on[B any](validate func(*B) *Refusal, resolve func(*State, *B) (effect, *Refusal)) func(*State, json.RawMessage) (effect, *Refusal) {
	return func(s *State, body json.RawMessage) (effect, *Refusal) {
		b := new(B)
		if err := entry.Decode(body, b); err != nil {
			return nil, refuse(CodeForm, "body of the motion: %v", err)
		}
		if r := validate(b); r != nil {
			return nil, r
		}
		return resolve(s, b)
	}
}

var subjectRules = []subjectRule{
	{SubjectCharter, on(validateCharter, resolveCharter)},
	{SubjectSeats, on(validateSeats, resolveSeats)},
	{SubjectChair, on(validateChair, resolveChair)},
	{SubjectRemove, on(validateRemove, resolveRemove)},
	{SubjectRekey, on(validateRekey, resolveRekey)},
	{SubjectRetire, on(validateRetire, resolveRetire)},
	{SubjectEnact, on(validateEnact, resolveEnact)},
	{SubjectEnd, on(validateEnd, resolveEnd)},
	{SubjectStructure, on(validateStructure, resolveStructure)},
	{SubjectSum, on(validateSum, resolveSum)},
	{SubjectFreeze, on(validateFreeze, resolveFreeze)},
}

// Subjects is everything that a motion can be about.
func Subjects() []string {
	out := make([]string, len(subjectRules))
	for i, r := range subjectRules {
		out[i] = r.subject
	}
	return out
}

// would judges what a motion would do if it were carried now.
func (s *State) would(subject string, body json.RawMessage) (effect, *Refusal) {
	for _, r := range subjectRules {
		if r.subject == subject {
			return r.judge(s, body)
		}
	}
	return nil, refuse(CodeUnknownSubject, "no motion is about %.70q; is this program older than the ledger?", subject)
}

func validateMotion(b *MotionPropose) *Refusal {
	if !isID(b.ID) {
		return refuse(CodeForm, "motion %.70q is not 1 to 64 of a-z, 0-9 and '-'", b.ID)
	}
	return nil
}

func validateMotionComment(b *MotionRemark) *Refusal    { return validateComment(b.From, b.Text) }
func validateMotionRespond(b *MotionRespond) *Refusal   { return validateComment("", b.Text) }
func validateMotionObject(b *MotionObject) *Refusal     { return validateComment("", b.Text) }
func validateMotionVote(b *MotionVote) *Refusal         { return validateChoice(b.Choice) }
func validateMotionCarry(*MotionCarry) *Refusal         { return nil } // the name is looked up
func validateMotionWithdraw(b *MotionWithdraw) *Refusal { return nil }

func resolveMotion(s *State, e *entry.Signed, b *MotionPropose) (effect, *Refusal) {
	if m := s.active(e.Author); m.Role != RolePayer && m.Role != RoleConvener && !s.hasSeat(e.Author) {
		return nil, refuse(CodeNotAllowed, "payers, the convener and holders of seats put motions; %q has the role %s without a seat", e.Author, m.Role)
	}
	if s.byMotion[b.ID] != nil {
		return nil, refuse(CodeDuplicate, "motion %q is on record already; choose another name", b.ID)
	}
	// What could not be carried today is not put: who puts it learns why at once.
	if _, r := s.would(b.Subject, b.Body); r != nil {
		return nil, r
	}
	m := &Motion{ID: b.ID, Subject: b.Subject, Body: b.Body, Mover: e.Author}
	begin, r := s.begin(&m.Deliberation, s.rulebook().MotionSeconds)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		m.Index = index
		begin(index)
		s.motions, s.byMotion[m.ID] = append(s.motions, m), m
	}, nil
}

// votersOn is who decides a motion. Membership and lost keys are the payers' affair, the one in question apart; so is filling seats while the committee cannot decide.
func (s *State) votersOn(m *Motion) electorate {
	switch {
	case m.Subject == SubjectSeats && !s.constituted():
		return electorate{payers: s.Payers()}
	case m.Subject == SubjectRemove || m.Subject == SubjectRekey:
		about := m.about()
		return electorate{payers: slices.DeleteFunc(s.Payers(), func(n string) bool { return n == about })}
	}
	return s.deciders()
}

// about is the member that a motion on membership is about. The body was decoded when the motion was put.
func (m *Motion) about() string {
	var remove MemberRemove
	if entry.Decode(m.Body, &remove) == nil {
		return remove.Name
	}
	var rekey MemberRekey
	if entry.Decode(m.Body, &rekey) == nil {
		return rekey.Member.Name
	}
	return ""
}

func (s *State) openMotion(id string) (*Motion, *Refusal) {
	m := s.byMotion[id]
	if m == nil {
		return nil, refuse(CodeUnknownMotion, "no motion %.70q is on record", id)
	}
	switch {
	case m.Carried:
		return nil, refuse(CodeNotOpen, "motion %q was carried at entry %d", id, m.Ended)
	case m.Ended > 0:
		return nil, refuse(CodeNotOpen, "motion %q was withdrawn at entry %d", id, m.Ended)
	}
	return m, nil
}

func (m *Motion) name() string { return "motion " + m.ID }

func resolveMotionComment(s *State, e *entry.Signed, b *MotionRemark) (effect, *Refusal) {
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	return s.comment(e, &m.Deliberation, b.From, b.Text, m.name())
}

func resolveMotionRespond(s *State, e *entry.Signed, b *MotionRespond) (effect, *Refusal) {
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	return s.respond(e, &m.Deliberation, m.Mover, b.Comment, b.Text, m.name())
}

func resolveMotionObject(s *State, e *entry.Signed, b *MotionObject) (effect, *Refusal) {
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	return s.object(e, &m.Deliberation, s.votersOn(m), b.Text, m.name())
}

func resolveMotionVote(s *State, e *entry.Signed, b *MotionVote) (effect, *Refusal) {
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	return s.vote(e, &m.Deliberation, s.votersOn(m), b.Choice, m.name())
}

func resolveMotionCarry(s *State, e *entry.Signed, b *MotionCarry) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	decision, r := s.decide(&m.Deliberation, s.votersOn(m), m.name())
	if r != nil {
		return nil, r
	}
	do, r := s.would(m.Subject, m.Body)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		decision.Index = index
		m.Ended, m.Carried, m.Decision = index, true, decision
		do(index)
	}, nil
}

func resolveMotionWithdraw(s *State, e *entry.Signed, b *MotionWithdraw) (effect, *Refusal) {
	m, r := s.openMotion(b.ID)
	if r != nil {
		return nil, r
	}
	if e.Author != m.Mover {
		return nil, refuse(CodeNotAllowed, "motion %q is %q's to withdraw", b.ID, m.Mover)
	}
	return func(index uint64) { m.Ended = index }, nil
}

// Motions returns all motions in order.
func (s *State) Motions() []Motion {
	out := make([]Motion, len(s.motions))
	for i, m := range s.motions {
		out[i] = *m
	}
	return out
}

// Motion returns the motion of that name.
func (s *State) Motion(id string) (Motion, bool) {
	if m := s.byMotion[id]; m != nil {
		return *m, true
	}
	return Motion{}, false
}
