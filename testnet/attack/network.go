package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/node/vault"
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

	sealers map[string]*vault.Sealer  // members that keep a sealed journal and come back after a crash
	reborn  func(member string) error // what happens to the folder in between; may be nil
	books   map[string]*book          // the log as a member reads it; without one, what it is bound to is on no record

	mu      sync.Mutex // guards the rest
	queues  map[string]chan run.Event
	objects map[wire.Hash][]byte
	grown   chan struct{}
	commits []*wire.SignedCommit
	voids   []*wire.SignedVoid
	shown   map[string][]wire.Hash // member and step → what it revealed, life by life
	errs    map[string]error       // why a member's last life ended, for its own operator
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
		sealers: map[string]*vault.Sealer{}, books: map[string]*book{}, shown: map[string][]wire.Hash{}, errs: map[string]error{},
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

func (n *network) steps() []run.Step { return run.Sequence(len(n.plan.Stages())) }

// step finds a step of the run by its name.
func (n *network) step(name string) run.Step {
	for _, s := range n.steps() {
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
	c := driver.Config{
		Config: lockstep.Config{
			Manifest: n.manifest, Keys: n.keys[name], Members: members, Hooks: hooks,
			Vector: func(context.Context, *run.Manifest) ([]int64, []int64, error) { return n.num[name], n.den[name], nil },
			Table:  func(_ *run.Manifest, v []predicate.Value) ([]byte, error) { return n.table(name, v) },
		},
		Dir: dir, Compute: tokens,
	}
	if s := n.sealers[name]; s != nil {
		c.Sealing = &objects.Sealing{Seal: s.Seal, Open: s.Open}
	}
	if b := n.books[name]; b != nil {
		c.Bind = b.bind(name, n.manifest.Run)
	}
	return driver.New(c)
}

// seal gives a member a sealed journal, with the sealer of the real node.
func (n *network) seal(name string) (err error) {
	n.sealers[name], err = vault.OpenSealer(filepath.Join(n.dir, name+".sealing"))
	return err
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
		n.connect(name)
	}
	var out locked[map[string]*run.Outcome]
	out.v = map[string]*run.Outcome{}
	var failed locked[error]
	var wg sync.WaitGroup
	for name, d := range drivers {
		wg.Go(func() {
			o, err := n.live(ctx, name, d)
			if err != nil {
				cancel()
			}
			out.do(func(m *map[string]*run.Outcome) { (*m)[name] = o })
			failed.do(func(e *error) { *e = errors.Join(*e, err) })
		})
	}
	wg.Wait()
	return out.v, failed.v
}

// live drives a member to the run's end, through as many lives as its crashes leave it. The error is of a life that could not begin.
func (n *network) live(ctx context.Context, name string, d *driver.Driver) (*run.Outcome, error) {
	for {
		n.mu.Lock()
		queue := n.queues[name]
		n.mu.Unlock()
		dctx, stop := context.WithCancel(ctx)
		go func() {
			for {
				select {
				case e := <-queue:
					d.Deliver(dctx, e)
				case <-dctx.Done():
					return
				}
			}
		}()
		o, err := d.Run(ctx, seat{n, name}) // a void run's outcome says why
		stop()
		n.mu.Lock()
		n.errs[name] = err
		n.mu.Unlock()
		if o != nil || !errors.Is(err, driver.ErrStopped) || ctx.Err() != nil {
			return o, nil
		}
		if n.reborn != nil {
			if err := n.reborn(name); err != nil {
				return nil, err
			}
		}
		if d, err = n.driver(name, filepath.Join(n.dir, name)); err != nil {
			return nil, err
		}
		n.connect(name)
	}
}

// forget keeps back, from here on, all that was said and shown.
func (n *network) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.commits, n.voids, n.objects = nil, nil, map[wire.Hash][]byte{}
	n.revealed.v = map[string][]string{}
}

// connect begins a member's stream: the relay passes on what it knows (and wants to be known), and says that this was all.
func (n *network) connect(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queues[name] = make(chan run.Event, 4096)
	for _, c := range n.commits {
		shown := []*wire.SignedCommit{c}
		if n.show != nil {
			shown = n.show(name, c)
		}
		for _, c := range shown {
			n.deliver(name, wire.KindCommit, c.Bytes())
		}
	}
	for _, v := range n.voids {
		n.deliver(name, wire.KindVoid, v.Bytes())
	}
	if n.sealers[name] != nil {
		n.queues[name] <- run.Told{}
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
