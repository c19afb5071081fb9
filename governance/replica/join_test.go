package replica

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestJoinAndLeave brings a payer in while the ledger runs, has it vote in Raft, and sees it off.
func TestJoinAndLeave(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	const name = "payer-x"
	k, err := identity.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	c.names, c.keys[name], c.dirs[name] = append(c.names, name), k, filepath.Join(t.TempDir(), name)
	c.start(name) // with the genesis, which does not know it
	join := rules.MemberJoin{Member: k.Public(), Role: rules.RolePayer}
	statement, err := join.Statement(c.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"payer-a", "payer-c"} {
		join.Endorsements = append(join.Endorsements, rules.Signature{Member: n, Signature: c.keys[n].Sign(rules.JoinContext, statement)})
	}
	c.propose("convener", rules.KindMemberJoin, join)
	suffrage := func() string {
		f := c.r["convener"].raft.GetConfiguration()
		if f.Error() == nil {
			for _, s := range f.Configuration().Servers {
				if s.ID == name {
					return s.Suffrage.String()
				}
			}
		}
		return "none"
	}
	eventually(t, "payer-x votes", func() bool { return suffrage() == "Voter" })
	last := c.propose(name, rules.KindMeasurePropose, proposal(t, "sp-a"))
	if _, err := c.r["payer-b"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
	last = c.propose(name, rules.KindMemberLeave, rules.MemberLeave{Name: name})
	c.settle(last + 1)
	eventually(t, "payer-x is removed", func() bool { return suffrage() == "none" })
	var refusal *rules.Refusal
	if _, err := c.r[name].Propose(c.ctx(), rules.KindMeasurePropose, proposal(t, "sp-b")); !errors.As(err, &refusal) || refusal.Code != rules.CodeNotMember {
		t.Fatalf("one that has left proposes: %v", err)
	}
	c.stop(name)
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-b"))
	c.settle(last + 1)
	if _, err := c.r["payer-b"].WaitCosigned(c.ctx(), last, c.names[:4]); err != nil {
		t.Fatal(err)
	}
}
