package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// AppealOpen contests a figure, or with empty measure and practice a whole result, within the charter's window after the certificate. Payers, providers
// and holders of seats may.
type AppealOpen struct {
	ID       string `json:"id"`
	Run      string `json:"run"`
	Measure  string `json:"measure"`  // id, or empty
	Practice string `json:"practice"` // or empty
	Ground   string `json:"ground"`
}

// AppealPanel names who decides: as many of the charter's number, as many payers as providers among them, none of them the appellant.
type AppealPanel struct {
	ID      string   `json:"id"`
	Members []string `json:"members"`
}

// AppealAnswer is what the convener or a contributor says to it. There is one before it is decided.
type AppealAnswer struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// AppealDecide is the opinion of one of the panel. When more than half of it agree, the appeal is decided, for good.
type AppealDecide struct {
	ID      string  `json:"id"`
	Outcome Outcome `json:"outcome"`
	Text    string  `json:"text"`
}

// Outcome is what a panel says.
type Outcome string

// The outcomes.
const (
	Upheld    Outcome = "upheld"
	Dismissed Outcome = "dismissed"
)

// Appeal is an appeal on record.
type Appeal struct {
	AppealOpen
	Index     uint64    `json:"index"`
	Appellant string    `json:"appellant"`
	Panel     []string  `json:"panel"`
	Answers   []Remark  `json:"answers"`
	Opinions  []Opinion `json:"opinions"`
	Outcome   Outcome   `json:"outcome"` // empty while it is open
	Decided   uint64    `json:"decided"`
}

// Remark is a text on record.
type Remark struct {
	Index  uint64 `json:"index"`
	Author string `json:"author"`
	Text   string `json:"text"`
}

// Opinion is a panel member's.
type Opinion struct {
	Index   uint64  `json:"index"`
	Member  string  `json:"member"`
	Outcome Outcome `json:"outcome"`
	Text    string  `json:"text"`
}

const maxAppealText = 10000

func validateAppeal(b *AppealOpen) *Refusal {
	if !isID(b.ID) || !isText(b.Ground, maxAppealText) || (b.Measure == "") != (b.Practice == "") {
		return refuse(CodeForm, "an appeal has a name, a ground, and either a measure and a practice or neither")
	}
	return nil
}

func resolveAppeal(s *State, e *entry.Signed, b *AppealOpen) (effect, *Refusal) {
	if m := s.active(e.Author); m.Role != RolePayer && m.Role != RoleProvider && !s.hasSeat(e.Author) {
		return nil, refuse(CodeNotAllowed, "payers, providers and holders of seats appeal; %q has the role %s", e.Author, m.Role)
	}
	if s.appeal(b.ID) != nil {
		return nil, refuse(CodeDuplicate, "appeal %q is on record already; choose another name", b.ID)
	}
	run := s.byRun[b.Run]
	if run == nil || run.Status != RunCertified {
		return nil, refuse(CodeUnknownRun, "no certified run is called %.70q", b.Run)
	}
	if s.now >= run.AppealUntil {
		return nil, refuse(CodeFinal, "the result of run %q stands: the time for appeals is over", b.Run)
	}
	if b.Practice != "" && !slices.ContainsFunc(run.Body.Cells, func(c CellRef) bool {
		return c.Practice == b.Practice && run.Body.Measures[c.Measure].ID == b.Measure
	}) {
		return nil, refuse(CodeUnknownPractice, "run %q has no figure of %.70q for practice %.70q", b.Run, b.Measure, b.Practice)
	}
	if n := len(s.appeals); n >= maxRemarks {
		return nil, refuse(CodeTooMany, "there are %d appeals", n)
	}
	return func(index uint64) {
		s.appeals = append(s.appeals, &Appeal{AppealOpen: *b, Index: index, Appellant: e.Author})
	}, nil
}

func validatePanel(b *AppealPanel) *Refusal {
	if n, ok := repeated(b.Members); ok {
		return refuse(CodePanel, "%.40q is on the panel twice", n)
	}
	return nil
}

