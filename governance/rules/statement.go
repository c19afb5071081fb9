package rules

import (
	"regexp"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// StatementPost puts the statements of a silent room on record. The convener carries them; nobody, the convener included, knows whose they are, and the schema has no field
// in which an author could stand.
type StatementPost struct {
	Room       string   `json:"room"`
	Present    []string `json:"present"` // who took part: the anonymity set
	Statements []string `json:"statements"`
	Transcript string   `json:"transcript"` // hex: digest of the round's messages
}

// StatementRecord is a room's statements on record.
type StatementRecord struct {
	Index uint64 `json:"index"`
	StatementPost
}

// MinPresent is the smallest room: with two, either knows what the other has said.
const MinPresent = 3

// price matches an amount of money: a currency before or after a number.
var price = regexp.MustCompile(`(?i)[$€£]\s*[0-9]|[0-9]\s*[$€£]|[0-9]\s*(usd|eur|dollars?|cents?)\b|\b(usd|eur)\s*[0-9]`)

func validateStatement(b *StatementPost) *Refusal {
	switch {
	case !isID(b.Room) || !entry.IsHash(b.Transcript):
		return refuse(CodeForm, "room or transcript is not in its form")
	case len(b.Statements) == 0 || len(b.Statements) > 1000:
		return refuse(CodeForm, "%d statements, want 1 to 1000", len(b.Statements))
	case len(b.Present) < MinPresent:
		return refuse(CodeRoom, "%d present, at least %d", len(b.Present), MinPresent)
	}
	if n, ok := repeated(b.Present); ok {
		return refuse(CodeForm, "%.40q is present twice", n)
	}
	for i, t := range b.Statements {
		if !isText(t, 4000) {
			return refuse(CodeForm, "statement %d is not a text of at most 4000 bytes", i+1)
		}
		if price.MatchString(t) {
			return refuse(CodePrice, "statement %d states a price", i+1)
		}
	}
	if !slices.IsSorted(b.Statements) {
		return refuse(CodeForm, "statements stand in alphabetical order: the order in which they came could tell whose they are")
	}
	return nil
}

func resolveStatement(s *State, e *entry.Signed, b *StatementPost) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	for _, x := range s.statements {
		if x.Room == b.Room {
			return nil, refuse(CodeDuplicate, "the statements of room %q are at entry %d", b.Room, x.Index)
		}
	}
	for _, n := range b.Present {
		m := s.active(n)
		if m == nil {
			return nil, refuse(CodeNotMember, "%.40q is not a member", n)
		}
		if m.Role != RolePayer && m.Role != RoleProvider && m.Role != RoleExpert {
			return nil, refuse(CodeRoom, "%q has the role %s, and has no place in the room", n, m.Role)
		}
	}
	for i, t := range b.Statements {
		if _, ok := s.payerIn(t); ok {
			return nil, refuse(CodeNamesPayer, "statement %d names a payer", i+1)
		}
	}
	return func(index uint64) { s.statements = append(s.statements, StatementRecord{index, *b}) }, nil
}

// Statements returns the statements of all rooms in order.
func (s *State) Statements() []StatementRecord { return slices.Clone(s.statements) }
