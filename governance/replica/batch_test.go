package replica

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// TestProposeAll: batches of several authors at once, longer than one batch; a refusal in the middle gives what was before it and nothing after.
func TestProposeAll(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	const n = maxBatch + 9
	var wg sync.WaitGroup
	for _, name := range []string{"convener", "payer-a", "payer-b"} {
		wg.Go(func() {
			var drafts []Draft
			for i := range n {
				if name == "convener" {
					drafts = append(drafts, Draft{rules.KindRosterSet, roster(i)})
				} else {
					drafts = append(drafts, Draft{rules.KindMeasurePropose, proposal(t, fmt.Sprintf("m-%s-%d", name, i))})
				}
			}
			at, err := c.r[name].ProposeAll(c.ctx(), drafts)
			if err != nil || len(at) != n || !slices.IsSorted(at) {
				t.Errorf("%s: %d of %d, %v", name, len(at), n, err)
			}
		})
	}
	wg.Wait()
	c.settle(1 + 3*n)
	p := proposal(t, "m-vote")
	vote := Draft{rules.KindMeasureVote, rules.MeasureVote{Hash: p.Hash, Choice: rules.Yes}}
	after := Draft{rules.KindMeasurePropose, proposal(t, "m-after")}
	for _, name := range []string{"payer-c", "convener"} {
		drafts := []Draft{{rules.KindMeasurePropose, p}, vote, vote, after} // a vote is given once
		want := rules.CodeAlreadyVoted
		if name == "convener" { // the same measure again is the first to be refused
			want = rules.CodeDuplicate
		}
		at, err := c.r[name].ProposeAll(c.ctx(), drafts)
		var refusal *rules.Refusal
		if !errors.As(err, &refusal) || refusal.Code != want || len(at) != map[string]int{"payer-c": 2}[name] {
			t.Fatalf("%s: %d entries, %v", name, len(at), err)
		}
	}
	// The author goes on after a refusal.
	c.propose("payer-c", after.Kind, after.Body)
	c.settle(1 + 3*n + 3)
}
