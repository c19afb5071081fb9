package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// CheckpointWitness says in the log which root of it its author has seen. The rules hold such statements against each other; the auditor, who has the tree, holds
// each against the log.
type CheckpointWitness struct {
	Size uint64 `json:"size"`
	Root string `json:"root"` // hex, RFC 6962
}

// Witnessed is a root on record.
type Witnessed struct {
	Index  uint64 `json:"index"`
	Member string `json:"member"`
	CheckpointWitness
}

func validateWitness(b *CheckpointWitness) *Refusal {
	if b.Size == 0 || !entry.IsHash(b.Root) {
		return refuse(CodeForm, "size or root is not in its form")
	}
	return nil
}

func resolveWitness(s *State, e *entry.Signed, b *CheckpointWitness) (effect, *Refusal) {
	if b.Size > s.size {
		return nil, refuse(CodeCheckpoint, "a log of %d entries has no root of size %d", s.size, b.Size)
	}
	m := s.active(e.Author)
	if m.seen >= b.Size {
		return nil, refuse(CodeDuplicate, "%q has seen size %d before; a witness goes forward", e.Author, m.seen)
	}
	if i, ok := s.rootAt[b.Size]; ok && s.witnessed[i].Root != b.Root {
		return nil, refuse(CodeCheckpoint, "%q has seen another root of size %d at entry %d: one of the two was shown a fork", s.witnessed[i].Member, b.Size, s.witnessed[i].Index)
	}
	return func(index uint64) {
		m.seen = b.Size
		if _, ok := s.rootAt[b.Size]; !ok {
			s.rootAt[b.Size] = len(s.witnessed)
		}
		s.witnessed = append(s.witnessed, Witnessed{index, e.Author, *b})
	}, nil
}

// WitnessedFrom returns those after the first n.
func (s *State) WitnessedFrom(n int) []Witnessed {
	return slices.Clone(s.witnessed[min(n, len(s.witnessed)):])
}

// Witnessed returns all roots that members have seen, in order.
func (s *State) Witnessed() []Witnessed { return slices.Clone(s.witnessed) }
