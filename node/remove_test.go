package node

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// TestRemove: the payers vote a running auditor out, and from that entry on no member takes a connection or an entry of it, while the others go on.
func TestRemove(t *testing.T) {
	t.Parallel()
	s := convening(t)
	p := payerOf(t, s, "payer-1")
	until(t, p, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	a := member(t, s, "auditor-1", Auditor, nil)
	until(t, a, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	body, err := json.Marshal(rules.MemberRemove{Name: "auditor-1", Reason: "its contract has ended"})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		by   *Service
		kind string
		body any
	}{
		{p, rules.KindMotionPropose, rules.MotionPropose{ID: "out", Subject: rules.SubjectRemove, Body: body}},
		{p, rules.KindMotionVote, rules.MotionVote{ID: "out", Choice: rules.Yes}},
		{s, rules.KindMotionCarry, rules.MotionCarry{ID: "out"}},
	} {
		if _, err := step.by.replica.Propose(ctx, step.kind, step.body); err != nil {
			t.Fatal(err)
		}
	}
	until(t, a, "cut off", func(st admin.Status) bool { return !st.Connected })
	if a.accepted(ctx, a.keys) {
		t.Fatal("the convener takes a connection of who was removed")
	}
	short, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	if _, err := a.replica.Propose(short, rules.KindCheckpointWitness, rules.CheckpointWitness{Size: 1}); err == nil {
		t.Fatalf("it still writes: %v", err)
	}
	last := write(t, s, 1)
	if _, err := p.replica.WaitCosigned(ctx, last, []string{"convener", "payer-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := (operator{s}).Invite(admin.Invite{Member: "auditor-1", Role: "auditor", Seconds: 60}); err == nil {
		t.Fatal("its name is given out again")
	}
}
