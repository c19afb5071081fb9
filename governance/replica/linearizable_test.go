package replica

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/tacet-health/tacet/governance/rules"
)

// crowd is a cluster whose members all propose, vote and read at once while replicas are cut off and stopped.
type crowd struct {
	*cluster
	h       *history
	propose func(ctx context.Context, r *Replica, kind string, body any) (uint64, error)

	mu       sync.Mutex // guards all below
	up       map[string]*Replica
	measures []rules.MeasurePropose // what can be voted on: proposed, or about to be
	authors  []string               // of them
}

func (c *crowd) replica(name string) *Replica {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up[name]
}

func (c *crowd) run(names ...string) {
	c.start(names...)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range names {
		c.up[n] = c.r[n]
	}
}

// kill stops a replica, in the middle of whatever it does.
func (c *crowd) kill(name string) {
	c.mu.Lock()
	c.up[name] = nil
	c.mu.Unlock()
	c.stop(name)
}

func (c *crowd) put(q question, r *Replica, kind string, body any, patience time.Duration) reply {
	return c.h.ask(q, func() reply {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		at, err := c.propose(ctx, r, kind, body)
		if err == nil {
			return reply{toldDone, c.h.log(c.t.(*testing.T), r, at)}
		}
		if refusal, ok := errors.AsType[*rules.Refusal](err); ok {
			switch refusal.Code {
			case rules.CodeUnknownMeasure:
				return reply{told: toldMissing}
			case rules.CodeAlreadyVoted:
				return reply{told: toldThere}
			case rules.CodeAuthorSequence: // and not caught up in time: nothing is known
			default:
				c.t.Errorf("%s: %v", kind, err)
			}
		}
		return reply{told: toldNothing}
	})
}

// client is what one member does until the end: entries, votes on what may not be there yet, reads at home.
func (c *crowd) client(i int, seed uint64, end <-chan struct{}) {
	rnd := rand.New(rand.NewPCG(seed, uint64(i)))
	for n := 0; ; n++ {
		select {
		case <-end:
			return
		case <-time.After(time.Duration(rnd.IntN(20)) * time.Millisecond):
		}
		name := c.names[i]
		r := c.replica(name)
		if r == nil {
			continue
		}
		patience := time.Duration(100+rnd.IntN(500)) * time.Millisecond
		switch what := rnd.IntN(10); {
		case what < 2:
			c.h.ask(question{member: i}, func() reply { return reply{toldRead, c.h.log(c.t.(*testing.T), r, 0)} })
		case i == 0:
			body := roster(n)
			c.put(question{i, c.h.name(name, rules.KindRosterSet, body), ""}, r, rules.KindRosterSet, body, patience)
		case what < 6:
			m := proposal(c.t, fmt.Sprintf("sp-%s-%d", name[len("payer-"):], n))
			c.mu.Lock()
			c.measures, c.authors = append(c.measures, m), append(c.authors, name)
			c.mu.Unlock()
			time.Sleep(time.Duration(rnd.IntN(10)) * time.Millisecond) // others may vote on it before it is there
			c.put(question{i, c.h.name(name, rules.KindMeasurePropose, m), ""}, r, rules.KindMeasurePropose, m, patience)
		default:
			c.mu.Lock()
			k := len(c.measures) - 1 - rnd.IntN(3)
			if k < 0 {
				c.mu.Unlock()
				continue
			}
			m, author := c.measures[k], c.authors[k]
			c.mu.Unlock()
			body := rules.MeasureVote{Hash: m.Hash, Choice: rules.Yes}
			q := question{i, c.h.name(name, rules.KindMeasureVote, body), c.h.name(author, rules.KindMeasurePropose, m)}
			c.put(q, r, rules.KindMeasureVote, body, patience)
		}
	}
}

// acked waits until so many more entries are acknowledged.
func (c *crowd) acked(more int) {
	from := c.h.count(toldDone)
	eventually(c.t.(*testing.T), "acknowledged entries", func() bool { return c.h.count(toldDone) >= from+more })
}

