package replica

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestWitness: a member that is no payer (an auditor, a regulator, counsel) has the whole log, orders nothing, cosigns what it has on its own
// disk, comes back from an empty one, and keeps the proof and stops when the convener signs another history.
func TestWitness(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	const name = "regulator"
	k, err := identity.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	c.names, c.keys[name], c.dirs[name] = append(c.names, name), k, filepath.Join(t.TempDir(), name)
	c.start(name)
	join := rules.MemberJoin{Member: k.Public(), Role: rules.RoleAuditor}
	statement, err := join.Statement(c.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"payer-a", "payer-b"} {
		join.Endorsements = append(join.Endorsements, rules.Signature{Member: n, Signature: c.keys[n].Sign(rules.JoinContext, statement)})
	}
	c.propose("convener", rules.KindMemberJoin, join)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
	// Its disk is lost, and everything comes again.
	c.stop(name)
	c.dirs[name] = filepath.Join(t.TempDir(), name)
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.start(name)
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
	c.settle(last + 1)
	f := c.r["convener"].raft.GetConfiguration()
	if err := f.Error(); err != nil {
		t.Fatal(err)
	}
	there := false
	for _, s := range f.Configuration().Servers {
		if s.ID == name {
			there = true
			if s.Suffrage != raft.Nonvoter {
				t.Fatalf("a witness is a %v", s.Suffrage)
			}
		}
	}
	if !there {
		t.Fatal("the witness does not receive the log")
	}
	// The convener shows it another history, rightly signed.
	fork, err := ledger.Open(t.TempDir(), c.r["convener"].genesis)
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	if err := fork.Append([]ledger.Record{{Position: 5, Data: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	other, err := fork.Checkpoint(c.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	note, err := fork.Cosign(other, c.keys["convener"].LogSigners(c.genesis.Ledger, time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	r := c.r[name]
	if mine, err := r.cosignOne(c.ctx(), note); !errors.Is(err, ledger.ErrFork) || mine != nil {
		t.Fatalf("it does not see the fork: %v", err)
	}
	if err := r.Err(); !errors.Is(err, ledger.ErrFork) {
		t.Fatalf("it goes on: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(c.dirs[name], fmt.Sprintf("fork-%d.json", other.Size)))
	if err != nil || !strings.Contains(string(b), "signed another root") {
		t.Fatalf("no proof: %v", err)
	}
	genesis := rules.Hash(r.genesis)
	o := audit.Options{Genesis: hex.EncodeToString(genesis[:])}
	x, err := audit.CheckFork(b, nil, o)
	if err != nil || !x.Proven || x.Signers[0] != "convener" || x.Size != other.Size {
		t.Fatalf("others cannot check the proof: %+v %v", x, err)
	}
	b[len(b)/2] ^= 1
	if x, err := audit.CheckFork(b, nil, o); err != nil || x.Proven {
		t.Fatalf("a changed proof is proven: %+v %v", x, err)
	}
	// Nor does a restart make it forget.
	c.stop(name)
	c.start(name)
	if err := c.r[name].Err(); !errors.Is(err, ledger.ErrFork) || len(c.r[name].Alarms()) != 1 {
		t.Fatalf("it goes on after a restart: %v", err)
	}
	// The others need it neither for writing nor for acting.
	last = c.propose("payer-b", rules.KindMeasurePropose, proposal(t, "sp-b"))
	if _, err := c.r["payer-b"].WaitCosigned(c.ctx(), last, c.names[:4]); err != nil {
		t.Fatal(err)
	}
}
