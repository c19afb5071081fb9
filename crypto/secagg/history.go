package secagg

import (
	"errors"
	"fmt"
)

// ErrHistory says that the member must not take part: in this round it has begun already, or for this manifest it has opened a sum already.
var ErrHistory = errors.New("secagg: this member has been here before")

// History is what a member remembers of its rounds, by manifest. A sum is opened once for a manifest: two sums over different members
// present would give their difference, a single vector. A convener that says "the last round failed" after it has the reveals gets no second one.
// The caller keeps Opened and Last in stable storage before a message of Begin or Reveal leaves. Not safe for concurrent use.
type History struct {
	Last   map[[32]byte]uint64 // highest number begun
	Opened map[[32]byte]bool   // Reveal has been said
}

// Begin is New for a member with a history: the round's number must be higher than all before, and no sum of its manifest opened.
func (h *History) Begin(r Round, self string, s Signing) (*Member, error) {
	if h.Opened[r.Manifest] {
		return nil, fmt.Errorf("%w: it has opened a sum for this manifest; a second one needs an authorisation of its own", ErrHistory)
	}
	if last, ok := h.Last[r.Manifest]; ok && r.Number <= last {
		return nil, fmt.Errorf("%w: round %d after round %d", ErrHistory, r.Number, last)
	}
	m, err := New(r, self, s)
	if err != nil {
		return nil, err
	}
	if h.Last == nil {
		h.Last = map[[32]byte]uint64{}
	}
	h.Last[r.Manifest] = r.Number
	return m, nil
}

// Reveal is Member.Reveal, recorded.
func (h *History) Reveal(m *Member, lists map[string][]byte) (*Message, error) {
	if h.Opened[m.round.Manifest] {
		return nil, fmt.Errorf("%w: it has opened a sum for this manifest", ErrHistory)
	}
	msg, err := m.Reveal(lists)
	if err == nil {
		if h.Opened == nil { // a history read back from storage may be empty
			h.Opened = map[[32]byte]bool{}
		}
		h.Opened[m.round.Manifest] = true
	}
	return msg, err
}
