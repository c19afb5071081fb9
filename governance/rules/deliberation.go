package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// Deliberation is how something was put, discussed and decided. Times are log times, 0 where there is none.
type Deliberation struct {
	Opened     int64       `json:"opened"`  // when it was put to discussion
	Closes     int64       `json:"closes"`  // when its discussion ends
	Consent    int64       `json:"consent"` // when the time for objections ends; 0 = it needs a ballot
	Comments   []Comment   `json:"comments"`
	Objections []Objection `json:"objections"`
	Votes      []Vote      `json:"votes"`  // in order
	Sealed     *SealedVote `json:"sealed"` // nil: votes are cast in the open
	Decision   *Decision   `json:"decision"`
}

// Comment is a comment with its answer.
type Comment struct {
	Index  uint64 `json:"index"`
	Author string `json:"author"`
	From   string `json:"from"` // of the public, for whom the convener writes; else empty
	Text   string `json:"text"`
	// Answered is the index of the response, 0 before.
	Answered uint64 `json:"answered"`
	By       string `json:"by"`
	Response string `json:"response"`
}

// Objection stands against unanimous consent.
type Objection struct {
	Index  uint64 `json:"index"`
	Member string `json:"member"`
	Text   string `json:"text"`
}

// Vote is a vote on record.
type Vote struct {
	Member string `json:"member"`
	Choice Choice `json:"choice"`
	Index  uint64 `json:"index"`
}

// Choice is a vote.
type Choice string

// The choices.
const (
	Yes     Choice = "yes"
	No      Choice = "no"
	Abstain Choice = "abstain"
)

// Basis is what a decision rests on.
type Basis string

// The bases: more than half of the payers; a ballot of the committee; no objection in the committee.
const (
	ByPayers  Basis = "payers"
	ByBallot  Basis = "ballot"
	ByConsent Basis = "consent"
)

// Decision is the tally as it was when the matter was decided. Votes of those who could not vote any more are not in it.
type Decision struct {
	Index   uint64 `json:"index"`
	At      int64  `json:"at"`
	Basis   Basis  `json:"basis"`
	Yes     int64  `json:"yes"`
	No      int64  `json:"no"`
	Abstain int64  `json:"abstain"`
	Voting  int64  `json:"voting"` // who could vote
}

// maxRemarks bounds the comments, and the objections, on one matter.
const maxRemarks = 1000

// begin puts a matter to discussion for a window. Time is needed only where there is something to count.
func (s *State) begin(d *Deliberation, window int64) (effect, *Refusal) {
	c := s.rulebook()
	if window > 0 || c.ConsentSeconds > 0 && c.PlanSeats > 0 {
		if r := s.needTime("discussion"); r != nil {
			return nil, r
		}
	}
	return func(uint64) {
		d.Opened = s.now
		if d.Closes = s.now + window; window == 0 {
			d.Closes = 0
		}
		if c.ConsentSeconds > 0 && c.PlanSeats > 0 {
			d.Consent = s.now + window + c.ConsentSeconds
		}
	}, nil
}

// electorate is who decides.
type electorate struct {
	committee      bool
	plan, provider []string // or
	payers         []string
}

func (el electorate) has(name string) bool {
	return slices.Contains(el.plan, name) || slices.Contains(el.provider, name) || slices.Contains(el.payers, name)
}

// deciders is the committee under a charter with seats, and the payers otherwise.
func (s *State) deciders() electorate {
	if s.rulebook().PlanSeats > 0 {
		return electorate{committee: true, plan: s.holders(ClassPlan), provider: s.holders(ClassProvider)}
	}
	return electorate{payers: s.Payers()}
}

// decide says whether the matter is decided in its favour now.
func (s *State) decide(d *Deliberation, el electorate, what string) (*Decision, *Refusal) {
	for _, c := range d.Comments {
		if c.Answered == 0 {
			return nil, refuse(CodeUnanswered, "the comment at entry %d on %s has no answer", c.Index, what)
		}
	}
	if s.now < d.Closes {
		return nil, refuse(CodeWindowOpen, "comments on %s are open until %s; the log's time is %s", what, moment(d.Closes), moment(s.now))
	}
	if !el.committee {
		t := tally(d.Votes, el.payers)
		if d.Sealed != nil {
			var r *Refusal
			if t, r = s.sealedTally(d, el, what); r != nil {
				return nil, r
			}
		}
		if t.Basis, t.At = ByPayers, s.now; 2*t.Yes <= t.Voting {
			return nil, refuse(CodeNoMajority, "%d of %d payers said yes to %s, more than half must", t.Yes, t.Voting, what)
		}
		return t, nil
	}
	if !s.constituted() {
		return nil, refuse(CodeSeatsUnequal, "%d plan seats and %d provider seats are held; a committee decides only while they are equal in number, and not empty",
			len(el.plan), len(el.provider))
	}
	t, r := s.ballot(d, el, what)
	if r == nil || t == nil {
		return t, r
	}
	objects := ""
	for _, o := range d.Objections {
		if el.has(o.Member) {
			objects = o.Member
		}
	}
	switch {
	case d.Consent == 0 || t.No > 0 || objects != "" && t.Yes+t.Abstain > 0:
		return nil, r
	case objects != "":
		return nil, refuse(CodeObjection, "%q objects to %s: there is no unanimous consent, and a ballot decides", objects, what)
	case s.now < d.Consent:
		return nil, refuse(CodeWindowOpen, "objections to %s may be made until %s; the log's time is %s", what, moment(d.Consent), moment(s.now))
	}
	t.Basis = ByConsent
	return t, nil
}

