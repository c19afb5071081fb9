package rules

import (
	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// MemberJoin brings a payer in. It is the convener's to write and needs the signatures of more than half of the present payers
// over its statement (Statement, JoinContext): a convener alone can bring nobody in, and so cannot outvote the payers with
// members of its own making. Only the first payer of a ledger that has none comes without: there is nobody to ask. Whom a payer computes with is in the end
// its own decision, which it takes from the members' keys in the log (policy.peers of package node), not from their number.
type MemberJoin struct {
	Member       identity.Public `json:"member"`
	Role         Role            `json:"role"` // payer
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
	if b.Role != RolePayer {
		return refuse(CodeForm, "role %q cannot join; only %q can", b.Role, RolePayer)
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
	for _, m := range s.members {
		if sharesKey(m.Public, b.Member) {
			return nil, refuse(CodeKeyShared, "%q has a key of %q", b.Member.Name, m.Name)
		}
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
	if n := len(s.Payers()); n > 0 && 2*len(seen) <= n {
		return nil, refuse(CodeEndorsement, "%d of %d payers endorse %q, more than half must", len(seen), n, b.Member.Name)
	}
	return func(index uint64) { s.addMember(b.Member, b.Role, index) }, nil
}

// MemberLeave is a payer's own farewell. What it did stays in the log; its name is not used again.
type MemberLeave struct {
	Name string `json:"name"`
}

func validateLeave(b *MemberLeave) *Refusal {
	if b.Name == "" {
		return refuse(CodeForm, "no name")
	}
	return nil
}

func resolveLeave(s *State, e *entry.Signed, b *MemberLeave) (effect, *Refusal) {
	m := s.active(e.Author)
	if b.Name != e.Author || m.Role != RolePayer {
		return nil, refuse(CodeNotAllowed, "a payer leaves in its own name; %q cannot take %q out", e.Author, b.Name)
	}
	if run := s.open(); run != nil && run.names(b.Name) {
		return nil, refuse(CodeRunOpen, "run %q names %q; certify or void it first", run.Body.Run, b.Name)
	}
	return func(uint64) { m.Left = true }, nil
}
