package node

import (
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run"
)

func TestDeadlines(t *testing.T) {
	slow := predicate.Prediction{Seconds: 120}
	for _, c := range []struct {
		draft Draft
		want  rules.Deadlines
	}{
		{Draft{}, rules.Deadlines{Prepare: 86400, Keys: 2100, Input: 2100, Refresh: 2100, Release: 2100, Certify: 900}},
		{Draft{Deadline: time.Minute}, rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 60, Release: 60, Certify: 60}},
		{Draft{Deadlines: rules.Deadlines{Refresh: 7}, Deadline: time.Minute}, rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 7, Release: 60, Certify: 60}},
	} {
		if got := deadlines(c.draft, slow); got != c.want {
			t.Errorf("%+v", got)
		}
	}
	if got := deadlines(Draft{}, predicate.Prediction{Seconds: 1e9}).Keys; got != rules.MaxDeadline {
		t.Errorf("a plan that takes for ever: %d", got)
	}
	l := limits(rules.Deadlines{Prepare: 1, Keys: 2, Input: 3, Refresh: 4, Release: 5, Certify: 6})
	for kind, want := range map[run.Kind]time.Duration{
		run.Prepare: 1, run.KeysOne: 2, run.KeysTwo: 2, run.Input: 3, run.Refresh: 4, run.Result: 4, run.Release: 5, run.Certify: 6,
	} {
		if l.Of(kind) != want*time.Second {
			t.Errorf("kind %d: %v", kind, l.Of(kind))
		}
	}
}
