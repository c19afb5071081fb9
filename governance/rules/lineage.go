package rules

import (
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
)

// RosterAmend puts a roster on record that follows from an earlier one by changes that it names. The changes stay on record: which practice came from which.
type RosterAmend struct {
	From      string   `json:"from"` // hash of the earlier roster
	Changes   []Change `json:"changes"`
	Practices []string `json:"practices"`
	Hash      string   `json:"hash"` // as of a RosterSet
	Regions   []string `json:"regions,omitempty"`
}

// Change is one change of a roster: open (nothing before), close (nothing after), merge (several into one), split (one into several).
type Change struct {
	Kind string   `json:"kind"`
	From []string `json:"from"`
	To   []string `json:"to"`
}

// ChangeRecord is a change on record.
type ChangeRecord struct {
	Index uint64 `json:"index"`
	Change
}

// RosterIdentify says which public identifiers practices go by.
type RosterIdentify struct {
	Practices []Practice `json:"practices"`
}

// Practice is what a practice is called by others. Every identifier is public.
type Practice struct {
	ID           string `json:"id"`           // as in rosters
	Site         string `json:"site"`         // name of the site, or empty
	TIN          string `json:"tin"`          // nine digits, or empty
	NPI          string `json:"npi"`          // of the organisation (type 2), or empty
	Organisation string `json:"organisation"` // the provider member that speaks for it, or empty
}

// registry is what is known of practices beside the rosters.
type registry struct {
	changes []ChangeRecord
	parents map[string][]string // to what a practice came from, by merge or split
	kids    map[string][]string
	order   []string // identified, in order of first mention
	known   map[string]Practice
}

func newRegistry() registry {
	return registry{parents: map[string][]string{}, kids: map[string][]string{}, known: map[string]Practice{}}
}

func validateAmend(b *RosterAmend) *Refusal {
	if len(b.Changes) == 0 || len(b.Changes) > MaxPractices {
		return refuse(CodeForm, "%d changes, want 1 to %d", len(b.Changes), MaxPractices)
	}
	for _, c := range b.Changes {
		form := map[string]bool{ // looked up, never walked
			"open": len(c.From) == 0 && len(c.To) == 1, "close": len(c.From) == 1 && len(c.To) == 0,
			"merge": len(c.From) > 1 && len(c.To) == 1, "split": len(c.From) == 1 && len(c.To) > 1,
		}
		if !form[c.Kind] {
			return refuse(CodeForm, "%.40q of %d into %d practices; want open (0, 1), close (1, 0), merge (many, 1) or split (1, many)", c.Kind, len(c.From), len(c.To))
		}
	}
	return validateRoster(&RosterSet{Practices: b.Practices, Hash: b.Hash, Regions: b.Regions})
}

func resolveAmend(s *State, e *entry.Signed, b *RosterAmend) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	old, ok := s.Roster(b.From)
	if !ok {
		return nil, refuse(CodeUnknownRoster, "no roster has hash %.16s…", b.From)
	}
	if _, ok := s.Roster(b.Hash); ok {
		return nil, refuse(CodeDuplicate, "this roster is on record already")
	}
	now := make(map[string]bool, len(old.Practices))
	for _, p := range old.Practices {
		now[p] = true
	}
	used := s.listed()
	for _, c := range b.Changes {
		for _, p := range c.From {
			if !now[p] {
				return nil, refuse(CodeUnknownPractice, "%s: practice %.70q is not in the roster before", c.Kind, p)
			}
			delete(now, p)
		}
		for _, p := range c.To {
			// A practice that goes on under its old name after a merge would have figures of two kinds under one name.
			if now[p] || c.Kind != "open" && used[p] || slices.Contains(c.From, p) {
				return nil, refuse(CodeRosterChange, "%s: %.70q is or was a practice; what comes of a merge or a split has a new name", c.Kind, p)
			}
			now[p] = true
		}
	}
	n := 0
	for _, p := range b.Practices {
		if !now[p] {
			return nil, refuse(CodeRosterChange, "practice %.70q does not come from the changes named", p)
		}
		n++
	}
	if n != len(now) {
		return nil, refuse(CodeRosterChange, "the changes leave %d practices, the roster has %d", len(now), n)
	}
	return func(index uint64) {
		s.rosters = append(s.rosters, &Roster{index, b.Hash, b.Practices, b.Regions})
		for _, c := range b.Changes {
			s.practices.add(index, c)
		}
	}, nil
}

