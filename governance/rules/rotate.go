package rules

import (
	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// RotateContext separates the proof that new keys are held from everything else a member signs.
const RotateContext = "tacet/member-rotate/v1"

// MemberRotate replaces the author's keys, all of them. The entry is signed with the old keys and proof with the new ones. From the next entry on the new
// keys count, and the old ones never again.
type MemberRotate struct {
	Member identity.Public `json:"member"` // under the author's name
	Proof  []byte          `json:"proof"`  // signature of the new keys over Statement
}

// MemberRekey replaces the keys of a member that has lost its own, or whose keys are in wrong hands. It is a motion's subject; the other payers decide.
type MemberRekey struct {
	Member identity.Public `json:"member"`
	Proof  []byte          `json:"proof"`
	Reason string          `json:"reason"`
}

// RotateStatement is what new keys sign: the ledger, and the keys that they follow.
func RotateStatement(ledger string, old, fresh identity.Public) ([]byte, error) {
	was := old.Digest()
	return entry.Canonical(struct {
		Ledger string          `json:"ledger"`
		Old    string          `json:"old"` // digest
		Member identity.Public `json:"member"`
	}{ledger, hexOf(was), fresh})
}

func validateRotate(b *MemberRotate) *Refusal {
	if err := b.Member.Validate(); err != nil {
		return refuse(CodeForm, "member: %v", err)
	}
	return nil
}

func resolveRotate(s *State, e *entry.Signed, b *MemberRotate) (effect, *Refusal) {
	if b.Member.Name != e.Author {
		return nil, refuse(CodeNotAllowed, "%q cannot change the keys of %q", e.Author, b.Member.Name)
	}
	return s.rekey(b.Member, b.Proof)
}

func validateRekey(b *MemberRekey) *Refusal {
	if err := b.Member.Validate(); err != nil {
		return refuse(CodeForm, "member: %v", err)
	}
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "keys are replaced with a reason, in at most 1000 bytes")
	}
	return nil
}

func resolveRekey(s *State, b *MemberRekey) (effect, *Refusal) { return s.rekey(b.Member, b.Proof) }

// KeySet is a set of keys that a member has or had, and the entry that brought it.
type KeySet struct {
	Public identity.Public
	Index  uint64
}

// KeySets are all sets of keys that the member had, the present one last.
func (m Member) KeySets() []KeySet {
	var out []KeySet
	for _, k := range m.keys {
		out = append(out, KeySet{k.Public, k.from})
	}
	return out
}

func (s *State) rekey(fresh identity.Public, proof []byte) (effect, *Refusal) {
	m := s.active(fresh.Name)
	switch {
	case m == nil:
		return nil, refuse(CodeNotMember, "%.40q is not a member", fresh.Name)
	case m.Role == RoleConvener:
		return nil, refuse(CodeNotAllowed, "the convener's key is the log's own, fixed in the genesis")
	}
	if run := s.open(); run != nil && run.names(m.Name) {
		return nil, refuse(CodeRunOpen, "run %q names %q; certify or void it first", run.Body.Run, m.Name)
	}
	if r := s.freshKeys(fresh); r != nil {
		return nil, r
	}
	statement, err := RotateStatement(s.genesis.Ledger, m.Public, fresh)
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	if err := fresh.Verify(RotateContext, statement, proof); err != nil {
		return nil, refuse(CodeKeyProof, "the new keys of %q have not signed that they follow the old ones", fresh.Name)
	}
	return func(index uint64) {
		m.Public = fresh
		m.keys = append(m.keys, keyed{fresh, index, fresh.Digest()})
	}, nil
}
