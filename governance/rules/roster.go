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
	Hash      string   `json:"hash"` // RosterHash of the list, RegionalHash where there are regions
	// Regions are those of the practices, one each in the same order, empty for none; what totals are taken over. A roster without any has no list.
	Regions []string `json:"regions,omitempty"`
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
	Regions   []string `json:"regions,omitempty"`
}

// Region is that of the practice at a place of the roster; empty for none.
func (r Roster) Region(at int) string {
	if r.Regions == nil {
		return ""
	}
	return r.Regions[at]
}

// Lines are the practices for people, each with its region.
func (r Roster) Lines() []string {
	out := make([]string, len(r.Practices))
	for i, p := range r.Practices {
		if out[i] = p; i < len(r.Regions) && r.Regions[i] != "" {
			out[i] += " in " + r.Regions[i]
		}
	}
	return out
}

// RegionalHash is RosterHash of a roster with regions: the hex SHA-256 of the canonical JSON of both lists. Without regions it is RosterHash.
func RegionalHash(practices, regions []string) string {
	if len(regions) == 0 {
		return RosterHash(practices)
	}
	b, err := entry.Canonical(struct {
		Practices []string `json:"practices"`
		Regions   []string `json:"regions"`
	}{practices, regions})
	if err != nil { // lists of strings can be printed
		panic("rules: roster cannot be printed: " + err.Error())
	}
	return hexOf(sha256.Sum256(b))
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
	if r := validateRegions(b); r != nil {
		return r
	}
	if h := RegionalHash(b.Practices, b.Regions); h != b.Hash {
		return refuse(CodeHashMismatch, "the list has hash %s", h)
	}
	return nil
}

// validateRegions: one for each practice, none called as the whole.
func validateRegions(b *RosterSet) *Refusal {
	if b.Regions == nil {
		return nil
	}
	if len(b.Regions) != len(b.Practices) {
		return refuse(CodeForm, "%d regions for %d practices", len(b.Regions), len(b.Practices))
	}
	named := false
	for i, x := range b.Regions {
		if x != "" && !isID(x) || x == GroupAll {
			return refuse(CodeForm, "practice %s: region %.70q is not 1 to 64 of a-z, 0-9 and '-', or is %q", b.Practices[i], x, GroupAll)
		}
		named = named || x != ""
	}
	if !named {
		return refuse(CodeForm, "a roster without a region has no list of them")
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
	return func(index uint64) { s.rosters = append(s.rosters, &Roster{index, b.Hash, b.Practices, b.Regions}) }, nil
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
