package run

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/protocol/wire"
)

// Phase is where a machine is within its step.
type Phase string

// The phases of a step, and the end.
const (
	Idle      Phase = "idle"      // not authorised yet
	Computing Phase = "computing" // the member itself is at work
	Agreeing  Phase = "agreeing"  // waiting for commits
	Revealing Phase = "revealing" // all agree; objects are on their way
	Over      Phase = "over"
)

// Machine is one member's view of one run. It is a plain state machine: the
// work returned by Apply depends on the events so far and on nothing else. It
// is not safe for concurrent use.
type Machine struct {
	terms Terms
	self  string
	steps []Step

	cur        int
	phase      Phase
	transcript wire.Hash // of all steps before cur
	commits    []map[string]*wire.SignedCommit
	uploaded   bool                 // of cur, or nothing to upload
	fetched    map[string]bool      // of cur, own object included
	absorbed   map[string]bool      // of cur
	past       []*wire.SignedCommit // own, of the lives before, by step
	asking     bool                 // nothing new before Told
	out        []Work
}

// New returns a machine for a payer or the convener of the run. The terms are
// copied by reference and must not change.
func New(t Terms, self string) (*Machine, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if self != t.Convener && !slices.Contains(t.Payers, self) {
		return nil, fmt.Errorf("run %s: %s takes no part in it", t.Run, self)
	}
	m := &Machine{terms: t, self: self, steps: Sequence(t.Stages), phase: Idle, transcript: firstTranscript(t.Manifest)}
	m.commits = make([]map[string]*wire.SignedCommit, len(m.steps))
	for i := range m.commits {
		m.commits[i] = map[string]*wire.SignedCommit{}
	}
	return m, nil
}

// Apply tells the machine what happened and returns the work that follows.
// After the end it returns nothing.
func (m *Machine) Apply(e Event) []Work {
	if m.phase == Over {
		return nil
	}
	m.out = nil
	switch e := e.(type) {
	case Authorised:
		if m.phase == Idle {
			m.enter(0)
		}
	case Resumed:
		if m.phase == Idle {
			m.past, m.asking = e.Commits, true
			m.enter(0)
		}
	case Told:
		m.told()
	case Computed:
		m.computed(e)
	case Signed:
		m.signed(e.Commit)
	case Received:
		m.received(e.Commit)
	case Uploaded:
		if m.phase == Revealing && e.Step == m.cur {
			m.uploaded = true
			m.advance()
		}
	case Fetched:
		if m.awaits(e.Step, e.Member) && !m.fetched[e.Member] {
			m.fetched[e.Member] = true
			m.emit(Absorb{Step: m.step(), Member: e.Member, State: m.agreed(), Transcript: m.transcript})
		}
	case Absorbed:
		if m.awaits(e.Step, e.Member) && m.fetched[e.Member] {
			m.absorbed[e.Member] = true
			m.advance()
		}
	case Failed:
		m.failed(e)
	case Voided:
		m.voided(e.Void)
	case TimedOut:
		if m.phase != Idle && e.Step == m.cur {
			m.timedOut()
		}
	}
	return m.out
}

func (m *Machine) emit(w Work) { m.out = append(m.out, w) }
func (m *Machine) step() Step  { return m.steps[m.cur] }

// Step returns the current step.
func (m *Machine) Step() Step { return m.step() }

// Steps returns the number of steps of the run.
func (m *Machine) Steps() int { return len(m.steps) }

// Phase returns the phase of the current step.
func (m *Machine) Phase() Phase { return m.phase }

// awaits says whether the object of member is still to be absorbed in the
// current step.
func (m *Machine) awaits(step int, member string) bool {
	return m.phase == Revealing && step == m.cur && m.terms.Reads(m.step(), m.self) &&
		slices.Contains(m.terms.Revealers(m.step()), member) && !m.absorbed[member]
}

// enter starts a step. A member that does not commit in it (a payer that is no
// recipient, in Certify) goes on to wait for those who do.
func (m *Machine) enter(i int) {
	m.cur = i
	s := m.step()
	m.uploaded, m.fetched, m.absorbed = false, map[string]bool{}, map[string]bool{}
	m.emit(Arm{Step: s})
	if slices.Contains(m.terms.Committers(s), m.self) {
		m.phase = Computing
		if !m.held() {
			m.compute()
		}
		return
	}
	m.phase = Agreeing
	m.judge()
}

func (m *Machine) compute() {
	s := m.step()
	m.emit(Compute{Step: s, Object: m.reveals(s, m.self), Transcript: m.transcript})
}

func (m *Machine) reveals(s Step, member string) bool {
	return slices.Contains(m.terms.Revealers(s), member)
}

func (m *Machine) computed(e Computed) {
	if m.phase != Computing || e.Step != m.cur || m.commits[m.cur][m.self] != nil {
		return
	}
	c := wire.Commit{
		Run: m.terms.Run, Manifest: m.terms.Manifest, Step: e.Step, Member: m.self,
		Transcript: m.transcript, State: e.State, Object: e.Object, Size: e.Size,
	}
	if m.cur < len(m.past) {
		m.again(c)
		return
	}
	m.emit(Sign{Commit: c})
}

// signed records the member's own commit. It is in the journal by now: from
// here on the member is bound to this object and makes no other.
func (m *Machine) signed(c *wire.SignedCommit) {
	b := c.Body()
	if m.phase != Computing || b.Step != m.cur || b.Member != m.self || b.Transcript != m.transcript {
		return
	}
	if reason := m.form(b); reason != "" {
		m.void(wire.Evaluation, "its own object of step "+m.step().String()+" has the wrong form")
		return
	}
	m.commits[m.cur][m.self] = c
	m.phase = Agreeing
	m.emit(Publish{Commit: c})
	m.judge()
}

// advance moves to the next step when the current one is complete.
func (m *Machine) advance() {
	s := m.step()
	if m.phase != Revealing || !m.uploaded {
		return
	}
	if m.terms.Reads(s, m.self) && len(m.absorbed) < len(m.terms.Revealers(s)) {
		return
	}
	if s.Kind == Certify {
		m.phase = Over
		m.emit(End{Transcript: m.transcript})
		return
	}
	m.transcript = nextTranscript(m.transcript, m.cur, m.ordered(m.cur))
	m.enter(m.cur + 1)
}

// ordered returns the commits of a complete step in committers' order.
func (m *Machine) ordered(step int) []*wire.SignedCommit {
	var cs []*wire.SignedCommit
	for _, name := range m.terms.Committers(m.steps[step]) {
		cs = append(cs, m.commits[step][name])
	}
	return cs
}

// Commits returns every signed commit the machine has accepted, by step and in
// committers' order.
func (m *Machine) Commits() []*wire.SignedCommit {
	var out []*wire.SignedCommit
	for i := range m.steps {
		for _, c := range m.ordered(i) {
			if c != nil {
				out = append(out, c)
			}
		}
	}
	return out
}

// agreed is the state all members committed to in the current step.
func (m *Machine) agreed() wire.Hash { return m.ordered(m.cur)[0].Body().State }
