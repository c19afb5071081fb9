package rules

import (
	"encoding/json"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// ProfileSet puts a disclosure profile in force under its name. A name's next version may not be looser in any rule.
type ProfileSet struct {
	Name    string          `json:"name"`
	Profile json.RawMessage `json:"profile"` // disclosure.Profile.Canonical
	Hash    string          `json:"hash"`    // hex, disclosure.Profile.Hash
}

// NewProfileSet puts p in force.
func NewProfileSet(p disclosure.Profile) ProfileSet {
	return ProfileSet{Name: p.Name, Profile: p.Canonical(), Hash: hexOf(p.Hash())}
}

// ProfileRecord is a version of a profile on record.
type ProfileRecord struct {
	Index   uint64             `json:"index"`
	Hash    string             `json:"hash"`
	Profile disclosure.Profile `json:"profile"`
}

func validateProfile(b *ProfileSet) *Refusal {
	p, r := readProfile(b)
	if r != nil {
		return r
	}
	if err := p.Validate(); err != nil {
		return refuse(CodeProfileFloor, "%v", err)
	}
	return nil
}

func readProfile(b *ProfileSet) (disclosure.Profile, *Refusal) {
	var p disclosure.Profile
	if err := entry.Decode(b.Profile, &p); err != nil {
		return p, refuse(CodeForm, "profile: %v", err)
	}
	if p.Name != b.Name {
		return p, refuse(CodeForm, "the profile is called %.40q, not %.40q", p.Name, b.Name)
	}
	if h := hexOf(p.Hash()); h != b.Hash {
		return p, refuse(CodeHashMismatch, "the profile has hash %s", h)
	}
	return p, nil
}

func resolveProfile(s *State, e *entry.Signed, b *ProfileSet) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	p, r := readProfile(b)
	if r != nil {
		return nil, r
	}
	if old, ok := s.Profile(b.Name); ok {
		if p.Version <= old.Profile.Version {
			return nil, refuse(CodeDuplicate, "version %d of profile %q is in force; give the new one a higher version", old.Profile.Version, b.Name)
		}
		if disclosure.Stricter(p, old.Profile) != p {
			return nil, refuse(CodeProfileLooser, "a rule of profile %q is looser than in version %d; profiles only get stricter", b.Name, old.Profile.Version)
		}
	}
	return func(index uint64) { s.profiles = append(s.profiles, &ProfileRecord{index, b.Hash, p}) }, nil
}

// Profile returns the version of a profile that is in force.
func (s *State) Profile(name string) (ProfileRecord, bool) {
	for i := len(s.profiles) - 1; i >= 0; i-- {
		if s.profiles[i].Profile.Name == name {
			return *s.profiles[i], true
		}
	}
	return ProfileRecord{}, false
}

// Profiles returns all versions of all profiles in order.
func (s *State) Profiles() []ProfileRecord {
	out := make([]ProfileRecord, len(s.profiles))
	for i, p := range s.profiles {
		out[i] = *p
	}
	return out
}
