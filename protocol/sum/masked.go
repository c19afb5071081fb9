package sum

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// masked is secagg's own protocol.
type masked struct{}

var maskedSteps = []secagg.Kind{secagg.KindKeys, secagg.KindShares, secagg.KindMasked, secagg.KindList, secagg.KindReveal}

func (masked) steps() []secagg.Kind { return maskedSteps }

func (masked) opening() secagg.Kind { return secagg.KindList }

func (masked) size(r secagg.Round, k secagg.Kind) int {
	if k < secagg.KindKeys || k > secagg.KindProposal {
		return 0
	}
	return r.MaxMessage()
}

func (masked) open(s secagg.Signing, r secagg.Round, k secagg.Kind, member string, raw []byte) (*secagg.Message, error) {
	return secagg.Open(s, r, k, member, raw)
}

func (masked) conflict(s secagg.Signing, r secagg.Round, k secagg.Kind, a, b []byte) (string, bool) {
	return secagg.Conflict(s, r, k, a, b)
}

func (masked) judge(secagg.Signing, secagg.Round, secagg.Kind, *sets) error { return nil }

func (masked) accused(secagg.Signing, secagg.Round, string, []byte) (*bounded.Fault, error) {
	return nil, errors.New("nobody objects in a round of masks")
}

func (masked) begin(s secagg.Signing, r secagg.Round, self string, seed *[32]byte) (speaker, error) {
	var m *secagg.Member
	var err error
	if seed == nil {
		m, err = secagg.New(r, self, s)
	} else {
		m, err = secagg.Resume(r, self, s, *seed)
	}
	if err != nil {
		return nil, err
	}
	return &maskedMember{Member: m}, nil
}

func (masked) conclude(s secagg.Signing, r secagg.Round, got *sets, vectors map[string][]byte) (*Outcome, error) {
	t := secagg.Transcript{
		Keys: got[secagg.KindKeys], Shares: got[secagg.KindShares], Masked: got[secagg.KindMasked], Lists: got[secagg.KindList], Reveals: got[secagg.KindReveal], Vectors: vectors,
	}
	x, err := secagg.Recover(r, s, t)
	if err != nil {
		return nil, err
	}
	for name, raw := range t.Lists { // all are the same: Recover has compared them
		l, err := secagg.Open(s, r, secagg.KindList, name, raw)
		if err != nil {
			return nil, err
		}
		return &Outcome{Round: r, Sum: x, Transcript: transcript(r, l.Body)}, nil
	}
	return nil, errors.New("no list")
}

type maskedMember struct {
	*secagg.Member
	list []byte // its body
}

func (m *maskedMember) say(p *part, k secagg.Kind) (msg *secagg.Message, vector []byte, err error) {
	switch k {
	case secagg.KindKeys:
		msg, err = m.Keys()
	case secagg.KindShares:
		msg, err = m.Shares(p.sets[secagg.KindKeys])
	case secagg.KindMasked:
		if msg, vector, err = m.Masked(p.sets[secagg.KindShares], p.x); err == nil && p.Cheat != nil {
			msg, vector = m.cheat(p, msg, vector)
		}
	case secagg.KindList:
		if msg, err = m.Cosign(p.Convener, p.sets[secagg.KindProposal][p.Convener], p.sets[secagg.KindMasked]); err == nil {
			m.list = msg.Body
		}
	case secagg.KindReveal:
		msg, err = m.Reveal(p.sets[secagg.KindList])
	}
	return msg, vector, err
}

func (m *maskedMember) bound(_ *part, k secagg.Kind, _ *secagg.Message) ([]byte, bool) {
	return m.list, k == secagg.KindReveal
}

func (m *maskedMember) object(*bounded.Fault) *secagg.Message { return nil }

// cheat puts into the masked vector what is none of the member's bounds'. Then the member watches: its vector is there, and the others open the sum.
func (m *maskedMember) cheat(p *part, msg *secagg.Message, vector []byte) (*secagg.Message, []byte) {
	for i, v := range p.Cheat(p.x) {
		at := vector[8*i:][:8]
		binary.LittleEndian.PutUint64(at, binary.LittleEndian.Uint64(at)+uint64(v-p.x[i]))
	}
	h := sha256.Sum256(vector)
	p.member = nil
	return secagg.Sign(p.sign, secagg.KindMasked, p.round, msg.Member, append(msg.Body[:32:32], h[:]...)), vector
}

// holds says whether a masked message is of this vector.
func holds(m *secagg.Message, vector []byte) error {
	if h := sha256.Sum256(vector); [32]byte(m.Body[32:]) != h {
		return fmt.Errorf("the masked vector of %s is not the one it signed", m.Member)
	}
	return nil
}
