package run

import "github.com/tacet-health/tacet/protocol/wire"

// held says whether the current step waits for Told: it is beyond what the
// journal holds, and a later life of this member may have done it already, which
// a restored journal does not know and the others do.
func (m *Machine) held() bool { return m.asking && m.cur >= len(m.past) }

// told lets the member go beyond its journal. What it signed and the journal
// does not hold has come before this, and has ended the run.
func (m *Machine) told() {
	held := m.held()
	m.asking = false
	if held && m.phase == Computing {
		m.compute()
	}
}

// again commits to a step for the second time: with the same bytes, or not at
// all. The computation from the others' objects must come to the same state.
func (m *Machine) again(c wire.Commit) {
	if m.past[m.cur].Body() != c {
		m.void(wire.Evaluation, "the member came to another result in step "+m.step().String()+" than it had signed before it was stopped")
		return
	}
	m.signed(m.past[m.cur])
}

// known returns the member's own commit of a step, of this life or the ones
// before; nil when there is none.
func (m *Machine) known(step int) *wire.SignedCommit {
	if c := m.commits[step][m.self]; c != nil || step >= len(m.past) {
		return c
	}
	return m.past[step]
}

// furthest is the last step whose commits can be here: nobody can be two steps
// ahead of this member, for that it would need our commit of the step between.
func (m *Machine) furthest() int { return max(m.cur, len(m.past)-1) + 1 }
