package replica

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/rules"
)

// dying has a member's process end, as far as the others can see, when its disk fails: from then on nobody reaches it.
func (c *cluster) dying(who string) (dead <-chan error) {
	ended := make(chan error, 1)
	c.change = func(cfg *Config) {
		if cfg.Keys.Name() == who {
			var once sync.Once
			cfg.Fatal = func(err error) {
				once.Do(func() {
					c.net.node(who).cut()
					ended <- err
				})
			}
		}
	}
	return ended
}

// allVote waits until the convener has made everybody a voter: before, those who are left may be no majority.
func (c *cluster) allVote(t *testing.T) {
	t.Helper()
	eventually(t, "everybody votes", func() bool {
		f := c.r["convener"].raft.GetConfiguration()
		voters := 0
		if f.Error() == nil {
			for _, s := range f.Configuration().Servers {
				if s.Suffrage == raft.Voter {
					voters++
				}
			}
		}
		return voters == len(c.names)
	})
}

// TestHungDisk: the leader's disk takes a write and never finishes it. Raft alone would let it lead for ever, since heartbeats need no disk; here its
// process ends at the deadline, the others go on, nothing that was acknowledged is lost, and it comes back when its disk does.
func TestHungDisk(t *testing.T) {
	c := newCluster(t, 3)
	dead := c.dying("convener")
	change := c.change
	c.change = func(cfg *Config) {
		change(cfg)
		if cfg.Keys.Name() == "convener" {
			cfg.WriteLimit = 3 * time.Second
		}
	}
	c.start(c.names...)
	last := c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-before"))
	c.settle(last + 1)
	c.allVote(t)
	hung, err := c.r["convener"].store.db.Begin(true) // every later write waits for this one
	if err != nil {
		t.Fatal(err)
	}
	release := sync.OnceFunc(func() { hung.Rollback() })
	defer release()
	ctx, cancel := context.WithTimeout(c.ctx(), 1500*time.Millisecond) // many heartbeats
	defer cancel()
	if _, err := c.r["payer-a"].Propose(ctx, rules.KindMeasurePropose, proposal(t, "sp-hung")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a proposal to a leader without a disk: %v", err)
	}
	if l := c.r["payer-b"].Leader(); l != "convener" {
		t.Logf("%q leads before the deadline", l) // a slow machine; the reproduction is weaker and the rest as strong
	}
	select {
	case err := <-dead:
		if !strings.Contains(err.Error(), "is the disk hung?") {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("a hung disk ends nothing")
	}
	after := c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-after"))
	if l := c.r["payer-b"].Leader(); l == "convener" || l == "" {
		t.Fatalf("%q leads", l)
	}
	release()
	c.stop("convener")
	c.net.node("convener").connect()
	c.change = nil
	c.start("convener")
	last = c.propose("convener", rules.KindRosterSet, roster(0))
	c.settle(last + 1)
	if _, err := c.r["payer-c"].WaitCosigned(c.ctx(), after, c.names); err != nil {
		t.Fatal(err)
	}
	c.r["convener"].View(func(s *rules.State) {
		if n := len(s.Measures()); n != 2 && n != 3 { // what hung may have come, and is in the log once
			t.Errorf("%d measures", n)
		}
	})
}

// TestLimit: a write that lasts longer than the limit is reported while it lasts, one that does not is not.
func TestLimit(t *testing.T) {
	t.Parallel()
	fatal := make(chan error, 2)
	say := func(err error) { fatal <- err }
	failed := errors.New("input/output error")
	if err := withLimit(time.Minute, say, "ledger", func() error { return failed }); err != failed || len(fatal) != 0 {
		t.Fatal(err, len(fatal))
	}
	err := withLimit(time.Millisecond, say, "ledger", func() error {
		if err := <-fatal; !strings.Contains(err.Error(), "ledger: a write has lasted") {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