func resolvePanel(s *State, e *entry.Signed, b *AppealPanel) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	a, r := s.openAppeal(b.ID)
	if r != nil {
		return nil, r
	}
	if len(a.Panel) > 0 && !slices.ContainsFunc(a.Panel, func(n string) bool { return s.active(n) == nil }) {
		return nil, refuse(CodePanel, "appeal %q has a panel: %q", b.ID, a.Panel)
	}
	if want := s.rulebook().PanelSize; int64(len(b.Members)) != want {
		return nil, refuse(CodePanel, "%d on the panel, the charter says %d", len(b.Members), want)
	}
	payers, providers := 0, 0
	for _, n := range b.Members {
		m := s.active(n)
		switch {
		case m == nil:
			return nil, refuse(CodeNotMember, "%.40q is not a member", n)
		case n == a.Appellant:
			return nil, refuse(CodePanel, "%q appeals, and does not decide on it", n)
		case m.Role == RolePayer:
			payers++
		case m.Role == RoleProvider:
			providers++
		case m.Role != RoleExpert:
			return nil, refuse(CodePanel, "%q has the role %s; payers, providers and experts sit on a panel", n, m.Role)
		}
	}
	if payers != providers {
		return nil, refuse(CodePanel, "%d payers and %d providers on the panel; they are equal in number, and experts are the rest", payers, providers)
	}
	return func(uint64) { a.Panel = b.Members }, nil
}

func validateAnswer(b *AppealAnswer) *Refusal {
	if !isText(b.Text, maxAppealText) {
		return refuse(CodeForm, "an answer is a text of at most %d bytes", maxAppealText)
	}
	return nil
}

func resolveAnswer(s *State, e *entry.Signed, b *AppealAnswer) (effect, *Refusal) {
	a, r := s.openAppeal(b.ID)
	if r != nil {
		return nil, r
	}
	if run := s.byRun[a.Run]; e.Author != s.Convener() && !slices.Contains(run.Body.Contributors, e.Author) {
		return nil, refuse(CodeNotAllowed, "the convener and the contributors of run %q answer, not %q", a.Run, e.Author)
	}
	if len(a.Answers) >= maxRemarks {
		return nil, refuse(CodeTooMany, "appeal %q has %d answers", b.ID, len(a.Answers))
	}
	return func(index uint64) { a.Answers = append(a.Answers, Remark{index, e.Author, b.Text}) }, nil
}

func validateDecide(b *AppealDecide) *Refusal {
	if b.Outcome != Upheld && b.Outcome != Dismissed {
		return refuse(CodeForm, "outcome %.40q, want upheld or dismissed", b.Outcome)
	}
	if !isText(b.Text, maxAppealText) {
		return refuse(CodeForm, "a decision has its reasons, in at most %d bytes", maxAppealText)
	}
	return nil
}

func resolveDecide(s *State, e *entry.Signed, b *AppealDecide) (effect, *Refusal) {
	a, r := s.openAppeal(b.ID)
	if r != nil {
		return nil, r
	}
	if !slices.Contains(a.Panel, e.Author) {
		return nil, refuse(CodeNotAllowed, "%q is not on the panel of appeal %q", e.Author, b.ID)
	}
	if len(a.Answers) == 0 {
		return nil, refuse(CodeUnanswered, "appeal %q has no answer yet", b.ID)
	}
	agree := 1
	for _, o := range a.Opinions {
		if o.Member == e.Author {
			return nil, refuse(CodeAlreadyVoted, "%q has said %s on appeal %q", e.Author, o.Outcome, b.ID)
		}
		if o.Outcome == b.Outcome && slices.Contains(a.Panel, o.Member) {
			agree++
		}
	}
	return func(index uint64) {
		a.Opinions = append(a.Opinions, Opinion{index, e.Author, b.Outcome, b.Text})
		if 2*agree > len(a.Panel) {
			a.Outcome, a.Decided = b.Outcome, index
		}
	}, nil
}

func (s *State) appeal(id string) *Appeal {
	for _, a := range s.appeals {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func (s *State) openAppeal(id string) (*Appeal, *Refusal) {
	a := s.appeal(id)
	if a == nil {
		return nil, refuse(CodeUnknownAppeal, "no appeal %.70q is on record", id)
	}
	if a.Outcome != "" {
		return nil, refuse(CodeFinal, "appeal %q was %s at entry %d; that is final", id, a.Outcome, a.Decided)
	}
	return a, nil
}

// Appeals returns all appeals in order.
func (s *State) Appeals() []Appeal {
	out := make([]Appeal, len(s.appeals))
	for i, a := range s.appeals {
		out[i] = *a
	}
	return out
}
