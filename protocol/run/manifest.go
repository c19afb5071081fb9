package run

import (
	"context"
	"fmt"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// Manifest is what the members of a run have agreed on before it starts. Every
// member derives it from the same log entry.
type Manifest struct {
	Run        string
	Hash       [32]byte // of the authorising log entry's body
	Reference  mhe.Reference
	Convener   string
	Payers     []string // contributors; their order is the payer order
	Recipients []string // payers or the convener
	Plan       *predicate.Plan
	Deadlines  Deadlines
}

// Authority answers what the log says. node satisfies it with the governance
// log; the methods are safe for concurrent use.
type Authority interface {
	// Manifest returns the manifest of an authorised run, or an error when the
	// run is not authorised, ended, or not to be acted on yet.
	Manifest(ctx context.Context, run string) (*Manifest, error)
	// Member returns a member's public keys.
	Member(name string) (identity.Public, error)
}

// Deadlines says how long a step of each kind may take, from the moment a
// member enters it until it has everything it needs. Zero takes the default.
type Deadlines struct {
	Prepare  time.Duration // default 24 h: operators give consent
	Keys     time.Duration // each key round; default 15 min
	Input    time.Duration // default 15 min
	Evaluate time.Duration // each refresh stage, and the result; default 30 min
	Release  time.Duration // default 15 min
	Certify  time.Duration // default 15 min
}

// Of returns the deadline of a kind of step.
func (d Deadlines) Of(k Kind) time.Duration {
	or := func(v, def time.Duration) time.Duration {
		if v > 0 {
			return v
		}
		return def
	}
	switch k {
	case Prepare:
		return or(d.Prepare, 24*time.Hour)
	case KeysOne, KeysTwo:
		return or(d.Keys, 15*time.Minute)
	case Input:
		return or(d.Input, 15*time.Minute)
	case Refresh, Result:
		return or(d.Evaluate, 30*time.Minute)
	case Release:
		return or(d.Release, 15*time.Minute)
	}
	return or(d.Certify, 15*time.Minute)
}

// Terms derives what the machine decides by, with the exact size of every
// object, and checks it.
func (m *Manifest) Terms(c *mhe.Context) (Terms, error) {
	if m.Plan == nil {
		return Terms{}, fmt.Errorf("run %s: the manifest has no plan", m.Run)
	}
	if m.Plan.Payers() != len(m.Payers) || c.Payers() != len(m.Payers) {
		return Terms{}, fmt.Errorf("run %s: the plan is made for %d payers, the manifest names %d", m.Run, m.Plan.Payers(), len(m.Payers))
	}
	stages := m.Plan.Stages()
	n := int64(m.Plan.Ciphertexts()) // of inputs
	t := Terms{
		Run: m.Run, Manifest: wire.Hash(m.Hash), Convener: m.Convener, Payers: m.Payers, Recipients: m.Recipients,
		Stages: len(stages), Sizes: []int64{0, c.RoundOneSize(m.Plan.Rotations()), c.RoundTwoSize(), n * c.InputSize()},
	}
	for _, s := range stages {
		t.Sizes = append(t.Sizes, int64(s.Refreshes)*c.RefreshSize(s.High))
	}
	box := int64(m.Plan.Results())*c.DecryptSize() + identity.SealOverhead
	t.Sizes = append(t.Sizes, 0, int64(len(m.Recipients))*box, identity.SignatureSize)
	return t, t.Check()
}

// Sizes returns the exact bytes of an object of each step, as in Terms.
func (m *Manifest) Sizes() ([]int64, error) {
	if m.Plan == nil {
		return nil, fmt.Errorf("run %s: the manifest has no plan", m.Run)
	}
	c, err := mhe.NewContext(m.Plan.Set(), len(m.Payers))
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", m.Run, err)
	}
	t, err := m.Terms(c)
	return t.Sizes, err
}
