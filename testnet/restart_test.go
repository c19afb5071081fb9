package testnet

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run"
)

// TestPayerRestarts: a payer's service dies between its commit and its share, in the input step and again in the release, and is
// started again: the run is certified, the table is the same at every recipient, and the sealed journal is gone.
func TestPayerRestarts(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	victim := n.payers()[1]
	dead := make(chan struct{})
	victim.hooks.Crash = func(p run.Point, s run.Step) bool {
		if p != run.Agreed || s.Kind != run.Input && s.Kind != run.Release {
			return false
		}
		select {
		case dead <- struct{}{}:
			return true
		case <-ctx.Done():
			return false
		}
	}
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	_, err = n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
	must(t, err)
	for range 2 {
		select {
		case <-dead:
		case <-ctx.Done():
			t.Fatal("the payer does not get to the step")
		}
		victim.client.Close()
		must(t, victim.stop())
		if _, err := os.Stat(filepath.Join(victim.cfg.Dir, "runs", body.Run, "secrets.sealed")); err != nil {
			t.Fatal(err)
		}
		kind := victim.hooks.Crash
		died := false
		victim.hooks.Crash = func(p run.Point, s run.Step) bool { // once a step
			if s.Kind == run.Input || died {
				return false
			}
			died = kind(p, s)
			return died
		}
		must(t, n.startMember(ctx, victim))
	}
	var table string
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, body.Run)
		must(t, err)
		if r.State != "certified" || table != "" && table != string(r.Table) {
			t.Fatalf("%s: %s %s", m.cfg.Name, r.State, r.Reason)
		}
		table = string(r.Table)
	}
	for _, pattern := range []string{"secrets.sealed*", "*.object"} {
		if left, _ := filepath.Glob(filepath.Join(victim.cfg.Dir, "runs", body.Run, pattern)); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	if b, err := os.ReadFile(filepath.Join(victim.cfg.Dir, "runs", body.Run, "salt")); err != nil || len(b) != 32 {
		t.Errorf("salt of %d bytes, %v", len(b), err)
	}
}

// TestPayerAwayAtTheEnd: a payer signs the table and dies. The others certify the run without it; when it is started again it learns so from
// the log, still has the table it signed, and keeps no secret.
func TestPayerAwayAtTheEnd(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	victim, c := n.payers()[1], n.members[0]
	dead := make(chan struct{})
	victim.hooks.Crash = func(p run.Point, s run.Step) bool {
		if p != run.Revealed || s.Kind != run.Certify {
			return false
		}
		close(dead)
		return true
	}
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	_, err = c.client.Propose(ctx, rules.KindRunAuthorise, body)
	must(t, err)
	select {
	case <-dead:
	case <-ctx.Done():
		t.Fatal("the payer does not get to the step")
	}
	victim.client.Close()
	must(t, victim.stop())
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for open := true; open; <-tick.C { // until the log has the run's end
		st, err := c.client.Status(ctx)
		must(t, err)
		open = st.Run != ""
	}
	victim.hooks.Crash = nil
	must(t, n.startMember(ctx, victim))
	r, err := victim.client.WaitRun(ctx, body.Run)
	must(t, err)
	want, err := c.client.WaitRun(ctx, body.Run)
	must(t, err)
	if r.State != "certified" || want.State != "certified" || r.Table == nil || string(r.Table) != string(want.Table) {
		t.Errorf("%s %q, a table of %d bytes; the convener: %s", r.State, r.Reason, len(r.Table), want.State)
	}
	if left, _ := filepath.Glob(filepath.Join(victim.cfg.Dir, "runs", body.Run, "secrets.sealed*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
