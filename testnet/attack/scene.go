package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
)

// The cast: three payers and the convener. birch is the victim of most attacks; everybody else may be in collusion.
const (
	alder, birch, cedar, hub = "alder", "birch", "cedar", "hub"
	victim                   = 1 // birch in the payer order
	attacker                 = 2 // cedar
)

var payers = []string{alder, birch, cedar}

// scene is what all attacks share: plan, figures, identities. It is not changed by an attack.
type scene struct {
	plan     *predicate.Plan
	c        *mhe.Context
	lab      *mhe.Laboratory
	num, den [][]int64 // [payer][cell]
	keys     map[string]*identity.Keys
	want     []predicate.Value

	again locked[repeated] // see rerun
	spoil locked[wreck]    // see spoiled
}

// cell is a proportion under the usual rules. Caps are as wide as the set carries.
func cell(name string) predicate.Cell {
	return predicate.Cell{
		Name: name, ScaleNum: 100, ScaleDen: 1, Lo: 5, Hi: 95, CapNum: 1800, CapDen: 1800, Proportion: true,
		Rules: []predicate.Rule{
			{Name: "contributors", AnyOf: []predicate.Form{{Has: 1, Const: -3}}},
			{Name: "share", PerPayer: true, AnyOf: []predicate.Form{{Den: 3, Own: -5}}},
			{Name: "denominator", AnyOf: []predicate.Form{{Den: 1, Const: -30}}},
			{Name: "numerator", AnyOf: []predicate.Form{{Num: 1, Const: -11}, {Num: -1}}},
			{Name: "complement", AnyOf: []predicate.Form{{Den: 1, Num: -1, Const: -11}, {Den: -1, Num: 1}}},
		},
	}
}

const (
	small  = 0 // a cell that must stay suppressed: 22 patients, all in the numerator
	single = 6 // and another one: a single patient, of alder
)

func newScene() (*scene, error) {
	s := &scene{keys: map[string]*identity.Keys{}}
	s.den = [][]int64{{7, 211, 95, 400, 64, 311, 1}, {9, 167, 120, 20, 58, 290, 0}, {6, 189, 77, 30, 71, 305, 0}}
	s.num = [][]int64{{7, 100, 95, 390, 0, 30, 1}, {9, 85, 120, 15, 0, 33, 0}, {6, 90, 77, 22, 0, 27, 0}}
	var cells []predicate.Cell
	for i := range s.den[0] {
		cells = append(cells, cell(fmt.Sprintf("practice %d", i)))
	}
	var err error
	if s.plan, err = predicate.NewPlan(cells, len(payers), true); err != nil {
		return nil, err
	}
	if s.c, err = mhe.NewContext(s.plan.Set(), len(payers)); err != nil {
		return nil, err
	}
	if s.lab, err = s.c.Laboratory(); err != nil {
		return nil, err
	}
	for _, name := range append(slices.Clone(payers), hub) {
		if s.keys[name], err = identity.Generate(name); err != nil {
			return nil, err
		}
	}
	s.want = s.plan.Oracle(s.num, s.den)
	if s.want[small].Released || s.want[single].Released {
		return nil, errors.New("a small cell of the scene is not suppressed")
	}
	return s, nil
}

// reference is the reference string of a run of that name.
func reference(name string) mhe.Reference {
	return mhe.NewReference(sha256.Sum256([]byte("manifest of "+name)), sha256.Sum256([]byte("checkpoint under "+name)))
}

// session is a run's lattice work in one process, through mhe's public calls, by members that do what they are asked: the layer above,
// which decides what may be asked, is the defence that is off.
type session struct {
	*scene
	ref     mhe.Reference
	parties []*mhe.Party
	one     [][]byte // key shares of round one, by payer
	two     [][]byte
	inputs  [][]byte // of the first ciphertext
	keys    *mhe.Keys

	tamper func(stage, payer int, share []byte) // changes refresh shares on their way; may be nil
}

func (s *scene) newSession(name string) (*session, error) {
	n := &session{scene: s, ref: reference(name)}
	for range payers {
		p, err := s.c.NewParty(n.ref, s.plan.Rotations())
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := p.KeyRoundOne(&b); err != nil {
			return nil, err
		}
		n.parties, n.one = append(n.parties, p), append(n.one, b.Bytes())
	}
	return n, nil
}

