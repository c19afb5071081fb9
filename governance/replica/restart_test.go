package replica

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

func TestRestartResumesFromDisk(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.cosigned(last)
	c.allVote(t)
	// A payer restarts and misses an entry meanwhile.
	c.stop("payer-b")
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.start("payer-b")
	if _, err := c.r["payer-b"].Checkpoint(); err != nil {
		t.Fatalf("the checkpoint of before is gone: %v", err)
	}
	c.settle(last + 1)
	// The convener restarts: nobody can lead but by an election among the payers, until it is back.
	c.stop("convener")
	c.start("convener")
	last = c.propose("payer-b", rules.KindMeasurePropose, proposal(t, "sp-b"))
	c.settle(last + 1)
	// Everybody restarts at once.
	for _, n := range c.names {
		c.stop(n)
	}
	c.start(c.names...)
	for i, n := range c.names {
		if got := c.r[n].Applied(); got < 2 {
			t.Fatalf("%s starts with %d entries", n, got)
		}
		last = c.propose(n, rules.KindMeasurePropose, proposal(t, fmt.Sprintf("sp-%d", i)))
	}
	c.settle(last + 1)
	c.cosigned(last)
	eventually(t, "the convener leads", func() bool { return c.r["payer-a"].Leader() == "convener" })
}

// TestSnapshotForAnEmptyDisk has a payer come when raft's log has been cut, so that it must take a snapshot in, and another lose its disk.
func TestSnapshotForAnEmptyDisk(t *testing.T) {
	c := newCluster(t, 3)
	c.change = func(cfg *Config) { cfg.KeepEntries = 1 }
	c.start("convener", "payer-a", "payer-b")
	var last uint64
	for i := range 30 {
		last = c.propose("convener", rules.KindRosterSet, roster(i))
	}
	if err := c.r["convener"].raft.Snapshot().Error(); err != nil {
		t.Fatal(err)
	}
	if first, err := c.r["convener"].store.FirstIndex(); err != nil || first < 25 {
		t.Fatalf("raft's log begins at %d: %v", first, err)
	}
	c.start("payer-c")
	last = c.propose("payer-c", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.settle(last + 1)
	c.stop("payer-c") // and what it took in is there after a restart
	c.start("payer-c")
	if n := c.r["payer-c"].Applied(); n != last+1 {
		t.Fatalf("%d entries of %d after the restart", n, last+1)
	}
	if ents, _ := os.ReadDir(c.dirs["payer-c"]); strings.Contains(fmt.Sprint(ents), "spool") {
		t.Fatal("the spool is still there")
	}
	c.stop("payer-a")
	if err := os.RemoveAll(c.dirs["payer-a"]); err != nil {
		t.Fatal(err)
	}
	c.start("payer-a")
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-b"))
	c.settle(last + 1)
}

func TestGateWaitsForTheNamed(t *testing.T) {
	c := newCluster(t, 3)
	c.start("convener", "payer-a", "payer-b")
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, []string{"convener", "payer-a", "payer-b"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := c.r["payer-a"].WaitCosigned(ctx, last, c.names)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "payer-c") {
		t.Fatalf("the gate opened without payer-c, or does not say who is missing: %v", err)
	}
	c.start("payer-c")
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
}

// TestLostAnswers cuts members off while they propose: nothing that Propose acknowledged is lost, nothing is in the log twice.
func TestLostAnswers(t *testing.T) {
	c := newCluster(t, 4)
	c.start(c.names...)
	eventually(t, "everybody votes", func() bool {
		f := c.r["convener"].raft.GetConfiguration()
		return f.Error() == nil && len(f.Configuration().Servers) == 5
	})
	done := make(chan uint64)
	go func() {
		var last uint64
		for i := range 6 {
			i, err := c.r["payer-a"].Propose(c.ctx(), rules.KindMeasurePropose, proposal(t, fmt.Sprintf("sp-%d", i)))
			if err != nil {
				t.Error(err)
			}
			last = i
		}
		done <- last
	}()
	for i := 0; ; i++ {
		select {
		case last := <-done:
			for _, n := range c.names {
				c.net.node(n).connect()
			}
			// Every member can still propose, and all agree.
			last = c.propose("payer-d", rules.KindMeasurePropose, proposal(t, "sp-last"))
			c.settle(last + 1)
			c.r["payer-b"].View(func(s *rules.State) {
				if len(s.Measures()) != 7 {
					t.Errorf("%d measures", len(s.Measures()))
				}
			})
			return
		case <-time.After(30 * time.Millisecond):
			n := c.net.node(c.names[i%3])
			n.cut()
			n.connect()
		}
	}
}

// TestForkedConvener gives a payer a checkpoint that the convener signed for another history.
func TestForkedConvener(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.settle(last + 1)
	if _, err := c.r["payer-a"].WaitCosigned(c.ctx(), last, c.names); err != nil {
		t.Fatal(err)
	}
	fork, err := ledger.Open(t.TempDir(), c.r["convener"].genesis)
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	if err := fork.Append([]ledger.Record{{Position: 5, Data: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	cp, err := fork.Checkpoint(c.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	note, err := fork.Cosign(cp, c.keys["convener"].LogSigners(c.genesis.Ledger, time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	r := c.r["payer-a"]
	if _, err := r.cosignOne(c.ctx(), note); !errors.Is(err, ledger.ErrFork) {
		t.Fatalf("the fork is not seen: %v", err)
	}
	if err := r.Err(); !errors.Is(err, ErrStopped) || !errors.Is(err, ledger.ErrFork) {
		t.Fatalf("the replica goes on: %v", err)
	}
	if _, err := r.Propose(c.ctx(), rules.KindMemberLeave, rules.MemberLeave{Name: "payer-a"}); !errors.Is(err, ErrStopped) {
		t.Fatalf("it proposes: %v", err)
	}
	b, err := os.ReadFile(c.dirs["payer-a"] + fmt.Sprintf("/fork-%d.json", cp.Size))
	if err != nil || !strings.Contains(string(b), "signed another root") {
		t.Fatalf("no proof: %v", err)
	}
	// A cosignature cannot come from another member, nor be the convener's.
	p := c.r["convener"].publisher
	if err := p.accept("payer-b", note); err == nil {
		t.Fatal("the convener took its own signature for payer-b's")
	}
	good, err := c.r["payer-c"].ledger.Checkpoint(c.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := c.r["payer-c"].ledger.Cosign(good, c.keys["payer-c"].Cosigners(ledger.KeyName(good.Origin, "payer-c"), time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.accept("payer-b", mine); err == nil {
		t.Fatal("payer-b brought payer-c's cosignature")
	}
	if err := p.accept("payer-c", mine); err != nil {
		t.Fatal(err)
	}
}
