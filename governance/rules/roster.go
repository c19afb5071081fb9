package rules

import (
	"crypto/sha256"

	"github.com/tacet-health/tacet/governance/entry"
)

// MaxPractices is the longest roster.
const MaxPractices = 1 << 15

// RosterSet puts an ordered list of practices on record. The order is the order of the cells. Identifiers are public ones (CCN, NPI,
// county codes …): nothing about a patient or a plan.
type RosterSet struct {
	Practices []string `json:"practices"`
	Hash      string   `json:"hash"` // RosterHash of the list
}

// NewRosterSet puts the list on record.
func NewRosterSet(practices []string) RosterSet {
	return RosterSet{Practices: practices, Hash: RosterHash(practices)}
}

// Roster is a roster on record.
type Roster struct {
	Index     uint64   `json:"index"`
	Hash      string   `json:"hash"`
	Practices []string `json:"practices"`
}

// RosterHash is the hex SHA-256 of the canonical JSON of the list.
func RosterHash(practices []string) string {
	b, err := entry.Canonical(practices)
	if err != nil { // a list of strings can be printed
		panic("rules: roster cannot be printed: " + err.Error())
	}
	return hexOf(sha256.Sum256(b))
}

func validateRoster(b *RosterSet) *Refusal {
	if len(b.Practices) == 0 || len(b.Practices) > MaxPractices {
		return refuse(CodeForm, "%d practices, want 1 to %d", len(b.Practices), MaxPractices)
	}
	for _, p := range b.Practices {
		if !isKey(p, 64) {
			return refuse(CodeForm, "practice %q is not 1 to 64 printable characters without a space", p)
		}
	}
	if p, ok := repeated(b.Practices); ok {
		return refuse(CodeForm, "practice %q is listed twice", p)
	}
	if h := RosterHash(b.Practices); h != b.Hash {
		return refuse(CodeHashMismatch, "the list has hash %s", h)
	}
	return nil
}

func resolveRoster(s *State, e *entry.Signed, b *RosterSet) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	if _, ok := s.Roster(b.Hash); ok {
		return nil, refuse(CodeDuplicate, "this roster is on record already")
	}
	return func(index uint64) { s.rosters = append(s.rosters, &Roster{index, b.Hash, b.Practices}) }, nil
}

// Roster returns the roster with that hash.
func (s *State) Roster(hash string) (Roster, bool) {
	for _, r := range s.rosters {
		if r.Hash == hash {
			return *r, true
		}
	}
	return Roster{}, false
}

// Rosters returns all rosters in order.
func (s *State) Rosters() []Roster {
	out := make([]Roster, len(s.rosters))
	for i, r := range s.rosters {
		out[i] = *r
	}
	return out
}