// sum adds up round one.
func (n *session) sum(one [][]byte) (*mhe.KeySum, error) {
	k := n.c.NewKeySum(n.ref, n.plan.Rotations())
	for _, b := range one {
		if err := k.AddRoundOne(bytes.NewReader(b)); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// key runs both rounds.
func (n *session) key() error {
	k, err := n.sum(n.one)
	if err != nil {
		return err
	}
	for _, p := range n.parties {
		var b bytes.Buffer
		if err := p.KeyRoundTwo(k, &b); err != nil {
			return err
		}
		n.two = append(n.two, b.Bytes())
	}
	for _, b := range n.two {
		if err := k.AddRoundTwo(bytes.NewReader(b)); err != nil {
			return err
		}
	}
	n.keys, err = k.Keys()
	return err
}

// contribute encrypts everybody's slots, which change may alter first, and adds them up.
func (n *session) contribute(change func(payer int, slots []float64)) ([]*mhe.Ciphertext, error) {
	in := n.c.NewInputSum(n.ref, 1)
	for i, p := range n.parties {
		slots, err := n.plan.Encode(i, 0, n.num[i], n.den[i])
		if err != nil {
			return nil, err
		}
		if change != nil {
			change(i, slots)
		}
		var b bytes.Buffer
		if err := p.Input(0, slots, &b); err != nil {
			return nil, err
		}
		n.inputs = append(n.inputs, b.Bytes())
		if err := in.Add(0, bytes.NewReader(b.Bytes())); err != nil {
			return nil, err
		}
	}
	return in.Ciphertexts()
}

// refresh answers one request.
func (n *session) refresh(q mhe.RefreshRequest) (*mhe.Ciphertext, error) {
	sum := n.c.NewRefreshSum(n.ref, q)
	for i, p := range n.parties {
		var b bytes.Buffer
		if err := p.Refresh(q, &b); err != nil {
			return nil, err
		}
		if n.tamper != nil {
			n.tamper(q.Stage, i, b.Bytes())
		}
		if err := sum.Add(&b); err != nil {
			return nil, err
		}
	}
	return sum.Finish()
}

// evaluate runs the circuit; after may replace a refreshed ciphertext of a stage.
func (n *session) evaluate(ctx context.Context, inputs []*mhe.Ciphertext, after func(stage int, ct *mhe.Ciphertext) *mhe.Ciphertext) (*mhe.Ciphertext, error) {
	e, err := predicate.NewEvaluation(n.c, n.plan, n.keys, inputs)
	if err != nil {
		return nil, err
	}
	var refreshed []*mhe.Ciphertext
	for stage := 0; ; stage++ {
		st, err := e.Next(ctx, refreshed)
		if err != nil {
			return nil, err
		}
		if st.Result != nil {
			return st.Result[0], nil
		}
		ct, err := n.refresh(st.Refresh[0])
		if err != nil {
			return nil, err
		}
		if after != nil {
			ct = after(stage, ct)
		}
		refreshed = []*mhe.Ciphertext{ct}
	}
}

// open decrypts a result with everybody's flooded share.
func (n *session) open(ct *mhe.Ciphertext) ([]float64, error) {
	sum := n.c.NewDecryptSum(ct)
	for _, p := range n.parties {
		var b bytes.Buffer
		if err := p.Decrypt(0, ct, &b); err != nil {
			return nil, err
		}
		if err := sum.Add(&b); err != nil {
			return nil, err
		}
	}
	return sum.Slots()
}

// contributed is an honest session after the inputs.
func (s *scene) contributed(name string) (*session, []*mhe.Ciphertext, error) {
	n, err := s.newSession(name)
	if err != nil {
		return nil, nil, err
	}
	if err := n.key(); err != nil {
		return nil, nil, err
	}
	cts, err := n.contribute(nil)
	return n, cts, err
}

// locked is a value behind a lock.
type locked[T any] struct {
	mu sync.Mutex
	v  T
}

func (l *locked[T]) do(f func(*T)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.v)
}
