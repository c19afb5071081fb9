package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
)

// convener is the convener's name in every simulated network.
const convener = "convener"

// deadline of every phase. Disturbances that are to be survived are much shorter, those that are not last for ever: on which side of the
// deadline a run ends must not hang on the order of two events in one instant.
const deadline = 5 * time.Minute

// Scenario is what a seed does to a network. Times count from the start of the simulated members.
type Scenario struct {
	Seed    uint64
	Payers  int
	Delay   map[string]time.Duration // one way between the convener and a payer
	Loss    int                      // per mille of the milliseconds of each direction of a link in which nothing arrives
	Cuts    []Cut
	Crashes []Crash
	Liar    *Lie
	Disk    *Disk
}

// Cut stops packets between a payer and the convener: for a while, or from the beginning of a step of the payer for ever.
type Cut struct {
	Payer    string
	In, Out  bool // towards the payer, from the payer: one of them is a one-way partition
	From, To time.Duration
	Step     string // for ever
}

// Crash kills a member at a point of a step, once, and starts it again on its directory.
type Crash struct {
	Member string
	Step   string
	Point  run.Point
	Down   time.Duration // 0: it never comes back
}

// Lie is what a byzantine member does in a step: "state", it computes other ciphertexts than the others; "object", it reveals
// other bytes than it is bound to.
type Lie struct{ Member, Step, How string }

// Disk is a step at which a member's disk refuses to write its journal.
type Disk struct{ Member, Step string }

// Names of the members, the convener first.
func (s Scenario) Names() []string {
	names := []string{convener}
	for i := range s.Payers {
		names = append(names, fmt.Sprintf("payer-%d", i+1))
	}
	return names
}

// Draw makes the scenario of a seed. The same seed gives the same scenario on every machine.
func Draw(seed uint64, steps []run.Step) Scenario {
	r := rand.New(rand.NewPCG(seed, 0x7461636574)) // "tacet"
	s := Scenario{Seed: seed, Payers: 3 + r.IntN(5)/4, Delay: map[string]time.Duration{}}
	names := s.Names()
	for _, n := range names[1:] {
		s.Delay[n] = time.Duration(2+r.IntN(90)) * time.Millisecond
	}
	if r.IntN(3) == 0 {
		s.Loss = 1 + r.IntN(40)
	}
	step := func() string { return steps[r.IntN(len(steps))].String() }
	points := []run.Point{run.Entered, run.Made, run.Recorded, run.Bound, run.Sent, run.Agreed, run.Revealed, run.Finished}
	for range r.IntN(4) {
		c := Crash{Member: names[r.IntN(len(names))], Step: step(), Point: points[r.IntN(len(points))], Down: time.Duration(500+r.IntN(20000)) * time.Millisecond}
		if r.IntN(12) == 0 {
			c.Down = 0
		}
		s.Crashes = append(s.Crashes, c)
	}
	for range r.IntN(3) {
		from := time.Duration(r.IntN(12000)) * time.Millisecond
		c := Cut{Payer: names[1+r.IntN(s.Payers)], In: true, Out: true, From: from, To: from + time.Duration(100+r.IntN(30000))*time.Millisecond}
		switch r.IntN(4) {
		case 0:
			c.In = false
		case 1:
			c.Out = false
		}
		if r.IntN(12) == 0 {
			c.From, c.To, c.Step = 0, 0, step()
		}
		s.Cuts = append(s.Cuts, c)
	}
	switch r.IntN(10) {
	case 0:
		s.Liar = &Lie{Member: names[r.IntN(len(names))], Step: step(), How: "state"}
	case 1:
		s.Liar = &Lie{Member: names[1+r.IntN(s.Payers)], Step: step(), How: "object"}
	case 2:
		s.Disk = &Disk{Member: names[1+r.IntN(s.Payers)], Step: step()}
	}
	return s
}

// String is the scenario as the first lines of a trace.
func (s Scenario) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d payers, loss %d‰, one-way delays", s.Seed, s.Payers, s.Loss)
	for _, n := range s.Names()[1:] {
		fmt.Fprintf(&b, " %s", s.Delay[n])
	}
	b.WriteByte('\n')
	for _, c := range s.Cuts {
		way := "both ways"
		if !c.In {
			way = "from it"
		} else if !c.Out {
			way = "to it"
		}
		when := fmt.Sprintf("from %s to %s", c.From, c.To)
		if c.Step != "" {
			when = "from step " + c.Step + " for ever"
		}
		fmt.Fprintf(&b, "  %s is cut off, %s, %s\n", c.Payer, way, when)
	}
	for _, c := range s.Crashes {
		back := "comes back after " + c.Down.String()
		if c.Down == 0 {
			back = "never comes back"
		}
		fmt.Fprintf(&b, "  %s dies in step %s, %s, and %s\n", c.Member, c.Step, c.Point, back)
	}
	if l := s.Liar; l != nil {
		fmt.Fprintf(&b, "  %s lies in step %s: %s\n", l.Member, l.Step, l.How)
	}
	if d := s.Disk; d != nil {
		fmt.Fprintf(&b, "  the disk of %s refuses to write in step %s\n", d.Member, d.Step)
	}
	return b.String()
}

// Honest says whether a member keeps to the protocol.
func (s Scenario) Honest(name string) bool { return s.Liar == nil || s.Liar.Member != name }

// Lost says whether a member is gone or cut off at the end, so that nobody can expect a verdict from it. Without the convener, through whom
// everybody is connected, nobody has one.
func (s Scenario) Lost(name string) bool {
	return s.gone(name) || s.gone(convener)
}

func (s Scenario) gone(name string) bool {
	return slices.ContainsFunc(s.Crashes, func(c Crash) bool { return c.Member == name && c.Down == 0 }) ||
		slices.ContainsFunc(s.Cuts, func(c Cut) bool { return c.Payer == name && c.Step != "" })
}

// Quorum says whether more than half of the payers stay, without whom the log signs nothing.
func (s Scenario) Quorum() bool {
	there := 0
	for _, n := range s.Names()[1:] {
		if !s.Lost(n) {
			there++
		}
	}
	return 2*there > s.Payers
}
