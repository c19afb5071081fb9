package replica

import (
	"testing"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/rules"
)

// TestUnansweredRequests: raft ends while requests lie in its buffers. The first part sees that raft's futures still have what await sets.
func TestUnansweredRequests(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	c.propose("convener", rules.KindRosterSet, roster(0))
	r := c.r["convener"]
	for what, f := range map[string]raft.Future{
		"apply": r.raft.Apply([]byte("not an entry"), 0), "barrier": r.raft.Barrier(0), "transfer": r.raft.LeadershipTransfer(),
	} {
		if !endOf(f).IsValid() {
			t.Errorf("%s: a %T", what, f)
		}
		r.await(f)
	}
	hung, err := r.store.db.Begin(true) // raft's main loop waits for it, and what comes now stays in the buffer
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan error)
	const n = 5
	for range n {
		f := r.raft.Apply([]byte("not an entry"), 0)
		go func() { answers <- r.await(f) }()
	}
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	<-r.ctx.Done()
	hung.Rollback()
	for range n {
		<-answers // any: what counts is that there is one
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	delete(c.r, "convener")
}