// The acts of a discussion, the same for measures and motions.

func validateComment(from, text string) *Refusal {
	if !isText(text, 10000) || from != "" && !isText(from, 200) {
		return refuse(CodeForm, "a comment is a text of at most 10000 bytes without control characters")
	}
	return nil
}

func (s *State) comment(e *entry.Signed, d *Deliberation, from, text, what string) (effect, *Refusal) {
	switch {
	case from != "" && e.Author != s.Convener():
		return nil, refuse(CodeNotAllowed, "the convener writes for the public; %q comments in its own name", e.Author)
	case d.Closes > 0 && s.now >= d.Closes:
		return nil, refuse(CodeWindowClosed, "comments on %s closed at %s", what, moment(d.Closes))
	case len(d.Comments) >= maxRemarks:
		return nil, refuse(CodeTooMany, "%s has %d comments", what, len(d.Comments))
	}
	return func(index uint64) {
		d.Comments = append(d.Comments, Comment{Index: index, Author: e.Author, From: from, Text: text})
	}, nil
}

func (s *State) respond(e *entry.Signed, d *Deliberation, proposer string, comment uint64, text, what string) (effect, *Refusal) {
	if e.Author != proposer {
		if r := s.presides(e); r != nil {
			return nil, refuse(CodeNotAllowed, "comments on %s are answered by who proposed it, the convener or the chair, not by %q", what, e.Author)
		}
	}
	for i, c := range d.Comments {
		if c.Index != comment {
			continue
		}
		if c.Answered > 0 {
			return nil, refuse(CodeDuplicate, "the comment at entry %d is answered at entry %d", c.Index, c.Answered)
		}
		return func(index uint64) {
			c.Answered, c.By, c.Response = index, e.Author, text
			d.Comments = slices.Clone(d.Comments) // what a reader holds does not change
			d.Comments[i] = c
		}, nil
	}
	return nil, refuse(CodeUnknownComment, "entry %d is no comment on %s", comment, what)
}

func (s *State) object(e *entry.Signed, d *Deliberation, el electorate, text, what string) (effect, *Refusal) {
	if !el.committee {
		return nil, refuse(CodeNotAllowed, "%s is decided by a vote of the payers: vote no", what)
	}
	if !el.has(e.Author) {
		return nil, refuse(CodeNotAllowed, "%q holds no plan or provider seat", e.Author)
	}
	for _, o := range d.Objections {
		if o.Member == e.Author {
			return nil, refuse(CodeDuplicate, "%q has objected to %s at entry %d", e.Author, what, o.Index)
		}
	}
	return func(index uint64) { d.Objections = append(d.Objections, Objection{index, e.Author, text}) }, nil
}

func validateChoice(c Choice) *Refusal {
	if c != Yes && c != No && c != Abstain {
		return refuse(CodeForm, "choice %.40q, want yes, no or abstain", c)
	}
	return nil
}

func (s *State) vote(e *entry.Signed, d *Deliberation, el electorate, c Choice, what string) (effect, *Refusal) {
	if !el.has(e.Author) {
		who := "payers vote"
		if el.committee {
			who = "plan and provider seats vote"
		}
		return nil, refuse(CodeNotAllowed, "%q has no vote on %s; %s", e.Author, what, who)
	}
	if d.Sealed != nil {
		return nil, refuse(CodeSealed, "votes on %s are sealed since entry %d: give this member's ballot to its node", what, d.Sealed.Opened)
	}
	for _, v := range d.Votes {
		if v.Member == e.Author {
			return nil, refuse(CodeAlreadyVoted, "%q has voted %s on %s", e.Author, v.Choice, what)
		}
	}
	return func(index uint64) { d.Votes = append(d.Votes, Vote{e.Author, c, index}) }, nil
}
