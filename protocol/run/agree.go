package run

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/protocol/wire"
)

// received files a commit from the network, or refuses it, or ends the run.
//
// A refused message changes nothing: it may be the convener's replay of
// another run, or a member ahead of what is possible. A commit that belongs
// here and contradicts another signed statement ends the run at once.
func (m *Machine) received(c *wire.SignedCommit) {
	b := c.Body()
	switch {
	case b.Run != m.terms.Run:
		m.refuse(b, "it is for run "+b.Run)
		return
	case b.Manifest != m.terms.Manifest:
		m.refuse(b, "it is for another manifest")
		return
	case b.Step >= len(m.steps):
		m.refuse(b, fmt.Sprintf("the run has %d steps", len(m.steps)))
		return
	case !slices.Contains(m.terms.Committers(m.steps[b.Step]), b.Member):
		m.refuse(b, "this member does not commit in it")
		return
	}
	if b.Member == m.self {
		// The convener replays our own commits too. One that the journal does not
		// know was signed by a life of this member that the journal forgot.
		if known := m.known(b.Step); known == nil || known.Digest() != c.Digest() {
			m.void(wire.Restored, "a commit of its own for step "+m.steps[b.Step].String()+" that its journal does not hold: a backup was restored, or its key is used elsewhere; a new run is needed", known, c)
		}
		return
	}
	known := m.commits[b.Step][b.Member]
	switch {
	case known != nil && known.Digest() == c.Digest():
		return
	case known != nil:
		m.void(wire.Equivocation, fmt.Sprintf("%s signed two different commits for step %s", b.Member, m.steps[b.Step]), known, c)
		return
	case b.Step > m.furthest() || m.phase == Idle && b.Step > m.cur:
		m.refuse(b, fmt.Sprintf("step %d is not finished", m.cur))
		return
	}
	if reason := m.form(b); reason != "" {
		m.void(wire.Malformed, fmt.Sprintf("%s announced %s in step %s", b.Member, reason, m.steps[b.Step]), c)
		return
	}
	m.commits[b.Step][b.Member] = c
	if b.Step == m.cur {
		m.judge()
	}
}

func (m *Machine) refuse(b wire.Commit, why string) {
	m.emit(Refuse{Text: fmt.Sprintf("commit of %s for step %d: %s", b.Member, b.Step, why)})
}

// form says what is wrong with the object a commit announces; its size is known
// from the plan before a byte is moved.
func (m *Machine) form(b wire.Commit) string {
	s := m.steps[b.Step]
	size := int64(0)
	if m.reveals(s, b.Member) {
		size = m.terms.Sizes[b.Step]
	}
	named := size > 0 || s.Kind == Prepare && b.Member != m.terms.Convener
	switch {
	case b.Size != size:
		return fmt.Sprintf("an object of %d bytes instead of %d", b.Size, size)
	case named && b.Object == (wire.Hash{}):
		return "no object"
	case !named && b.Object != (wire.Hash{}):
		return "an object where none belongs"
	}
	return ""
}

// judge looks at the commits of the current step: two that contradict each
// other end the run; all of them, equal, let the objects be revealed. While the
// member is still computing it waits, so that its own statement stands beside
// the others'.
func (m *Machine) judge() {
	if m.phase != Agreeing {
		return
	}
	s := m.step()
	var have []*wire.SignedCommit
	if own := m.commits[m.cur][m.self]; own != nil {
		have = append(have, own)
	}
	names := m.terms.Committers(s)
	for _, name := range names {
		if c := m.commits[m.cur][name]; c != nil && name != m.self {
			have = append(have, c)
		}
	}
	for i, c := range have {
		b := c.Body()
		if b.Transcript != m.transcript {
			// With an own commit the pair below is the evidence; here a member that
			// does not commit in this step reads one that saw another history.
			m.contradiction(have[0], c, "transcript")
			return
		}
		if b.State != have[0].Body().State {
			m.contradiction(have[0], c, "state")
			return
		}
		for _, d := range have[:i] {
			if o := d.Body().Object; o == b.Object && o != (wire.Hash{}) {
				m.void(wire.Copied, fmt.Sprintf("%s and %s committed to the same object in step %s", d.Body().Member, b.Member, s), d, c)
				return
			}
		}
	}
	if len(have) < len(names) {
		return
	}
	m.phase = Revealing
	if own := m.commits[m.cur][m.self]; own != nil && m.reveals(s, m.self) {
		b := own.Body()
		m.emit(Upload{Step: s, Object: b.Object, Size: b.Size})
	} else {
		m.uploaded = true
	}
	if m.terms.Reads(s, m.self) {
		for _, name := range m.terms.Revealers(s) {
			b := m.commits[m.cur][name].Body()
			if name == m.self {
				m.fetched[name] = true
				m.emit(Absorb{Step: s, Member: name, State: b.State, Transcript: m.transcript})
				continue
			}
			m.emit(Fetch{Step: s, Member: name, Object: b.Object, Size: b.Size})
		}
	}
	m.advance()
}

func (m *Machine) contradiction(a, b *wire.SignedCommit, what string) {
	text := fmt.Sprintf("%s and %s differ in the %s of step %s", a.Body().Member, b.Body().Member, what, m.step())
	if a == b {
		text = fmt.Sprintf("%s holds another transcript in step %s", a.Body().Member, m.step())
		m.void(wire.Mismatch, text, a)
		return
	}
	m.void(wire.Mismatch, text, a, b)
}
