package rules

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/tacet-health/tacet/governance/entry"
)

// SumDefine approves, by a motion, what may be summed exactly and opened: no figure of a practice, but what a joint model or a report is made of. Nothing else
// is summed, whatever a run asks for.
type SumDefine struct {
	ID         string          `json:"id"`
	Version    int64           `json:"version"` // 1, then one more each time
	Kind       string          `json:"kind"`    // which program makes a member's vector: "risk", "reliability", "total"
	Definition json.RawMessage `json:"definition"`
	Cap        int64           `json:"cap"`     // of the absolute value of one element of one contributor
	Profile    string          `json:"profile"` // whose minimum of contributors and age of data hold
	Rationale  string          `json:"rationale"`
	// Bound asks every contributor to prove that its vector is in range; nil takes its word.
	Bound *SumBound `json:"bound,omitempty"`
}

// The kinds of sums whose vectors, and what follows from their sums, are in package measures/risk.
const (
	SumRisk        = "risk"
	SumReliability = "reliability"
)

// SumRecord is an approved sum.
type SumRecord struct {
	Index uint64 `json:"index"`
	Hash  string `json:"hash"` // hex SHA-256 of the canonical SumDefine: what a run names
	SumDefine
}

// maxDefinition bounds a definition in bytes.
const maxDefinition = 64 << 10

func validateSum(b *SumDefine) *Refusal {
	switch {
	case !isID(b.ID) || !isID(b.Kind) || !isID(b.Profile) || b.Version < 1:
		return refuse(CodeForm, "id, kind, profile or version of the sum is not in its form")
	case len(b.Definition) == 0 || len(b.Definition) > maxDefinition || b.Definition[0] != '{':
		return refuse(CodeForm, "the definition is an object of at most %d bytes", maxDefinition)
	case b.Bound.form() != nil:
		return b.Bound.form()
	case b.Cap < 1:
		return refuse(CodeCaps, "the cap of an element is at least 1")
	case !isText(b.Rationale, 10000):
		return refuse(CodeForm, "a sum that is opened exactly needs a rationale, in at most 10000 bytes")
	}
	return b.Bound.check(b.Cap)
}

func resolveSum(s *State, b *SumDefine) (effect, *Refusal) {
	want := int64(1)
	for _, x := range s.sums {
		if x.ID == b.ID {
			want = x.Version + 1
		}
	}
	if b.Version != want {
		return nil, refuse(CodeDuplicate, "the next version of sum %q is %d, not %d", b.ID, want, b.Version)
	}
	if _, ok := s.Profile(b.Profile); !ok {
		return nil, refuse(CodeUnknownProfile, "profile %q is not on record", b.Profile)
	}
	if r := s.checkTotalDefinition(b); r != nil {
		return nil, r
	}
	raw, err := entry.Canonical(b)
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	return func(index uint64) {
		s.sums = append(s.sums, &SumRecord{index, hexOf(sha256.Sum256(raw)), *b})
	}, nil
}

// Sum returns the approved sum with a hash.
func (s *State) Sum(hash string) (SumRecord, bool) {
	for _, x := range s.sums {
		if x.Hash == hash {
			return *x, true
		}
	}
	return SumRecord{}, false
}

// Sums returns all approved sums in order.
func (s *State) Sums() []SumRecord {
	out := make([]SumRecord, len(s.sums))
	for i, x := range s.sums {
		out[i] = *x
	}
	return out
}
