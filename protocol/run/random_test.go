package run

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/protocol/wire"
	"pgregory.net/rapid"
)

// network runs all machines of a run against a scheduler that delivers in any
// order, and members that lie, stop or repeat themselves.
type network struct {
	t        *rapid.T
	terms    Terms
	names    []string
	machines map[string]*Machine
	pending  []delivery
	signed   map[string]map[int]*wire.SignedCommit // what each member's machine signed
	revealed map[string]int                        // uploads by member/step
	absorbed map[string]int                        // objects added by member/step
	ends     map[string]*End

	liar    string // computes another state at lieStep, or signs twice
	lieStep int
	twice   bool
}

type delivery struct {
	to string
	e  Event
}

func newNetwork(t *rapid.T) *network {
	n := &network{t: t, signed: map[string]map[int]*wire.SignedCommit{}, revealed: map[string]int{}, absorbed: map[string]int{}, ends: map[string]*End{}, machines: map[string]*Machine{}}
	n.names = []string{"alder", "birch", "cedar", "dogwood", "elder"}[:rapid.IntRange(3, 5).Draw(t, "payers")]
	stages := rapid.IntRange(0, 2).Draw(t, "stages")
	recipients := rapid.SampledFrom([][]string{{"hub"}, {"hub", "alder"}, {"birch"}, {"cedar", "alder", "birch"}}).Draw(t, "recipients")
	n.terms = Terms{Run: "r-1", Manifest: label("manifest"), Convener: "hub", Payers: slices.Clone(n.names), Recipients: recipients, Stages: stages, Sizes: sizes(stages)}
	n.names = append(n.names, "hub")
	for _, name := range n.names {
		m, err := New(n.terms, name)
		if err != nil {
			t.Fatal(err)
		}
		n.machines[name], n.signed[name] = m, map[int]*wire.SignedCommit{}
		n.pending = append(n.pending, delivery{name, Authorised{}})
	}
	return n
}

func (n *network) deliver(to string, e Event) {
	m := n.machines[to]
	for _, w := range m.Apply(e) {
		n.do(to, w)
	}
}

func (n *network) do(self string, w Work) {
	send := func(e Event) { n.pending = append(n.pending, delivery{self, e}) }
	switch w := w.(type) {
	case Compute:
		i := w.Step.Index
		n.complete(self, i-1)
		state := fmt.Sprintf("state %d", i)
		if self == n.liar && i == n.lieStep && !n.twice {
			state = "a lie"
		}
		e := Computed{Step: i, State: label(state), Size: 0}
		if w.Object {
			e.Object, e.Size = label(fmt.Sprintf("%s of %d", self, i)), n.terms.Sizes[i]
		} else if w.Step.Kind == Prepare && self != "hub" {
			e.Object = label(self)
		}
		send(e)
	case Sign:
		c, err := wire.SignCommit(hashKey(self), w.Commit)
		if err != nil {
			n.t.Fatal(err)
		}
		if n.signed[self][w.Commit.Step] != nil {
			n.t.Fatalf("%s signs a second commit for step %d", self, w.Commit.Step)
		}
		n.signed[self][w.Commit.Step] = c
		n.deliver(self, Signed{Commit: c})
	case Publish:
		for _, other := range n.names {
			n.pending = append(n.pending, delivery{other, Received{Commit: w.Commit}})
			if rapid.IntRange(0, 9).Draw(n.t, "repeat") == 0 {
				n.pending = append(n.pending, delivery{other, Received{Commit: w.Commit}})
			}
			b := w.Commit.Body()
			if n.twice && self == n.liar && b.Step == n.lieStep {
				b.State = label("another")
				c, _ := wire.SignCommit(hashKey(self), b)
				if other != self {
					n.pending = append(n.pending, delivery{other, Received{Commit: c}})
				}
			}
		}
	case Upload:
		n.upload(self, w)
		send(Uploaded{Step: w.Step.Index})
	case Fetch:
		send(Fetched{Step: w.Step.Index, Member: w.Member})
	case Absorb:
		n.absorbed[fmt.Sprint(self, w.Step.Index)]++
		send(Absorbed{Step: w.Step.Index, Member: w.Member})
	case End:
		if n.ends[self] != nil {
			n.t.Fatalf("%s ends twice", self)
		}
		n.ends[self] = &w
		if w.Announce {
			s, err := wire.SignVoid(hashKey(self), *w.Void)
			if err != nil {
				n.t.Fatalf("a void that cannot be sent: %v", err)
			}
			for _, other := range n.names {
				n.pending = append(n.pending, delivery{other, Voided{Void: s}})
			}
		}
	}
}

// complete: nobody computes on aggregates that miss an object.
func (n *network) complete(self string, step int) {
	if step < 0 {
		return
	}
	s := Sequence(n.terms.Stages)[step]
	if !n.terms.Reads(s, self) {
		return
	}
	for _, d := range n.pending {
		if a, ok := d.e.(Absorbed); ok && d.to == self && a.Step == step {
			n.t.Fatalf("%s goes on from step %s while the object of %s is being added", self, s, a.Member)
		}
	}
	if got, want := n.absorbed[fmt.Sprint(self, step)], len(n.terms.Revealers(s)); got != want {
		n.t.Fatalf("%s goes on from step %s with %d of %d objects", self, s, got, want)
	}
}

