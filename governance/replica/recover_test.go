package replica

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// copyDir puts what a stopped member has on disk aside.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// lost makes the named member start as one whose ledger is gone.
func (c *cluster) lost(name string) {
	c.change = func(cfg *Config) { cfg.Lost = cfg.Keys.Name() == name }
}

// TestRecoversWhatItSigned: a payer's disk is lost and the convener's rolled back, together. The payer that still has the log has the others' signatures too; so nobody
// votes for the convener's older log, nobody signs less than before, and everybody gets everything again.
func TestRecoversWhatItSigned(t *testing.T) {
	c := newCluster(t, 2)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.cosigned(last)
	c.allVote(t)
	c.stop("convener")
	old := copyDir(t, c.dirs["convener"])
	c.start("convener")
	for i := range 5 {
		last = c.propose("convener", rules.KindRosterSet, roster(i+1))
	}
	c.cosigned(last)
	before, ok := c.r["payer-a"].Cosigned()
	if !ok || before.Size != last+1 {
		t.Fatalf("signed %d of %d", before.Size, last+1)
	}
	c.stop("payer-a")
	c.stop("convener")
	c.dirs["convener"], c.dirs["payer-a"] = old, filepath.Join(t.TempDir(), "empty")
	c.lost("payer-a")
	c.net.node("payer-b").cut() // at first the two are among themselves
	c.start("convener", "payer-a")
	time.Sleep(6 * 250 * time.Millisecond) // time for several elections: what must not happen has no other sign
	if l := c.r["payer-a"].Leader(); l != "" {
		t.Fatalf("%s leads with an older log", l)
	}
	if head, ok := c.r["payer-a"].Cosigned(); ok {
		t.Fatalf("size %d is signed, before it was %d", head.Size, before.Size)
	}
	if on, _ := c.r["payer-a"].Recovering(); !on {
		t.Fatal("it does not know that it has lost something")
	}
	c.net.node("payer-b").connect()
	c.settle(last + 1)
	eventually(t, "it signs again", func() bool { on, _ := c.r["payer-a"].Recovering(); return !on })
	if head, ok := c.r["payer-a"].Cosigned(); !ok || head.Size < before.Size {
		t.Fatalf("bound to size %d, before to %d", head.Size, before.Size)
	}
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.settle(last + 1)
	if _, err := c.r["payer-b"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
}

// TestRecoveredLogIsAnotherOne: what comes back is not what the member has signed.
func TestRecoveredLogIsAnotherOne(t *testing.T) {
	c := newCluster(t, 1)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
	other := ledger.Checkpoint{Origin: c.genesis.Ledger, Size: last + 1, Root: ledger.Hash{1}}
	c.stop("payer-a")
	c.dirs["payer-a"] = t.TempDir()
	if err := writeDurable(filepath.Join(c.dirs["payer-a"], floorName), other.Text()); err != nil {
		t.Fatal(err)
	}
	c.start("payer-a")
	eventually(t, "it stops", func() bool { return errors.Is(c.r["payer-a"].Err(), ledger.ErrFork) })
	if a := c.r["payer-a"].Alarms(); len(a) != 1 || !a[0].Stops || !strings.Contains(a[0].What, "not the one that this member has signed") {
		t.Fatalf("%+v", a)
	}
}
