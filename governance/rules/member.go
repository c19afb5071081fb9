package rules

import (
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// MemberJoin brings a member in. It is the convener's to write and needs the signatures of more than half of the present payers
// over its statement (Statement, JoinContext): a convener alone can bring nobody in, and so cannot outvote the payers with
// members of its own making. Only the first payer of a ledger that has none comes without: there is nobody to ask. Whom a payer computes with is in the end
// its own decision, which it takes from the members' keys in the log (policy.peers of package node), not from their number.
type MemberJoin struct {
	Member       identity.Public `json:"member"`
	Role         Role            `json:"role"` // any but the convener's
	Endorsements []Signature     `json:"endorsements"`
}

// JoinContext separates endorsements from everything else a member signs.
const JoinContext = "tacet/member-join/v1"

// Signature is a member's hybrid signature inside a body.
type Signature struct {
	Member    string `json:"member"`
	Signature []byte `json:"signature"`
}

// Statement is what an endorsing payer signs: ledger, member and role.
func (b MemberJoin) Statement(ledger string) ([]byte, error) {
	return entry.Canonical(struct {
		Ledger string          `json:"ledger"`
		Member identity.Public `json:"member"`
		Role   Role            `json:"role"`
	}{ledger, b.Member, b.Role})
}

func validateJoin(b *MemberJoin) *Refusal {
	if err := b.Member.Validate(); err != nil {
		return refuse(CodeForm, "member: %v", err)
	}
	if !slices.Contains(joining, b.Role) {
		return refuse(CodeForm, "role %.40q cannot join; want one of %s", b.Role, joining)
	}
	if len(b.Endorsements) > MaxMembers {
		return refuse(CodeForm, "%d endorsements", len(b.Endorsements))
	}
	return nil
}

func resolveJoin(s *State, e *entry.Signed, b *MemberJoin) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	if s.byName[b.Member.Name] != nil {
		return nil, refuse(CodeNameTaken, "%q is or was a member; names are not used twice", b.Member.Name)
	}
	active := 0
	if r := s.freshKeys(b.Member); r != nil {
		return nil, r
	}
	for _, m := range s.members {
		if !m.Left {
			active++
		}
	}
	if active >= MaxMembers {
		return nil, refuse(CodeTooMany, "the ledger has %d members, the most it can have", active)
	}
	statement, err := b.Statement(s.genesis.Ledger)
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	seen := map[string]bool{}
	for _, sig := range b.Endorsements {
		m := s.active(sig.Member)
		if m == nil || m.Role != RolePayer || seen[sig.Member] {
			return nil, refuse(CodeEndorsement, "%q is not a payer or endorses twice", sig.Member)
		}
		if err := m.Verify(JoinContext, statement, sig.Signature); err != nil {
			return nil, refuse(CodeEndorsement, "endorsement of %q does not verify", sig.Member)
		}
		seen[sig.Member] = true
	}
	if n := len(s.Payers()); 2*len(seen) <= n && (n > 0 || b.Role != RolePayer) {
		return nil, refuse(CodeEndorsement, "%d of %d payers endorse %q, more than half must", len(seen), n, b.Member.Name)
	}
	return func(index uint64) { s.addMember(b.Member, b.Role, index) }, nil
}

// freshKeys refuses keys that anybody has or had: two members with one key could act as each other, and a key that was given up may be lost.
func (s *State) freshKeys(p identity.Public) *Refusal {
	for _, m := range s.members {
		for _, k := range m.keys {
			if sharesKey(k.Public, p) {
				return refuse(CodeKeyShared, "%q has a key of %q", p.Name, m.Name)
			}
		}
	}
	return nil
}

// MemberLeave is a member's own farewell. What it did stays in the log; its name is not used again.
type MemberLeave struct {
	Name string `json:"name"`
}

// MemberRemove takes a member out that does not go by itself. It is a motion's subject; the other payers decide.
type MemberRemove struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func validateLeave(b *MemberLeave) *Refusal {
	if b.Name == "" {
		return refuse(CodeForm, "no name")
	}
	return nil
}

func resolveLeave(s *State, e *entry.Signed, b *MemberLeave) (effect, *Refusal) {
	if b.Name != e.Author || b.Name == s.Convener() {
		return nil, refuse(CodeNotAllowed, "a member leaves in its own name, and the convener does not; %q cannot take %q out", e.Author, b.Name)
	}
	return s.part(s.active(e.Author))
}

func validateRemove(b *MemberRemove) *Refusal {
	if b.Name == "" || !isText(b.Reason, 1000) {
		return refuse(CodeForm, "a member is removed by name, with a reason of at most 1000 bytes")
	}
	return nil
}

func resolveRemove(s *State, b *MemberRemove) (effect, *Refusal) {
	m := s.active(b.Name)
	switch {
	case m == nil:
		return nil, refuse(CodeNotMember, "%.40q is not a member", b.Name)
	case m.Role == RoleConvener:
		return nil, refuse(CodeNotAllowed, "the convener is the genesis'; a ledger with another one is another ledger")
	}
	return s.part(m)
}

// part ends a membership.
func (s *State) part(m *Member) (effect, *Refusal) {
	if run := s.open(); run != nil && run.names(m.Name) {
		return nil, refuse(CodeRunOpen, "run %q names %q; certify or void it first", run.Body.Run, m.Name)
	}
	return func(index uint64) {
		m.Left, m.Parted = true, index
		s.tick()
	}, nil
}
