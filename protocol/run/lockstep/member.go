package lockstep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrDeclined says that the member did not give its vector, or that the vector
// does not fit the plan.
var ErrDeclined = errors.New("the member's vector is not available")

// Config describes a member's part in a run.
type Config struct {
	Manifest *run.Manifest
	Keys     *identity.Keys
	Members  map[string]identity.Public // payers and convener

	// Vector gives a payer's numerators and denominators in cell order; nil for
	// the convener.
	Vector func(context.Context, *run.Manifest) (num, den []int64, err error)
	// Secrets are those of this payer's earlier life in the same run; nil draws
	// new ones. With them Vector is not called.
	Secrets *Secrets
	// Table makes the canonical bytes of the release table, the same for every
	// recipient.
	Table func(*run.Manifest, []predicate.Value) ([]byte, error)
	Hooks run.Hooks

	// Memory is the budget of the member's part of the run, in bytes (predicate.Plan.Memory); 0: no bound. With one,
	// what waits beyond it is kept in files under Spill, a folder of its own that Erase removes.
	Memory int64
	Spill  string
}

// Member computes one member's part of one run.
type Member struct {
	cfg   Config
	m     *run.Manifest
	terms run.Terms
	c     *mhe.Context
	self  string

	payer *payer // nil for the convener

	memory predicate.Memory
	spill  *mhe.Spill // nil: no budget

	keys    *mhe.KeySum
	inputs  *mhe.InputSum
	eval    *predicate.Evaluation
	stage   *predicate.Stage
	refresh []*mhe.RefreshSum
	opened  []*mhe.DecryptSum

	values     []predicate.Value
	table      []byte
	transcript wire.Hash // of all steps before certify, once a signature over it is verified
	tableHash  wire.Hash // likewise
	signatures map[string][]byte
}

// New prepares a member. A payer draws its key share here, or takes it from
// Config.Secrets.
func New(cfg Config) (*Member, error) {
	m := cfg.Manifest
	if m.Plan == nil {
		return nil, fmt.Errorf("run %s: the manifest has no plan", m.Run)
	}
	c, err := mhe.NewContext(m.Plan.Set(), len(m.Payers))
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", m.Run, err)
	}
	terms, err := m.Terms(c)
	if err != nil {
		return nil, err
	}
	l := &Member{cfg: cfg, m: m, terms: terms, c: c, self: cfg.Keys.Name(), signatures: map[string][]byte{}}
	for _, name := range append(slices.Clone(m.Payers), m.Convener) {
		if p, ok := cfg.Members[name]; !ok || p.Name != name {
			return nil, fmt.Errorf("run %s: no public keys of member %s", m.Run, name)
		}
	}
	if i := slices.Index(m.Payers, l.self); i >= 0 {
		if l.payer, err = newPayer(l, i); err != nil {
			return nil, fmt.Errorf("run %s: %w", m.Run, err)
		}
	} else if l.self != m.Convener {
		return nil, fmt.Errorf("run %s: %s takes no part in it", m.Run, l.self)
	}
	if cfg.Memory != 0 {
		if l.memory, err = m.Plan.Memory(cfg.Memory, runtime.GOMAXPROCS(0)); err != nil {
			return nil, fmt.Errorf("run %s: %w", m.Run, err)
		}
		if l.spill, err = mhe.NewSpill(cfg.Spill, l.memory.Waiting); err != nil {
			return nil, fmt.Errorf("run %s: %w", m.Run, err)
		}
	}
	l.keys = c.NewKeySum(m.Reference, m.Plan.Rotations())
	return l, nil
}

// Terms returns the terms of the run with all object sizes.
func (l *Member) Terms() run.Terms { return l.terms }

// Compute computes the state of a step from what has been absorbed, and writes
// the member's own object to w, exactly as long as the terms say. In Prepare a
// payer returns the commitment to its vector instead of an object. Errors are
// ErrDeclined, predicate.ErrSpoiled, or a failed computation.
//
// A nil w says that the member's object of this step exists since an earlier
// life: the state is computed, and no share is made.
func (l *Member) Compute(ctx context.Context, work run.Compute, w io.Writer) (state, commitment wire.Hash, err error) {
	defer recovered(&err)
	s := work.Step
	gives := l.payer != nil && w != nil
	switch s.Kind {
	case run.Prepare:
		state = l.planState(s)
		if l.payer != nil {
			commitment, err = l.payer.prepare(ctx)
		}
	case run.KeysOne:
		state = l.planState(s)
		if gives {
			err = l.payer.party.KeyRoundOne(w)
		}
	case run.KeysTwo:
		state = l.state(s, l.keys.Digest())
		if gives {
			err = l.payer.party.KeyRoundTwo(l.keys, w)
		}
	case run.Input:
		state = l.state(s, l.keys.Digest())
		l.inputs = l.c.NewInputSum(l.m.Reference, l.m.Plan.Ciphertexts()).Within(l.spill)
		if gives {
			err = l.payer.input(w)
		}
	case run.Refresh:
		if state, err = l.next(ctx, s); err == nil && gives {
			err = l.payer.refresh(w)
		}
	case run.Result:
		state, err = l.next(ctx, s)
	case run.Release:
		state = l.resultState(s)
		l.beginOpening()
		if gives {
			err = l.payer.release(w)
		}
	case run.Certify:
		state, err = l.certify(work.Transcript, w)
	}
	if err != nil {
		return wire.Hash{}, wire.Hash{}, fmt.Errorf("run %s, step %s: %w", l.m.Run, s, err)
	}
	return state, commitment, nil
}

// Absorb adds a member's object of a step. An error means that the object is
// not valid.
func (l *Member) Absorb(work run.Absorb, r io.Reader) (err error) {
	defer recovered(&err)
	s, member := work.Step, work.Member
	switch s.Kind {
	case run.KeysOne:
		err = l.keys.AddRoundOne(r)
	case run.KeysTwo:
		err = l.keys.AddRoundTwo(r)
	case run.Input:
		for i := 0; i < l.m.Plan.Ciphertexts() && err == nil; i++ {
			err = l.inputs.Add(i, io.LimitReader(r, l.c.InputSize()))
		}
	case run.Refresh:
		for i := 0; i < len(l.refresh) && err == nil; i++ {
			err = l.refresh[i].Add(io.LimitReader(r, l.c.RefreshSize(l.stage.Refresh[i].High)))
		}
	case run.Release:
		err = l.open(member, r)
	case run.Certify:
		err = l.countersigned(member, work.Transcript, work.State, r)
	default:
		err = errors.New("no objects belong to this step")
	}
	if err != nil {
		return fmt.Errorf("run %s, step %s, object of %s: %w", l.m.Run, s, member, err)
	}
	return nil
}

// Erase wipes the key share and the member's vector, and removes what waits on
// disk. The member is of no use afterwards.
func (l *Member) Erase() {
	if l.payer != nil {
		l.payer.erase()
	}
	l.spill.Close() // a left-over goes with the run's folder, or when the next life begins
}

// Memory is how the member keeps within its budget, and the most that it had on
// disk for that.
func (l *Member) Memory() (m predicate.Memory, spilled int64) { return l.memory, l.spill.Peak() }

// recovered turns a panic over a peer's bytes into an error: one run ends, not
// the process. The panic's value may quote data and is not repeated.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errors.New("the computation stopped unexpectedly")
	}
}
