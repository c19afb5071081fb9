// Package inprocess plays rounds of secure aggregation among members in one process, step by step, with a convener that does what it should: for
// benchmarks, for attacks (which take over from any step on), and for the tests of what is built on sums. Members may stop after any step.
package inprocess

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Convener is the name the lists are proposed under.
const Convener = "convener"

// Signatures are Ed25519 keys made from names: no secret, for rounds within one process only.
func Signatures(name string) secagg.Signing {
	key := func(n string) ed25519.PrivateKey {
		seed := sha256.Sum256([]byte("inprocess/" + n))
		return ed25519.NewKeyFromSeed(seed[:])
	}
	return secagg.Signing{
		Sign: func(context string, msg []byte) []byte {
			return ed25519.Sign(key(name), append([]byte(context), msg...))
		},
		Verify: func(member, context string, msg, sig []byte) error {
			if !ed25519.Verify(key(member).Public().(ed25519.PublicKey), append([]byte(context), msg...), sig) {
				return errors.New("does not verify")
			}
			return nil
		},
	}
}

// Room is a round and its members. Not safe for concurrent use.
type Room struct {
	Round   secagg.Round
	Members map[string]*secagg.Member
	Stops   map[string]secagg.Kind // a member's last step; absent: it stays to the end
	T       secagg.Transcript
	Watch   func(k secagg.Kind, member string, sent int) // of every message, with its bytes; may be nil

	sign func(string) secagg.Signing
}

// Roster is n names, sorted.
func Roster(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("m%02d", i))
	}
	return names
}

// New begins a round with a new part for every member.
func New(r secagg.Round, sign func(name string) secagg.Signing) (*Room, error) {
	p := &Room{Round: r, Members: map[string]*secagg.Member{}, Stops: map[string]secagg.Kind{}, sign: sign, T: secagg.Transcript{
		Keys: map[string][]byte{}, Shares: map[string][]byte{}, Masked: map[string][]byte{}, Lists: map[string][]byte{},
		Reveals: map[string][]byte{}, Vectors: map[string][]byte{},
	}}
	for _, n := range r.Members {
		m, err := secagg.New(r, n, sign(n))
		if err != nil {
			return nil, err
		}
		p.Members[n] = m
	}
	return p, nil
}

// Step has every member that is still there do one step. x gives the vector of a member; only KindMasked asks for it.
func (p *Room) Step(k secagg.Kind, x func(name string) []int64) error {
	var proposal *secagg.Message
	if k == secagg.KindList {
		var err error
		if proposal, err = p.Propose(p.T.Masked); err != nil {
			return err
		}
	}
	for _, n := range p.Round.Members {
		if last, ok := p.Stops[n]; ok && k > last {
			continue
		}
		var msg *secagg.Message
		var err error
		m, to, extra := p.Members[n], map[string][]byte{}, 0
		switch k {
		case secagg.KindKeys:
			to = p.T.Keys
			msg, err = m.Keys()
		case secagg.KindShares:
			to = p.T.Shares
			msg, err = m.Shares(p.T.Keys)
		case secagg.KindMasked:
			to = p.T.Masked
			msg, p.T.Vectors[n], err = m.Masked(p.T.Shares, x(n))
			extra = len(p.T.Vectors[n])
		case secagg.KindList:
			to = p.T.Lists
			msg, err = m.Cosign(Convener, proposal.Bytes(), p.T.Masked)
		case secagg.KindReveal:
			to = p.T.Reveals
			msg, err = m.Reveal(p.T.Lists)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
		to[n] = msg.Bytes()
		if p.Watch != nil {
			p.Watch(k, n, len(to[n])+extra)
		}
	}
	return nil
}

// Propose is the convener's list of these masked messages.
func (p *Room) Propose(masked map[string][]byte) (*secagg.Message, error) {
	return secagg.Propose(p.Round, p.sign(Convener), Convener, p.T.Shares, masked)
}

// Play goes through all steps up to and with last.
func (p *Room) Play(last secagg.Kind, x func(name string) []int64) error {
	for k := secagg.KindKeys; k <= last; k++ {
		if err := p.Step(k, x); err != nil {
			return err
		}
	}
	return nil
}

// Sum is what everybody recovers from the transcript.
func (p *Room) Sum() (*secagg.Sum, error) { return secagg.Recover(p.Round, p.sign(Convener), p.T) }
