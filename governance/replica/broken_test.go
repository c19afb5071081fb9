package replica

import (
	"context"
	"os"
	"testing"
	"testing/synctest"

	"github.com/anishathalye/porcupine"
	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/rules"
)

// The two tests below break what linearizability rests on, in the same crowd, and want it found: a check that never says no says nothing.

// TestEarlyAnswerIsFound: a leader that says "done" when raft has the entry, before a majority has it.
func TestEarlyAnswerIsFound(t *testing.T) { synctest.Test(t, earlyAnswer) }

func earlyAnswer(t *testing.T) {
	c := newCrowd(t, 4)
	c.propose = func(ctx context.Context, r *Replica, kind string, body any) (uint64, error) {
		if r.raft.State() != raft.Leader {
			return r.Propose(ctx, kind, body)
		}
		batch, _, _, err := r.signBatch([]Draft{{kind, body}})
		if err != nil {
			return 0, err
		}
		p, v, err := r.check(batch[0])
		if err != nil {
			return 0, err
		}
		if v.Refusal != nil {
			return 0, v.Refusal
		}
		r.put(batch[0], p)
		return v.Index, nil
	}
	c.disturb(1, func() {
		n := c.leader()
		c.net.node(n).cut()
		c.acked(20)
		c.net.node(n).connect()
	})
	if got := c.h.check(t); got != porcupine.Illegal {
		t.Errorf("the history of %d operations is %v", len(c.h.ops), got)
	}
}

// TestRolledBackDiskIsFound: a member whose disk goes back to an older copy of itself, and who reads before it has caught up.
func TestRolledBackDiskIsFound(t *testing.T) { synctest.Test(t, rolledBackDisk) }

func rolledBackDisk(t *testing.T) {
	c := newCrowd(t, 4)
	c.disturb(1, func() {
		const n, i = "payer-b", 2
		c.kill(n)
		copied := c.dirs[n] + "-old"
		if err := os.CopyFS(copied, os.DirFS(c.dirs[n])); err != nil {
			t.Fatal(err)
		}
		c.run(n)
		c.h.ask(question{member: i}, func() reply {
			at, err := c.r[n].Propose(c.ctx(), rules.KindMeasurePropose, proposal(t, "sp-kept"))
			if err != nil {
				t.Error(err)
			}
			return reply{toldRead, c.h.log(t, c.r[n], at)}
		})
		c.kill(n)
		c.dirs[n] = copied
		c.net.node(n).cut()
		c.run(n)
		c.h.ask(question{member: i}, func() reply { return reply{toldRead, c.h.log(t, c.r[n], 0)} })
	})
	if got := c.h.check(t); got != porcupine.Illegal {
		t.Errorf("the history of %d operations is %v", len(c.h.ops), got)
	}
}
