package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// network is a run of real members (run/driver over run/lockstep over crypto/mhe, with journals on disk) whose convener's relay is the
// attacker's: it decides what each member is shown. Messages pass driver.Open, objects objects.Receive, as they do in party and coordinator.
type network struct {
	*scene
	manifest *run.Manifest
	dir      string
	hooks    map[string]*run.Hooks
	num, den map[string][]int64

	table func(member string, v []predicate.Value) ([]byte, error)

	// show replaces what one member is shown instead of a commit; nil shows everything to everybody.
	show func(to string, c *wire.SignedCommit) []*wire.SignedCommit
	// swap replaces the bytes that one member is given of an object.
	swap func(to string, o wire.Object, b []byte) []byte

	revealed locked[map[string][]string] // step → who
	reveal   func(member string, s run.Step)

	mu      sync.Mutex // guards the rest
	queues  map[string]chan run.Event
	objects map[wire.Hash][]byte
	grown   chan struct{}
	commits []*wire.SignedCommit
}

// newNetwork has folders of its own; close removes them.
func (s *scene) newNetwork(name string) (*network, error) {
	dir, err := os.MkdirTemp("", "tacet-attack-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	const slow = 5 * time.Minute
	n := &network{
		scene: s, dir: dir, hooks: map[string]*run.Hooks{}, num: map[string][]int64{}, den: map[string][]int64{},
		objects: map[wire.Hash][]byte{}, grown: make(chan struct{}), queues: map[string]chan run.Event{},
		manifest: &run.Manifest{
			Run: name, Hash: [32]byte(reference(name)), Reference: reference(name), Convener: hub, Payers: payers,
			Recipients: []string{hub, alder}, Plan: s.plan,
			Deadlines: run.Deadlines{Prepare: slow, Keys: slow, Input: slow, Evaluate: slow, Release: slow, Certify: slow},
		},
	}
	n.table = func(_ string, v []predicate.Value) ([]byte, error) { return json.Marshal(v) }
	n.revealed.v = map[string][]string{}
	for i, p := range payers {
		n.num[p], n.den[p] = s.num[i], s.den[i]
	}
	for _, p := range append(slices.Clone(payers), hub) {
		n.hooks[p] = &run.Hooks{}
	}
	return n, nil
}

func (n *network) close() { os.RemoveAll(n.dir) }

// stage alters what everybody but birch computed in a step: the strongest collusion against it.
func (n *network) stage(at run.Step, alter func(*predicate.Stage)) {
	for name, h := range n.hooks {
		if name != birch {
			h.Stage = func(s run.Step, st *predicate.Stage) error {
				if s == at {
					alter(st)
				}
				return nil
			}
		}
	}
}

// step finds a step of the run by its name.
func (n *network) step(name string) run.Step {
	for _, s := range run.Sequence(len(n.plan.Stages())) {
		if s.String() == name {
			return s
		}
	}
	panic("no step " + name)
}

func (n *network) driver(name string, dir string) (*driver.Driver, error) {
	members := map[string]identity.Public{}
	for m, k := range n.keys {
		members[m] = k.Public()
	}
	hooks := *n.hooks[name]
	hooks.Reveal = func(s run.Step) {
		n.revealed.do(func(m *map[string][]string) { (*m)[s.String()] = append((*m)[s.String()], name) })
		if n.reveal != nil {
			n.reveal(name, s)
		}
	}
	return driver.New(driver.Config{
		Config: lockstep.Config{
			Manifest: n.manifest, Keys: n.keys[name], Members: members, Hooks: hooks,
			Vector: func(context.Context, *run.Manifest) ([]int64, []int64, error) { return n.num[name], n.den[name], nil },
			Table:  func(_ *run.Manifest, v []predicate.Value) ([]byte, error) { return n.table(name, v) },
		},
		Dir: dir, Compute: tokens,
	})
}

// tokens bound the heavy computations of all members in this process.
var tokens = make(chan struct{}, 2)

// run starts everybody and waits until all have ended. The outcomes are by member.
func (n *network) run(ctx context.Context) (map[string]*run.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	drivers := map[string]*driver.Driver{}
	for name := range n.hooks {
		d, err := n.driver(name, filepath.Join(n.dir, name))
		if err != nil {
			return nil, err
		}
		drivers[name] = d
		n.queues[name] = make(chan run.Event, 4096)
	}
	var out locked[map[string]*run.Outcome]
	out.v = map[string]*run.Outcome{}
	var wg sync.WaitGroup
	for name, d := range drivers {
		dctx, stop := context.WithCancel(ctx)
		go func() {
			for {
				select {
				case e := <-n.queues[name]:
					d.Deliver(dctx, e)
				case <-dctx.Done():
					return
				}
			}
		}()
		wg.Go(func() {
			defer stop()
			o, _ := d.Run(ctx, seat{n, name}) // a void run's outcome says why
			out.do(func(m *map[string]*run.Outcome) { (*m)[name] = o })
		})
	}
	wg.Wait()
	return out.v, nil
}

// seat is one member's Board.
type seat struct {
	n    *network
	name string
}

// Publish gives a statement to everybody else, through the decoding and verification that a payer's control stream has.
func (s seat) Publish(m wire.Message) {
	n := s.n
	n.mu.Lock()
	defer n.mu.Unlock()
	c, isCommit := m.(*wire.SignedCommit)
	if isCommit {
		n.commits = append(n.commits, c)
	}
	for to := range n.hooks {
		switch {
		case to == s.name:
		case isCommit && n.show != nil:
			for _, c := range n.show(to, c) {
				n.deliver(to, wire.KindCommit, c.Bytes())
			}
		case isCommit:
			n.deliver(to, wire.KindCommit, c.Bytes())
		default:
			n.deliver(to, wire.KindVoid, m.(*wire.SignedVoid).Bytes())
		}
	}
}

func (n *network) deliver(to string, kind wire.Kind, b []byte) {
	members := map[string]identity.Public{}
	for m, k := range n.keys {
		members[m] = k.Public()
	}
	if e, err := driver.Open(members, kind, b); err == nil {
		n.queues[to] <- e
	}
}

// Put takes an object in.
func (s seat) Put(_ context.Context, o wire.Object, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	s.n.put(o.Hash, b)
	return nil
}

// put is called with n.mu held.
func (n *network) put(h wire.Hash, b []byte) {
	n.objects[h] = b
	close(n.grown)
	n.grown = make(chan struct{})
}

// Get gives an object out, through the check of hash and size that a payer's stream has.
func (s seat) Get(ctx context.Context, o wire.Object, path string) (string, error) {
	for {
		s.n.mu.Lock()
		b, ok := s.n.objects[o.Hash]
		grown := s.n.grown
		s.n.mu.Unlock()
		if ok {
			if s.n.swap != nil {
				b = s.n.swap(s.name, o, b)
			}
			return path, objects.Receive(path, bytes.NewReader(b), o.Hash, o.Size)
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// ended demands that a member's run ended void with a code and that birch revealed nothing in a step.
func (n *network) ended(out map[string]*run.Outcome, member string, code wire.Code, unrevealed string) (string, error) {
	o := out[member]
	switch {
	case o == nil:
		return "", fmt.Errorf("%s has no outcome", member)
	case o.Certified():
		return "", fmt.Errorf("%s certified the run", member)
	case o.Code != code:
		return "", fmt.Errorf("%s: void with code %s instead of %s: %s", member, o.Code, code, o.Void)
	}
	if unrevealed != "" {
		if slices.Contains(n.revealed.v[unrevealed], birch) {
			return "", fmt.Errorf("%s revealed its object of step %s", birch, unrevealed)
		}
	}
	return o.Void, nil
}

// object is the object of a step that a member has revealed, nil before.
func (n *network) object(member, step string) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.commits {
		if b := c.Body(); b.Member == member && b.Step == n.step(step).Index {
			return n.objects[b.Object]
		}
	}
	return nil
}
