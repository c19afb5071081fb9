package replica

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cluster is a convener and payers, each with its own folder.
type cluster struct {
	t       testing.TB
	net     *network
	genesis rules.Genesis
	names   []string // the convener first
	keys    map[string]*identity.Keys
	dirs    map[string]string
	r       map[string]*Replica
	change  func(*Config)
}

func newCluster(t testing.TB, payers int) *cluster {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		t.Parallel() // most of the time is spent in waiting for timers
	}
	return makeCluster(t, payers)
}

func makeCluster(t testing.TB, payers int) *cluster {
	t.Helper()
	c := &cluster{t: t, net: newNetwork(), keys: map[string]*identity.Keys{}, dirs: map[string]string{}, r: map[string]*Replica{}}
	c.genesis = rules.Genesis{Format: 1, Ledger: "test.example/log", Insecure: true}
	for i := range payers + 1 {
		name := "convener"
		if i > 0 {
			name = fmt.Sprintf("payer-%c", 'a'+i-1)
		}
		k, err := identity.Generate(name)
		if err != nil {
			t.Fatal(err)
		}
		c.names, c.keys[name], c.dirs[name] = append(c.names, name), k, filepath.Join(t.TempDir(), name)
		if i == 0 {
			c.genesis.Convener = k.Public()
		} else {
			c.genesis.Members = append(c.genesis.Members, k.Public())
		}
	}
	t.Cleanup(func() {
		for _, n := range c.names {
			if c.r[n] != nil {
				c.r[n].Close()
			}
		}
		c.net.wg.Wait()
	})
	return c
}

func (c *cluster) start(names ...string) {
	c.t.Helper()
	for _, n := range names {
		cfg := Config{Dir: c.dirs[n], Keys: c.keys[n], Genesis: c.genesis, Endpoint: c.net.node(n), Convener: n == "convener",
			Heartbeat: 250 * time.Millisecond, Fatal: func(err error) { c.t.Errorf("%s: fatal: %v", n, err) }}
		if c.change != nil {
			c.change(&cfg)
		}
		r, err := Open(cfg)
		if err != nil {
			c.t.Fatal(err)
		}
		c.r[n] = r
	}
}

func (c *cluster) stop(name string) {
	c.t.Helper()
	if err := c.r[name].Close(); err != nil {
		c.t.Fatal(err)
	}
	delete(c.r, name)
}

func (c *cluster) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	c.t.Cleanup(cancel)
	return ctx
}

// roster is an entry that only the convener may write; vote is one that payers may.
func roster(i int) rules.RosterSet {
	return rules.NewRosterSet([]string{fmt.Sprintf("practice-%d", i)})
}

func (c *cluster) propose(name, kind string, body any) uint64 {
	c.t.Helper()
	i, err := c.r[name].Propose(c.ctx(), kind, body)
	if err != nil {
		c.t.Fatalf("%s proposes %s: %v", name, kind, err)
	}
	return i
}

// cosigned waits until every running replica has a checkpoint of all members with the entry at index.
func (c *cluster) cosigned(index uint64) {
	c.t.Helper()
	for _, n := range c.running() {
		if _, err := c.r[n].WaitCosigned(c.ctx(), index, c.names); err != nil {
			c.t.Fatalf("%s: %v", n, err)
		}
	}
}

// settle waits until all running replicas have size entries and compares them: state hashes, roots, entries.
func (c *cluster) settle(size uint64) {
	c.t.Helper()
	var hash [32]byte
	var root ledger.Hash
	for i, n := range c.running() {
		r := c.r[n]
		if err := r.Wait(c.ctx(), func(s *rules.State) bool { return s.Size() >= size }); err != nil {
			c.t.Fatalf("%s has %d of %d entries: %v", n, r.Applied(), size, err)
		}
		var h [32]byte
		r.View(func(s *rules.State) { h = s.Hash() })
		at, err := r.ledger.RootAt(size)
		if err != nil {
			c.t.Fatal(err)
		}
		if i == 0 {
			hash, root = h, at
		}
		if h != hash || at != root || r.Applied() != size {
			c.t.Fatalf("%s differs: size %d, state %x, root %v", n, r.Applied(), h[:4], at)
		}
	}
}

func (c *cluster) running() (out []string) {
	for _, n := range c.names {
		if c.r[n] != nil {
			out = append(out, n)
		}
	}
	return out
}

func TestEveryMemberProposes(t *testing.T) {
	c := newCluster(t, 4)
	c.start(c.names...)
	m := proposal(t, "sp-a")
	c.propose("payer-c", rules.KindMeasurePropose, m)
	var wg sync.WaitGroup
	for _, n := range c.names {
		wg.Go(func() {
			if n == "convener" {
				for i := range 3 {
					if _, err := c.r[n].Propose(c.ctx(), rules.KindRosterSet, roster(i)); err != nil {
						t.Errorf("%s: %v", n, err)
					}
				}
				return
			}
			if _, err := c.r[n].Propose(c.ctx(), rules.KindMeasureVote, rules.MeasureVote{Hash: m.Hash, Choice: rules.Yes}); err != nil {
				t.Errorf("%s: %v", n, err)
			}
		})
	}
	wg.Wait()
	// A rule's refusal comes back with its code, from whoever leads, and leaves no trace.
	for _, n := range []string{"payer-a", "payer-d"} {
		_, err := c.r[n].Propose(c.ctx(), rules.KindMeasureVote, rules.MeasureVote{Hash: m.Hash, Choice: rules.No})
		var refusal *rules.Refusal
		if !errors.As(err, &refusal) || refusal.Code != rules.CodeAlreadyVoted {
			t.Fatalf("%s votes again: %v", n, err)
		}
	}
	last := c.propose("convener", rules.KindMeasureApprove, rules.MeasureApprove{Hash: m.Hash})
	c.settle(last + 1)
	if last != 9 {
		t.Fatalf("last index %d", last)
	}
	// The action gate, and a proof that an outsider can check with the genesis alone.
	for _, n := range c.names {
		if _, err := c.r[n].WaitCosigned(c.ctx(), last, c.names); err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		signed, proof, note, err := c.r[n].ProveCosigned(c.ctx(), last, c.names)
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.r["convener"].verifiers()
		if err != nil {
			t.Fatal(err)
		}
		s, err := ledger.OpenSigned(note, v)
		if err != nil || !s.Log || len(s.Members) != 4 {
			t.Fatalf("%s: checkpoint %v, %v", n, s, err)
		}
		if err := ledger.VerifyInclusion(signed, last, proof, s.Checkpoint); err != nil {
			t.Fatal(err)
		}
	}
	// All payers become voters.
	voters := func() (n int) {
		f := c.r["convener"].raft.GetConfiguration()
		if f.Error() == nil {
			for _, s := range f.Configuration().Servers {
				if s.Suffrage == 0 {
					n++
				}
			}
		}
		return n
	}
	eventually(t, "five voters", func() bool { return voters() == 5 })
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	end := time.After(patience)
	for !f() {
		select {
		case <-end:
			t.Fatalf("%s: not within %v", what, patience)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
