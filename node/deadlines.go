package node

import (
	"cmp"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run"
)

// deadlines fills in the phases that a convener leaves open: a day for people, and for machines a quarter of an hour – a member that was
// stopped comes back in it – and what the plan predicts for a slow core, ten times over, in the phases that compute.
func deadlines(draft Draft, p predicate.Prediction) rules.Deadlines {
	d, same := draft.Deadlines, int64(draft.Deadline/time.Second)
	const minutes = 60
	still := int64(15 * minutes)
	busy := min(still+10*int64(p.Seconds), rules.MaxDeadline)
	for _, phase := range []struct {
		seconds *int64
		value   int64
	}{
		{&d.Prepare, 24 * 60 * minutes}, {&d.Keys, busy}, {&d.Input, busy}, {&d.Refresh, busy}, {&d.Release, busy}, {&d.Certify, still},
	} {
		if *phase.seconds == 0 {
			*phase.seconds = cmp.Or(same, phase.value)
		}
	}
	return d
}

// limits are the manifest's deadlines as the protocol takes them.
func limits(d rules.Deadlines) run.Deadlines {
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	return run.Deadlines{
		Prepare: seconds(d.Prepare), Keys: seconds(d.Keys), Input: seconds(d.Input), Evaluate: seconds(d.Refresh), Release: seconds(d.Release),
		Certify: seconds(d.Certify),
	}
}
