package party_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/coordinator"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/party"
	"github.com/tacet-health/tacet/protocol/run"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hub = "hub"

var payerNames = []string{"alder", "birch", "cedar", "dogwood", "elder"}

// member is one member's configuration before it starts; tests change it.
type member struct {
	ctx      context.Context
	cancel   context.CancelFunc
	endpoint link.Endpoint
	dir      string
	hooks    run.Hooks
	vector   func(context.Context, *run.Manifest) ([]int64, []int64, error)
	table    func(*run.Manifest, []predicate.Value) ([]byte, error)
	absent   bool
}

// network is a whole run over loopback QUIC with toy parameters.
type network struct {
	t        *testing.T
	manifest *run.Manifest
	payers   []string
	names    []string // payers, then the convener
	num, den [][]int64
	members  map[string]*member

	mu       sync.Mutex // guards the rest
	revealed map[string][]string
	progress map[string][]run.Progress

	watch  func(run.Progress) // set before run, may be nil
	linger time.Duration      // of the convener; short only where somebody never comes
}

type result struct {
	*run.Outcome
	err error
}

func cells(n int) []predicate.Cell {
	var out []predicate.Cell
	for i := range n {
		out = append(out, predicate.Cell{
			Name: fmt.Sprintf("practice %d", i), ScaleNum: 100, ScaleDen: 1, Lo: 5, Hi: 95, CapNum: 400, CapDen: 400, Proportion: true,
			Rules: []predicate.Rule{
				{Name: "contributors", AnyOf: []predicate.Form{{Has: 1, Const: -3}}},
				{Name: "share", PerPayer: true, AnyOf: []predicate.Form{{Den: 3, Own: -5}}},
				{Name: "denominator", AnyOf: []predicate.Form{{Den: 1, Const: -30}}},
				{Name: "numerator", AnyOf: []predicate.Form{{Num: 1, Const: -11}, {Num: -1}}},
				{Name: "complement", AnyOf: []predicate.Form{{Den: 1, Num: -1, Const: -11}, {Den: -1, Num: 1}}},
			},
		})
	}
	return out
}

// vectors reaches released and suppressed cells, ties and ends.
func vectors(payers, cells int) (num, den [][]int64) {
	for p := range payers {
		n, d := make([]int64, cells), make([]int64, cells)
		for c := range cells {
			switch c {
			case 0: // too small
				n[c], d[c] = int64(p), 5
			case 1: // one payer holds nearly all
				n[c], d[c] = 1, 1
				if p == 0 {
					n[c], d[c] = 200, 380
				}
			case 2: // a payer has nobody
				if p > 0 {
					n[c], d[c] = 50, 90
				}
			case 3: // nobody, and everybody
				n[c], d[c] = 0, 50
			case 4:
				n[c], d[c] = 50, 50
			case 5: // an exact tie: half
				n[c], d[c] = 41, 200
			default:
				n[c], d[c] = int64(10*c+7*p), int64(100+13*p+c)
			}
		}
		num, den = append(num, n), append(den, d)
	}
	return num, den
}

type authority struct {
	m *run.Manifest
}

func (a authority) Manifest(_ context.Context, name string) (*run.Manifest, error) {
	if name != a.m.Run {
		return nil, fmt.Errorf("run %s is not authorised", name)
	}
	return a.m, nil
}

func (a authority) Member(name string) (identity.Public, error) {
	if name != hub && !slices.Contains(payerNames, name) {
		return identity.Public{}, fmt.Errorf("no member %s", name)
	}
	return loopback.Keys(name).Public(), nil
}

// newNetwork has 8 cells in a ciphertext.
func newNetwork(t *testing.T, payers, numCells int) *network {
	t.Helper()
	plan, err := predicate.NewPlan(cells(numCells), payers, true)
	must(t, err)
	n := &network{t: t, payers: payerNames[:payers], members: map[string]*member{}, revealed: map[string][]string{}, progress: map[string][]run.Progress{}, linger: time.Minute}
	n.names = append(slices.Clone(n.payers), hub)
	n.num, n.den = vectors(payers, len(plan.Cells()))
	slow := 5 * time.Minute // a busy machine is no fault
	n.manifest = &run.Manifest{
		Run: "run-1", Hash: [32]byte{1}, Reference: mhe.NewReference([32]byte{1}, [32]byte{2}), Convener: hub, Payers: n.payers,
		Recipients: []string{hub, n.payers[0], n.payers[2]}, Plan: plan,
		Deadlines: run.Deadlines{Prepare: slow, Keys: slow, Input: slow, Evaluate: slow, Release: slow, Certify: slow},
	}
	h, links := loopback.Connect(t, hub, n.payers...)
	n.add(hub, h)
	for i, name := range n.payers {
		m := n.add(name, links[name])
		m.vector = func(context.Context, *run.Manifest) ([]int64, []int64, error) { return n.num[i], n.den[i], nil }
	}
	return n
}

