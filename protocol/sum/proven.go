package sum

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// proven is the protocol of package bounded: everybody proves to everybody that its vector is in range, and nobody may drop.
type proven struct {
	round bounded.Round
	sizes map[secagg.Kind]int // of bodies
}

func newProven(r bounded.Round) (proven, error) {
	p := proven{round: r, sizes: map[secagg.Kind]int{}}
	for _, k := range append(bounded.Steps(), secagg.KindObjection) {
		n, err := r.Size(k)
		if err != nil {
			return p, err
		}
		p.sizes[k] = n
	}
	return p, nil
}

// numbered is the round of an attempt.
func (p proven) numbered(r secagg.Round) bounded.Round {
	b := p.round
	b.Number = r.Number
	return b
}

func (p proven) steps() []secagg.Kind { return bounded.Steps() }

func (p proven) opening() secagg.Kind { return secagg.KindTags }

func (p proven) size(_ secagg.Round, k secagg.Kind) int {
	n, ok := p.sizes[k]
	if !ok {
		return 0
	}
	return secagg.Framed(n)
}

func (p proven) open(s secagg.Signing, r secagg.Round, k secagg.Kind, member string, raw []byte) (*secagg.Message, error) {
	n, ok := p.sizes[k]
	if !ok {
		return nil, fmt.Errorf("a round with proven bounds has no %s message", k)
	}
	m, err := secagg.OpenSized(s, r, k, member, raw, n)
	if err == nil && k == secagg.KindObjection {
		_, err = p.accused(s, r, member, raw)
	}
	return m, err
}

func (p proven) accused(s secagg.Signing, r secagg.Round, member string, raw []byte) (*bounded.Fault, error) {
	return bounded.Objection(p.numbered(r), s, member, raw)
}

func (p proven) conflict(s secagg.Signing, r secagg.Round, k secagg.Kind, a, b []byte) (string, bool) {
	return secagg.ConflictSized(s, r, k, a, b, p.sizes[k])
}

// judge holds what was said against what was shown before, and reports against everybody's part in their verification.
func (p proven) judge(s secagg.Signing, r secagg.Round, k secagg.Kind, got *sets) error {
	return bounded.Judge(p.numbered(r), s, p.transcript(got, k))
}

// transcript is what was said up to and with a step.
func (p proven) transcript(got *sets, last secagg.Kind) bounded.Transcript {
	t := bounded.Transcript{}
	for _, k := range p.steps() {
		if t[k] = got[k]; k == last {
			break
		}
	}
	return t
}

func (p proven) begin(s secagg.Signing, r secagg.Round, self string, seed *[32]byte) (speaker, error) {
	var m *bounded.Member
	var err error
	if seed == nil {
		m, err = bounded.New(p.numbered(r), self, s)
	} else {
		m, err = bounded.Resume(p.numbered(r), self, s, *seed)
	}
	if err != nil {
		return nil, err
	}
	return provenMember{m}, nil
}

func (p proven) conclude(s secagg.Signing, r secagg.Round, got *sets, _ map[string][]byte) (*Outcome, error) {
	x, err := bounded.Recover(p.numbered(r), s, p.transcript(got, secagg.KindOpen))
	if err != nil {
		return nil, err
	}
	first := r.Members[0] // all have signed the same of the step before: Recover has compared them
	m, err := p.open(s, r, secagg.KindOpen, first, got[secagg.KindOpen][first])
	if err != nil {
		return nil, err
	}
	return &Outcome{Round: r, Sum: &secagg.Sum{Values: x, Present: slices.Clone(r.Members)}, Transcript: transcript(r, m.Body[:32])}, nil
}

// errWatches: from here on this member only watches.
var errWatches = errors.New("watches")

type provenMember struct{ *bounded.Member }

func (m provenMember) say(p *part, k secagg.Kind) (msg *secagg.Message, _ []byte, err error) {
	switch k {
	case secagg.KindKeys:
		msg, err = m.Keys()
	case secagg.KindReport:
		if p.Cheat != nil {
			msg, err = m.Misreport(p.sets[secagg.KindKeys])
			break
		}
		msg, err = m.Report(p.sets[secagg.KindKeys], p.x)
	case secagg.KindPrep:
		msg, err = m.Prep(p.sets[secagg.KindReport])
	case secagg.KindCommit:
		if p.Cheat != nil {
			return nil, nil, errWatches // it does not convict itself
		}
		msg, err = m.Commit(p.sets[secagg.KindPrep])
	case secagg.KindTags:
		msg, err = m.Tags(p.sets[secagg.KindCommit])
	case secagg.KindOpen:
		msg, err = m.Open(p.sets[secagg.KindTags])
	}
	return msg, nil, err
}

// bound are the tags that it opens on: with them everything before is fixed, the commitments to the shares of the sum among it.
func (m provenMember) bound(_ *part, k secagg.Kind, msg *secagg.Message) ([]byte, bool) {
	if k != secagg.KindOpen {
		return nil, false
	}
	return msg.Body[:32], true
}

func (m provenMember) object(f *bounded.Fault) *secagg.Message { return m.Object(f) }
