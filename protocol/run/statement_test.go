package run

import (
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// The bytes are what the governance log verifies: changing them breaks every
// certificate.
func TestStatementBytes(t *testing.T) {
	s := Statement{Run: "r-1", Manifest: wire.Hash{1}, Transcript: wire.Hash{2}, Table: wire.Hash{3}, Set: "standard", StatisticalBits: 42}
	want := `{"run":"r-1",` +
		`"manifest":"0100000000000000000000000000000000000000000000000000000000000000",` +
		`"transcript":"0200000000000000000000000000000000000000000000000000000000000000",` +
		`"table":"0300000000000000000000000000000000000000000000000000000000000000",` +
		`"set":"standard","statistical_bits":42}`
	if got := string(s.Canonical()); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
	k, err := identity.Generate("alder")
	if err != nil {
		t.Fatal(err)
	}
	sig := s.Sign(k)
	if err := s.Verify(k.Public(), sig); err != nil {
		t.Fatal(err)
	}
	s.Table[0]++
	if s.Verify(k.Public(), sig) == nil {
		t.Fatal("a signature covers another table")
	}
}

func TestTermsOfManifest(t *testing.T) {
	plan, err := predicate.NewPlan([]predicate.Cell{{
		Name: "practice", ScaleNum: 100, ScaleDen: 1, Lo: 5, Hi: 95, CapNum: 400, CapDen: 400, Proportion: true,
		Rules: []predicate.Rule{{Name: "denominator", AnyOf: []predicate.Form{{Den: 1, Const: -30}}}},
	}}, 3, true)
	if err != nil {
		t.Fatal(err)
	}
	m := &Manifest{Run: "r-1", Convener: "hub", Payers: []string{"a", "b", "c"}, Recipients: []string{"hub", "b"}, Plan: plan}
	c, err := mhe.NewContext(plan.Set(), 3)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := m.Terms(c)
	if err != nil {
		t.Fatal(err)
	}
	steps := Sequence(terms.Stages)
	if got := terms.Sizes[steps[len(steps)-2].Index]; got != 2*(c.DecryptSize()+identity.SealOverhead) {
		t.Errorf("a release object of %d bytes", got)
	}
	m.Payers = m.Payers[:2]
	if _, err := m.Terms(c); err == nil {
		t.Error("a plan for three payers was accepted with two")
	}
}

func TestDeadlines(t *testing.T) {
	d := Deadlines{Keys: time.Second}
	for k := Prepare; k <= Certify; k++ {
		if got := d.Of(k); got <= 0 || (k == KeysOne || k == KeysTwo) != (got == time.Second) {
			t.Errorf("kind %d: %s", k, got)
		}
	}
}
