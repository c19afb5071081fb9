package audit

import (
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// TestDiffOfDecisions: motions and what they brought stand in the difference, at their place.
func TestDiffOfDecisions(t *testing.T) {
	w := newWorld(t)
	w.approve()
	older := w.bundle(payers...)
	for _, p := range payers {
		w.do(p, rules.KindClock, rules.Clock{Time: 1704067200})
	}
	w.do("payer-a", rules.KindMotionPropose, rules.MotionPropose{ID: "m-1", Subject: rules.SubjectCharter, Body: []byte(
		`{"version":1,"plan_seats":0,"provider_seats":0,"expert_seats":0,"quorum_percent":51,"majority_percent":50,"comment_seconds":0,"motion_seconds":0,"consent_seconds":0,"veto_seconds":0,"appeal_seconds":0,"panel_size":0,"attestation":""}`)})
	for _, p := range payers {
		w.do(p, rules.KindMotionVote, rules.MotionVote{ID: "m-1", Choice: rules.Yes})
	}
	w.do("convener", rules.KindMotionCarry, rules.MotionCarry{ID: "m-1"})
	d, err := Diff(older, w.bundle(payers...), Options{})
	if err != nil || !d.Verified {
		t.Fatal(err, d.Findings)
	}
	if len(d.Motions) != 1 || d.Motions[0].Status() != "carried" || !slices.ContainsFunc(d.Later, func(s string) bool {
		return strings.Contains(s, "charter version 1 in force at entry 14, 2024-01-01 00:00 UTC")
	}) {
		t.Errorf("motions %+v, later %q", d.Motions, d.Later)
	}
}