func (n *network) add(name string, e link.Endpoint) *member {
	ctx, cancel := context.WithCancel(context.Background())
	n.t.Cleanup(cancel)
	m := &member{ctx: ctx, cancel: cancel, endpoint: e, dir: filepath.Join(n.t.TempDir(), name), table: table}
	m.hooks.Reveal = func(s run.Step) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.revealed[s.String()] = append(n.revealed[s.String()], name)
	}
	n.members[name] = m
	return m
}

// table is one JSON line a cell, without the cell's figures.
func table(m *run.Manifest, values []predicate.Value) ([]byte, error) {
	return json.Marshal(values)
}

// run starts everybody who is not absent and waits for all.
func (n *network) run() map[string]result {
	n.t.Helper()
	out := map[string]result{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	tokens := make(chan struct{}, 2)
	for _, name := range n.names {
		m := n.members[name]
		if m.absent {
			continue
		}
		progress := func(p run.Progress) {
			if n.watch != nil {
				n.watch(p)
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			n.progress[name] = append(n.progress[name], p)
		}
		wg.Go(func() {
			var r result
			if name == hub {
				r.Outcome, r.err = coordinator.Run(m.ctx, coordinator.Config{
					Keys: loopback.Keys(name), Endpoint: m.endpoint, Authority: authority{n.manifest}, Run: n.manifest.Run, Dir: m.dir,
					Table: m.table, Progress: progress, Compute: tokens, Hooks: m.hooks, Linger: n.linger,
				})
			} else {
				r.Outcome, r.err = party.Run(m.ctx, party.Config{
					Keys: loopback.Keys(name), Endpoint: m.endpoint, Authority: authority{n.manifest}, Run: n.manifest.Run, Dir: m.dir,
					Vector: m.vector, Table: m.table, Progress: progress, Compute: tokens, Hooks: m.hooks,
				})
			}
			mu.Lock()
			defer mu.Unlock()
			out[name] = r
		})
	}
	wg.Wait()
	if len(tokens) != 0 {
		n.t.Errorf("%d tokens of heavy work were not given back", len(tokens))
	}
	n.check(out)
	return out
}

// check holds for every run, however it ended: certified outcomes are equal, no
// object of a void run's next step was revealed, no secret file is left.
func (n *network) check(out map[string]result) {
	n.t.Helper()
	var first *run.Outcome
	for name, r := range out {
		if r.Outcome == nil {
			continue
		}
		if r.Certified() {
			if first == nil {
				first = r.Outcome
			}
			if r.TableHash != first.TableHash || r.Transcript != first.Transcript {
				n.t.Errorf("%s is certified with another table or transcript", name)
			}
			for _, recipient := range n.manifest.Recipients {
				if err := r.Statement().Verify(loopback.Keys(recipient).Public(), r.Signatures[recipient]); err != nil {
					n.t.Errorf("%s: %v", name, err)
				}
			}
		} else if r.Values != nil || r.Table != nil || r.Signatures != nil {
			n.t.Errorf("%s: a void run gives a result", name)
		}
		dir := filepath.Join(n.members[name].dir, n.manifest.Run)
		for _, pattern := range []string{"*.object", "*.fetched", "*.tmp"} {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
				n.t.Errorf("%s: left behind: %v", name, left)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "ended")); err != nil {
			n.t.Errorf("%s: the journal is not closed: %v", name, err)
		}
		if _, err := os.Stat(dir + ".board"); err == nil {
			n.t.Errorf("%s: the board is not deleted", name)
		}
	}
	for step, names := range n.revealed {
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			n.t.Errorf("step %s: an object was revealed twice: %v", step, names)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