// upload checks the rule of the whole protocol: nobody reveals twice, and
// nobody reveals while one member's signed statement is missing or different.
func (n *network) upload(self string, w Upload) {
	key := fmt.Sprint(self, w.Step.Index)
	if n.revealed[key]++; n.revealed[key] > 1 {
		n.t.Fatalf("%s reveals step %s twice", self, w.Step)
	}
	own := n.signed[self][w.Step.Index].Body()
	if own.Object != w.Object || own.Size != w.Size {
		n.t.Fatalf("%s reveals what it did not commit to", self)
	}
	for _, other := range n.terms.Committers(w.Step) {
		c := n.signed[other][w.Step.Index]
		if c == nil {
			n.t.Fatalf("%s reveals step %s before the commit of %s exists", self, w.Step, other)
		}
		if b := c.Body(); b.State != own.State || b.Transcript != own.Transcript {
			n.t.Fatalf("%s reveals step %s although %s committed to something else", self, w.Step, other)
		}
	}
}

// TestAnyOrder: whatever the order, the faults and the deadlines, every member
// ends; those that are certified agree; a share is revealed at most once and
// never before full agreement; a lie is never certified.
func TestAnyOrder(t *testing.T) {
	certified, void := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := newNetwork(t)
		last := len(Sequence(n.terms.Stages)) - 1
		fault := rapid.SampledFrom([]string{"none", "lie", "twice", "stop", "timeout", "bad object"}).Draw(t, "fault")
		who := rapid.SampledFrom(n.names).Draw(t, "who")
		at := rapid.IntRange(0, last).Draw(t, "step")
		if fault == "lie" || fault == "twice" {
			n.liar, n.lieStep, n.twice = who, at, fault == "twice"
		}
		spent := false
		for len(n.pending) > 0 {
			i := rapid.IntRange(0, len(n.pending)-1).Draw(t, "next")
			d := n.pending[i]
			n.pending = slices.Delete(n.pending, i, i+1)
			m := n.machines[d.to]
			if !spent && d.to == who && m.cur == at && m.phase != Idle {
				switch fault {
				case "stop":
					spent = true
					n.deliver(who, Failed{Step: at, Code: wire.Aborted})
				case "timeout":
					spent = true
					n.deliver(who, TimedOut{Step: at})
				case "bad object":
					if m.phase == Revealing {
						spent = true
						n.deliver(who, Failed{Step: at, Code: wire.BadObject, Member: n.names[0]})
					}
				}
			}
			n.deliver(d.to, d.e)
		}
		var table *wire.Hash
		for _, name := range n.names {
			if n.ends[name] == nil {
				n.deliver(name, TimedOut{Step: n.machines[name].cur})
			}
			end := n.ends[name]
			if end == nil {
				t.Fatalf("%s never ends", name)
			}
			if end.Void != nil {
				void++
				if fault == "none" {
					t.Fatalf("%s: void without a fault: %s", name, end)
				}
				continue
			}
			certified++
			state := n.machines[name].agreed()
			if table == nil {
				table = &state
			}
			// Nobody but a sole recipient can show two tables: any other honest
			// recipient signs one.
			two := fault == "twice" && len(n.terms.Recipients) == 1 && who == n.terms.Recipients[0] && at == last
			if *table != state && !two || end.Transcript != n.machines[n.names[0]].transcript && n.ends[n.names[0]] != nil && n.ends[n.names[0]].Void == nil {
				t.Fatalf("%s is certified with another table or transcript", name)
			}
			// Somebody else must have computed the same: a sole recipient's table is its word.
			witnesses := n.terms.Committers(Sequence(n.terms.Stages)[at])
			if fault == "lie" && slices.Contains(witnesses, n.liar) && len(witnesses) > 1 {
				t.Fatalf("%s certified a run in which %s lied in step %d", name, n.liar, n.lieStep)
			}
		}
	})
	if certified == 0 || void == 0 {
		t.Fatalf("%d certified, %d void: the test shows nothing", certified, void)
	}
}

func TestTermsRefused(t *testing.T) {
	good := func() Terms {
		return Terms{Run: "r-1", Convener: "hub", Payers: []string{"a", "b", "c"}, Recipients: []string{"hub"}, Stages: 1, Sizes: sizes(1)}
	}
	for want, change := range map[string]func(*Terms){
		"2 payers":                           func(t *Terms) { t.Payers = t.Payers[:2] },
		"a is named twice":                   func(t *Terms) { t.Payers[2] = "a" },
		"hub is named twice":                 func(t *Terms) { t.Payers[0] = "hub" },
		"no recipient":                       func(t *Terms) { t.Recipients = nil },
		"recipient z is neither":             func(t *Terms) { t.Recipients = []string{"z"} },
		"recipient a is named twice":         func(t *Terms) { t.Recipients = []string{"a", "a"} },
		"7 object sizes for 8 steps":         func(t *Terms) { t.Sizes = t.Sizes[:7] },
		"objects of 9 bytes in step prepare": func(t *Terms) { t.Sizes[0] = 9 },
		"objects of 0 bytes in step input":   func(t *Terms) { t.Sizes[3] = 0 },
		"a run's identifier has":             func(t *Terms) { t.Run = "" },
		"a member's name consists of":        func(t *Terms) { t.Payers[1] = "B" },
	} {
		terms := good()
		change(&terms)
		if err := terms.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	terms := good()
	if err := terms.Check(); err != nil {
		t.Error(err)
	}
	if _, err := New(terms, "z"); err == nil {
		t.Error("a stranger got a machine")
	}
}