// unsure waits until so many more outcomes are unknown.
func (c *crowd) unsure(more int) {
	from := c.h.count(toldNothing)
	eventually(c.t.(*testing.T), "unknown outcomes", func() bool { return c.h.count(toldNothing) >= from+more })
}

func (c *crowd) leader() string {
	for _, n := range c.names {
		if r := c.replica(n); r != nil && r.Leader() != "" {
			return r.Leader()
		}
	}
	return c.names[0]
}

func newCrowd(t *testing.T, payers int) *crowd {
	c := &crowd{cluster: makeCluster(t, payers), h: newHistory(), up: map[string]*Replica{}}
	c.propose = func(ctx context.Context, r *Replica, kind string, body any) (uint64, error) {
		return r.Propose(ctx, kind, body)
	}
	c.run(c.names...)
	c.allVote(t)
	return c
}

// disturb runs the clients and what f does to their replicas, heals everything, and has everybody read once more.
func (c *crowd) disturb(seed uint64, f func()) {
	end := make(chan struct{})
	var clients sync.WaitGroup
	for i := range c.names {
		clients.Go(func() { c.client(i, seed, end) })
	}
	stop := sync.OnceFunc(func() { close(end); clients.Wait() })
	defer stop()
	c.acked(5)
	f()
	stop()
	for _, n := range c.names {
		c.net.node(n).connect()
		if c.replica(n) == nil {
			c.run(n)
		}
	}
	last := c.cluster.propose("convener", rules.KindRosterSet, rules.NewRosterSet([]string{"last"}))
	c.settle(last + 1)
	for i, n := range c.names {
		c.h.ask(question{member: i}, func() reply { return reply{toldRead, c.h.log(c.t.(*testing.T), c.replica(n), last)} })
	}
}

// TestLinearizable: under leaders that are killed or cut off, minorities that are, and members that are stopped while they propose, what members
// are told could have been told by a log in one place. Time is virtual: it stands still while anything computes or writes.
func TestLinearizable(t *testing.T) {
	seeds := uint64(2)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(t, 4)
			rnd := rand.New(rand.NewPCG(seed, 7))
			leaders := map[string]bool{}
			c.disturb(seed, func() {
				acts := []func(){
					func() { // a leader that is alone
						n := c.leader()
						c.net.node(n).cut()
						c.unsure(1)
						c.acked(5)
						c.net.node(n).connect()
					},
					func() { // a leader that dies
						n := c.leader()
						c.kill(n)
						c.acked(5)
						c.run(n)
					},
					func() { // a minority that is alone, each of it
						two := rnd.Perm(len(c.names))[:2]
						for _, i := range two {
							c.net.node(c.names[i]).cut()
						}
						c.unsure(1)
						c.acked(5)
						for _, i := range two {
							c.net.node(c.names[i]).connect()
						}
					},
					func() { // no majority: nothing is acknowledged
						for _, n := range c.names[:3] {
							c.net.node(n).cut()
						}
						c.unsure(5)
						for _, n := range c.names[:3] {
							c.net.node(n).connect()
						}
					},
					func() { // a short cut, over and over
						for range 5 {
							n := c.net.node(c.names[rnd.IntN(len(c.names))])
							n.cut()
							c.acked(1)
							n.connect()
						}
					},
				}
				for _, k := range slices.Concat(rnd.Perm(len(acts)), []int{0, 1}) {
					acts[k]()
					c.acked(3)
					leaders[c.leader()] = true
				}
			})
			if got := c.h.check(t); got != porcupine.Ok {
				t.Errorf("the history of %d operations is %v", len(c.h.ops), got)
			}
			done, unknown, missing, there := c.h.count(toldDone), c.h.count(toldNothing), c.h.count(toldMissing), c.h.count(toldThere)
			if done < 40 || unknown < 5 || missing+there == 0 {
				t.Errorf("little happened: %d acknowledged, %d unknown, %d refused", done, unknown, missing+there)
			}
			t.Logf("%d acknowledged, %d unknown, %d and %d refused, leaders %v", done, unknown, missing, there, leaders)
		})
	}
}