// listed is every practice of any roster.
func (s *State) listed() map[string]bool {
	all := map[string]bool{}
	for _, r := range s.rosters {
		for _, p := range r.Practices {
			all[p] = true
		}
	}
	return all
}

func (g *registry) add(index uint64, c Change) {
	g.changes = append(g.changes, ChangeRecord{index, c})
	for _, from := range c.From {
		for _, to := range c.To {
			g.parents[to] = append(g.parents[to], from)
			g.kids[from] = append(g.kids[from], to)
		}
	}
}

// related are all practices that a practice came from or went into, however long ago, in a fixed order.
func (g *registry) related(practice string) (out []string) {
	if len(g.changes) == 0 {
		return nil
	}
	for _, next := range []map[string][]string{g.parents, g.kids} {
		seen := map[string]bool{practice: true}
		for todo := []string{practice}; len(todo) > 0; todo = todo[1:] {
			for _, p := range next[todo[0]] {
				if !seen[p] {
					seen[p] = true
					out, todo = append(out, p), append(todo, p)
				}
			}
		}
	}
	return out
}

func validateIdentify(b *RosterIdentify) *Refusal {
	if len(b.Practices) == 0 || len(b.Practices) > MaxPractices {
		return refuse(CodeForm, "%d practices, want 1 to %d", len(b.Practices), MaxPractices)
	}
	seen := make(map[string]bool, len(b.Practices))
	for _, p := range b.Practices {
		switch {
		case !isKey(p.ID, 64) || seen[p.ID]:
			return refuse(CodeForm, "practice %.70q is not in its form, or listed twice", p.ID)
		case p.Site != "" && !isText(p.Site, 200) || len(p.Organisation) > 32:
			return refuse(CodeForm, "site or organisation of practice %s is not in its form", p.ID)
		case p.TIN != "" && (len(p.TIN) != 9 || strings.Trim(p.TIN, digits) != ""):
			return refuse(CodeIdentifier, "practice %s: a TIN has nine digits", p.ID)
		case p.NPI != "" && !isNPI(p.NPI):
			return refuse(CodeIdentifier, "practice %s: %.20q is no NPI (ten digits, the last one the check digit of ISO 7812 with prefix 80840)", p.ID, p.NPI)
		}
		seen[p.ID] = true
	}
	return nil
}

// isNPI checks a National Provider Identifier: the Luhn sum over 80840 and its ten digits (CMS, "Requirements for NPI and NPI check digit").
func isNPI(s string) bool {
	if len(s) != 10 || strings.Trim(s, digits) != "" || s[0] != '1' && s[0] != '2' {
		return false
	}
	sum := 0
	for i, full := 0, "80840"+s; i < len(full); i++ {
		d := int(full[len(full)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func resolveIdentify(s *State, e *entry.Signed, b *RosterIdentify) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	for _, p := range b.Practices {
		if m := s.active(p.Organisation); p.Organisation != "" && (m == nil || m.Role != RoleProvider) {
			return nil, refuse(CodeNotMember, "practice %s: %q is not a provider organisation of this ledger", p.ID, p.Organisation)
		}
	}
	listed := s.listed()
	for _, p := range b.Practices {
		if !listed[p.ID] {
			return nil, refuse(CodeUnknownPractice, "practice %s is in no roster", p.ID)
		}
	}
	return func(uint64) {
		for _, p := range b.Practices {
			if _, ok := s.practices.known[p.ID]; !ok {
				s.practices.order = append(s.practices.order, p.ID)
			}
			s.practices.known[p.ID] = p
		}
	}, nil
}

// identities are the identified practices in order.
func (g *registry) identities() []Practice {
	out := make([]Practice, len(g.order))
	for i, id := range g.order {
		out[i] = g.known[id]
	}
	return out
}

// Practices returns the practices whose identifiers are on record, in order of first mention.
func (s *State) Practices() []Practice { return s.practices.identities() }

// RosterChanges returns all changes of rosters in order.
func (s *State) RosterChanges() []ChangeRecord { return slices.Clone(s.practices.changes) }
