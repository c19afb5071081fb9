package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrQuality is what a member's Vector returns when its data is not fit for the run. The run ends with code quality, and the error's text stays.
var ErrQuality = errors.New("the data is not fit for the run")

// void ends the run with a statement of this member.
func (m *Machine) void(code wire.Code, text string, evidence ...*wire.SignedCommit) {
	m.phase = Over
	v := &wire.Void{Run: m.terms.Run, Manifest: m.terms.Manifest, Member: m.self, Step: m.cur, Code: code, Text: text, Evidence: []wire.Hash{}}
	w := End{Transcript: m.transcript, Void: v, Announce: true}
	for _, c := range evidence {
		if c == nil || len(v.Evidence) == wire.MaxEvidence {
			continue
		}
		b := c.Body()
		w.Evidence = append(w.Evidence, Evidence{Kind: wire.KindCommit, Member: b.Member, Step: b.Step, Hash: c.Hash(), Message: c.Bytes()})
		v.Evidence = append(v.Evidence, c.Hash())
	}
	m.emit(w)
}

// voided ends the run because another member ended it. Anybody who takes part
// can end a run: that is denial of service, which is not preventable when all
// shares are needed, and it is signed.
func (m *Machine) voided(s *wire.SignedVoid) {
	b := s.Body()
	known := b.Member == m.terms.Convener || slices.Contains(m.terms.Payers, b.Member)
	if b.Run != m.terms.Run || b.Manifest != m.terms.Manifest || !known {
		m.emit(Refuse{Text: fmt.Sprintf("void of %s for run %s: it does not belong to this run", b.Member, b.Run)})
		return
	}
	m.phase = Over
	m.emit(End{Transcript: m.transcript, Void: &b, Evidence: []Evidence{
		{Kind: wire.KindVoid, Member: b.Member, Step: b.Step, Hash: s.Hash(), Message: s.Bytes()},
	}})
}

// failed ends the run for a reason on this member's side, or because another
// member's object is not what its commit says.
func (m *Machine) failed(e Failed) {
	if e.Code == wire.Aborted {
		m.void(wire.Aborted, "the member was stopped in step "+m.step().String())
		return
	}
	switch e.Code {
	case wire.Restarted:
		m.void(e.Code, "the member's process ended during the run and its key share with it; a new run is needed")
		return
	case wire.Restored:
		m.void(e.Code, "the member's journal lacks what it has signed: a backup was restored; a new run is needed")
		return
	}
	if m.phase == Idle || e.Step != m.cur {
		return
	}
	s := m.step()
	switch e.Code {
	case wire.BadObject:
		m.void(e.Code, fmt.Sprintf("the object of %s in step %s is not the one it committed to", e.Member, s), m.commits[m.cur][e.Member])
	case wire.BadShare:
		m.void(e.Code, fmt.Sprintf("the object of %s in step %s is not valid", e.Member, s), m.commits[m.cur][e.Member])
	case wire.Quality:
		m.void(e.Code, "the member's data did not pass its quality gate")
	case wire.Declined:
		m.void(e.Code, "the member did not give its vector")
	case wire.Spoiled:
		// The commits of the step before bind every payer to the share it gave; who
		// spoiled the run cannot be told, and no second opening is made.
		m.void(e.Code, "the opened values are not integers in range: an input was out of range or a share was false; nothing is published", m.ordered(m.cur-1)...)
	case wire.Storage:
		m.void(e.Code, "the member could not write its journal in step "+s.String())
	default:
		m.void(wire.Evaluation, "the member could not compute step "+s.String())
	}
}

func (m *Machine) timedOut() {
	phase, names := m.Waiting()
	m.void(wire.Deadline, fmt.Sprintf("step %s was not finished in time: %s, waiting for %s", m.step(), phase, list(names)))
}

// Waiting returns the phase and whom the machine is waiting for: the member
// itself while computing, those without a commit while agreeing, those whose
// object is not here while revealing.
func (m *Machine) Waiting() (Phase, []string) {
	var names []string
	switch m.phase {
	case Computing:
		names = []string{m.self}
	case Agreeing:
		for _, name := range m.terms.Committers(m.step()) {
			if m.commits[m.cur][name] == nil {
				names = append(names, name)
			}
		}
	case Revealing:
		for _, name := range m.terms.Revealers(m.step()) {
			if name == m.self && !m.uploaded || m.terms.Reads(m.step(), m.self) && !m.absorbed[name] {
				names = append(names, name)
			}
		}
	}
	return m.phase, names
}

// list joins names, shortened so that a void's text stays within its limit.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
