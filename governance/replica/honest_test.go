package replica

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestHonestReplicas: whatever happens to honest replicas – cut off, connected, stopped, started again, started on an empty disk, several at once,
// while they propose – holds after every step: of two logs one is a beginning of the other, equal sizes have equal states, every acknowledged entry is at
// its place in every log that reaches so far, nobody's size and nobody's cosigned size goes back (but with a new disk). In the end all have
// everything, under a checkpoint of all. Time is virtual. -rapid.checks plays more.
func TestHonestReplicas(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // a hundred networks are too many for every day
		defer f.Value.Set(f.DefValue)
		f.Value.Set("6")
		if testing.Short() {
			f.Value.Set("10") // of which rapid then plays a fifth
		}
	}
	total := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		// What happens is drawn first: a bubble has its own goroutine, and a failing draw must end the check's.
		steps := rapid.Permutation(slices.Concat(once, rapid.SliceOfN(rapid.Custom(drawStep), 0, 12).Draw(rt, "more"))).Draw(rt, "steps")
		problem := ""
		done := map[string]int{}
		synctest.Test(t, func(t *testing.T) { problem, done = play(t, steps) })
		for k, n := range done {
			total[k] += n
		}
		if problem != "" {
			rt.Fatal(problem)
		}
	})
	for _, what := range []string{"acknowledged", "cut", "stop", "empty", "cosigned"} {
		if total[what] == 0 {
			t.Errorf("never %s: %v", what, total)
		}
	}
}

// step is something that happens to a member.
type step struct {
	what string
	who  int
}

// once is what happens in every network, so that no check passes because nothing did.
var once = []step{{"propose", 0}, {"propose", 1}, {"cut", 2}, {"propose", 2}, {"connect", 2}, {"stop", 1}, {"propose", 3}, {"start", 1}, {"empty", 3}, {"propose", 3}}

func drawStep(t *rapid.T) step {
	return step{rapid.SampledFrom([]string{"propose", "propose", "propose", "cut", "connect", "stop", "start", "empty", "wait"}).Draw(t, "what"), rapid.IntRange(0, 3).Draw(t, "who")}
}

// honest is a cluster with what has been seen of it.
type honest struct {
	*cluster
	acked    map[uint64]string // index: name of the entry
	sizes    map[string]uint64
	cosigned map[string]uint64
	done     map[string]int
}

func play(t *testing.T, steps []step) (problem string, done map[string]int) {
	h := &honest{makeCluster(t, 3), map[uint64]string{}, map[string]uint64{}, map[string]uint64{}, map[string]int{}}
	h.start(h.names...)
	emptied := false
	for i, s := range steps {
		name := h.names[s.who]
		r := h.r[name]
		switch s.what {
		case "propose":
			if r == nil {
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			kind, body := rules.KindMeasurePropose, any(proposal(t, fmt.Sprint("sp-", i)))
			if name == "convener" {
				kind, body = rules.KindRosterSet, roster(i)
			}
			at, err := r.Propose(ctx, kind, body)
			cancel()
			if err == nil {
				h.done["acknowledged"]++
				if h.acked[at] = said(t, name, kind, body); at >= r.Applied() {
					return fmt.Sprintf("%s says its entry is number %d and has %d", name, at, r.Applied()), h.done
				}
			}
		case "cut":
			h.net.node(name).cut()
		case "connect":
			h.net.node(name).connect()
		case "stop":
			if r == nil {
				continue
			}
			h.stop(name)
		case "start":
			if r != nil {
				continue
			}
			h.start(name)
		case "empty": // a payer's disk is lost, once: of four voters two empty ones could lose what the others had acknowledged
			if name == "convener" || emptied {
				continue
			}
			emptied = true
			if r != nil {
				h.stop(name)
			}
			h.dirs[name] += "-new"
			h.sizes[name], h.cosigned[name] = 0, 0
			h.start(name)
		case "wait":
			time.Sleep(3 * time.Second)
		}
		h.done[s.what]++
		if problem := h.look(t); problem != "" {
			return fmt.Sprintf("after step %d, %v: %s", i, s, problem), h.done
		}
	}
	for _, n := range h.names {
		h.net.node(n).connect()
		if h.r[n] == nil {
			h.start(n)
		}
	}
	last := h.propose("convener", rules.KindRosterSet, rules.NewRosterSet([]string{"last"}))
	h.done["acknowledged"]++
	h.settle(last + 1)
	for _, n := range h.names {
		if _, err := h.r[n].WaitCosigned(h.ctx(), last, h.names); err != nil {
			return fmt.Sprintf("%s: %v", n, err), h.done
		}
	}
	return h.look(t), h.done
}

func said(t *testing.T, author, kind string, body any) string {
	b, err := entry.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	return author + " " + kind + " " + string(b)
}

// look says what is wrong with the replicas, each seen at one moment of its own.
func (h *honest) look(t *testing.T) string {
	type seen struct {
		name  string
		size  uint64
		state [32]byte
	}
	var all []seen
	for _, n := range h.running() {
		r := h.r[n]
		if err := r.Err(); err != nil {
			return fmt.Sprintf("%s has stopped: %v", n, err)
		}
		s := seen{name: n}
		r.View(func(st *rules.State) { s.size, s.state = st.Size(), st.Hash() })
		if s.size < h.sizes[n] {
			return fmt.Sprintf("%s had %d entries and has %d", n, h.sizes[n], s.size)
		}
		h.sizes[n] = s.size
		if c, ok := r.Cosigned(); ok {
			if c.Size < h.cosigned[n] {
				return fmt.Sprintf("%s had cosigned size %d and has %d", n, h.cosigned[n], c.Size)
			}
			h.cosigned[n] = c.Size
			h.done["cosigned"]++
		}
		for i, want := range h.acked {
			if i >= s.size {
				continue
			}
			b, err := r.Entry(i)
			if err != nil {
				return err.Error()
			}
			e, err := entry.Open(b)
			if err != nil {
				return err.Error()
			}
			if got := e.Author + " " + e.Kind + " " + string(e.Body); got != want {
				return fmt.Sprintf("entry %d of %s is %s; %s was acknowledged", i, n, got, want)
			}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b seen) int { return int(a.size) - int(b.size) })
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		var roots [2]ledger.Hash
		for k, n := range []string{a.name, b.name} {
			var err error
			if roots[k], err = h.r[n].Root(a.size); err != nil {
				return err.Error()
			}
		}
		if roots[0] != roots[1] {
			return fmt.Sprintf("%s and %s differ in their first %d entries", a.name, b.name, a.size)
		}
		if a.size == b.size && a.state != b.state {
			return fmt.Sprintf("%s and %s have two states at size %d", a.name, b.name, a.size)
		}
	}
	return ""
}
