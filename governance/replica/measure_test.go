package replica

import (
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
)

// proposal is a small measure, put to the vote.
func proposal(t testing.TB, id string) rules.MeasurePropose {
	t.Helper()
	s := &measures.Spec{ID: id, Version: "1.0.0", Title: "Test", Type: measures.Proportion, Direction: measures.Higher, Grain: "practice",
		Inputs: []string{"eligibility"}, SQL: "SELECT practice, stratum, num, den FROM eligibility", Cap: measures.Cap{Num: 1000, Den: 1000},
		Release:   measures.Release{Profile: "quality-rate", Unit: measures.Percent, Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
		Rationale: "test", Source: "test", Licence: "Apache-2.0"}
	if _, err := measures.ParseCanonical(s.Canonical()); err != nil {
		t.Fatal(err)
	}
	return rules.NewMeasurePropose(s)
}
