package rules

import (
	"crypto/sha256"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// AdoptionOpen asks every payer what it intends to adopt of a recommended structure, or later what it has adopted. Answers are sealed until the close.
type AdoptionOpen struct {
	ID        string `json:"id"`
	Structure string `json:"structure"` // hash
	About     string `json:"about"`     // intention or status
	Close     int64  `json:"close"`     // log time
}

// AdoptionCommit is a payer's sealed answer: AdoptionDigest of it.
type AdoptionCommit struct {
	ID     string `json:"id"`
	Digest string `json:"digest"`
}

// AdoptionReveal opens a payer's answer after the close.
type AdoptionReveal struct {
	ID     string `json:"id"`
	Answer Answer `json:"answer"`
	Salt   string `json:"salt"` // hex, 32 random bytes
}

// Answer is how much of a structure a payer adopts. There is no room for an amount.
type Answer string

// The answers.
const (
	AdoptFull    Answer = "full"
	AdoptPartial Answer = "partial"
	AdoptNone    Answer = "none"
)

// Adoption is a question on record with its answers, in order of commitment.
type Adoption struct {
	AdoptionOpen
	Index   uint64         `json:"index"`
	Answers []SealedAnswer `json:"answers"`
}

// SealedAnswer is a payer's answer, sealed until it is revealed.
type SealedAnswer struct {
	Index    uint64 `json:"index"`
	Member   string `json:"member"`
	Digest   string `json:"digest"`
	Answer   Answer `json:"answer"` // empty while sealed
	Revealed uint64 `json:"revealed"`
}

// AdoptionDigest is what a payer commits to.
func AdoptionDigest(ledger, id, member string, answer Answer, salt string) string {
	b, err := entry.Canonical([]string{"tacet/adoption/v1", ledger, id, member, string(answer), salt})
	if err != nil { // a list of strings can be printed
		panic("rules: adoption cannot be printed: " + err.Error())
	}
	return hexOf(sha256.Sum256(b))
}

func validateAdoptionOpen(b *AdoptionOpen) *Refusal {
	if !isID(b.ID) || !entry.IsHash(b.Structure) || b.About != "intention" && b.About != "status" || b.Close < minTime || b.Close >= maxTime {
		return refuse(CodeForm, "id, structure, subject (intention or status) or close is not in its form")
	}
	return nil
}

func resolveAdoptionOpen(s *State, e *entry.Signed, b *AdoptionOpen) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	if s.adoption(b.ID) != nil {
		return nil, refuse(CodeDuplicate, "adoption %q is on record already; choose another name", b.ID)
	}
	if !slices.ContainsFunc(s.structures, func(x *StructureRecord) bool { return x.Hash == b.Structure }) {
		return nil, refuse(CodeUnknownStructure, "no recommended structure has hash %.16q", b.Structure)
	}
	if r := s.needTime("a close date"); r != nil {
		return nil, r
	}
	if b.Close <= s.now {
		return nil, refuse(CodeWindowClosed, "the close date %s is over; the log's time is %s", moment(b.Close), moment(s.now))
	}
	return func(index uint64) { s.adoptions = append(s.adoptions, &Adoption{AdoptionOpen: *b, Index: index}) }, nil
}

func validateAdoptionCommit(b *AdoptionCommit) *Refusal {
	if !entry.IsHash(b.Digest) {
		return refuse(CodeForm, "digest is not a hash")
	}
	return nil
}

func (s *State) adoption(id string) *Adoption {
	for _, a := range s.adoptions {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// asked returns the question and the place of the author's answer in it, −1 when there is none.
func (s *State) asked(id string, e *entry.Signed) (*Adoption, int, *Refusal) {
	a := s.adoption(id)
	if a == nil {
		return nil, 0, refuse(CodeUnknownAdoption, "no adoption %.70q is on record", id)
	}
	if !s.isPayer(e.Author) {
		return nil, 0, refuse(CodeNotAllowed, "payers adopt; %q is none", e.Author)
	}
	return a, slices.IndexFunc(a.Answers, func(x SealedAnswer) bool { return x.Member == e.Author }), nil
}

func resolveAdoptionCommit(s *State, e *entry.Signed, b *AdoptionCommit) (effect, *Refusal) {
	a, i, r := s.asked(b.ID, e)
	switch {
	case r != nil:
		return nil, r
	case s.now >= a.Close:
		return nil, refuse(CodeWindowClosed, "adoption %q closed at %s", b.ID, moment(a.Close))
	case i >= 0:
		return nil, refuse(CodeDuplicate, "%q has answered at entry %d", e.Author, a.Answers[i].Index)
	case slices.ContainsFunc(a.Answers, func(x SealedAnswer) bool { return x.Digest == b.Digest }):
		return nil, refuse(CodeDuplicate, "this is another payer's sealed answer")
	}
	return func(index uint64) {
		a.Answers = append(a.Answers, SealedAnswer{Index: index, Member: e.Author, Digest: b.Digest})
	}, nil
}

func validateAdoptionReveal(b *AdoptionReveal) *Refusal {
	if b.Answer != AdoptFull && b.Answer != AdoptPartial && b.Answer != AdoptNone || !entry.IsHash(b.Salt) {
		return refuse(CodeForm, "answer %.40q with salt; want full, partial or none, and 32 bytes in lower-case hex", b.Answer)
	}
	return nil
}

func resolveAdoptionReveal(s *State, e *entry.Signed, b *AdoptionReveal) (effect, *Refusal) {
	a, i, r := s.asked(b.ID, e)
	switch {
	case r != nil:
		return nil, r
	case s.now < a.Close:
		return nil, refuse(CodeWindowOpen, "answers are sealed until %s; the log's time is %s", moment(a.Close), moment(s.now))
	case i < 0:
		return nil, refuse(CodeReveal, "%q has committed to no answer", e.Author)
	case a.Answers[i].Revealed > 0:
		return nil, refuse(CodeDuplicate, "%q has revealed its answer at entry %d", e.Author, a.Answers[i].Revealed)
	case AdoptionDigest(s.genesis.Ledger, b.ID, e.Author, b.Answer, b.Salt) != a.Answers[i].Digest:
		return nil, refuse(CodeReveal, "this is not the answer that %q committed to", e.Author)
	}
	return func(index uint64) {
		a.Answers = slices.Clone(a.Answers) // what a reader holds does not change
		a.Answers[i].Answer, a.Answers[i].Revealed = b.Answer, index
	}, nil
}

// Adoptions returns all questions in order.
func (s *State) Adoptions() []Adoption {
	out := make([]Adoption, len(s.adoptions))
	for i, a := range s.adoptions {
		out[i] = *a
	}
	return out
}

// Tally counts the revealed answers, and those still sealed.
func (a Adoption) Tally() (answers map[Answer]int, sealed int) {
	answers = map[Answer]int{}
	for _, x := range a.Answers {
		if x.Answer == "" {
			sealed++
		} else {
			answers[x.Answer]++
		}
	}
	return answers, sealed
}
