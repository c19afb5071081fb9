package secagg

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// keyring signs with one Ed25519 key per member.
type keyring map[string]ed25519.PrivateKey

func newKeyring(names ...string) keyring {
	k := keyring{}
	for _, n := range names {
		seed := sha256.Sum256([]byte(n))
		k[n] = ed25519.NewKeyFromSeed(seed[:])
	}
	return k
}

func (k keyring) of(name string) Signing {
	return Signing{
		Sign: func(context string, msg []byte) []byte { return ed25519.Sign(k[name], append([]byte(context), msg...)) },
		Verify: func(member, context string, msg, sig []byte) error {
			key, ok := k[member]
			if !ok || !ed25519.Verify(key.Public().(ed25519.PublicKey), append([]byte(context), msg...), sig) {
				return errors.New("does not verify")
			}
			return nil
		},
	}
}

const convener = "convener"

// scene is a round among members of which some stop after a step.
type scene struct {
	round   Round
	keys    keyring
	members map[string]*Member
	stops   map[string]Kind // a member's last step; absent: it stays to the end
	x       map[string][]int64
	t       Transcript
}

func roster(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("m%02d", i))
	}
	return names
}

func newScene(n, threshold, length int) *scene {
	names := roster(n)
	s := &scene{
		round: Round{Manifest: [32]byte{7}, Number: 1, Members: names, Threshold: threshold, Length: length, Cap: 1 << 40},
		keys:  newKeyring(append(names, convener)...), members: map[string]*Member{}, stops: map[string]Kind{}, x: map[string][]int64{},
		t: Transcript{
			Keys: map[string][]byte{}, Shares: map[string][]byte{}, Masked: map[string][]byte{}, Lists: map[string][]byte{},
			Reveals: map[string][]byte{}, Vectors: map[string][]byte{},
		},
	}
	return s
}

func (s *scene) fill(r *rand.Rand) {
	for _, n := range s.round.Members {
		x := make([]int64, s.round.Length)
		for i := range x {
			x[i] = int64(r.Uint64N(2*s.round.Cap+1)) - int64(s.round.Cap)
		}
		s.x[n] = x
	}
}

// each calls f for every member that does the step.
func (s *scene) each(k Kind, f func(name string, m *Member) error) error {
	for _, n := range s.round.Members {
		if last, ok := s.stops[n]; ok && k > last {
			continue
		}
		if err := f(n, s.members[n]); err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
	}
	return nil
}

// play goes through the round with an honest convener and returns what everybody recovers.
func (s *scene) play() (*Sum, error) {
	for _, n := range s.round.Members {
		m, err := New(s.round, n, s.keys.of(n))
		if err != nil {
			return nil, err
		}
		s.members[n] = m
	}
	steps := []func() error{
		func() error {
			return s.each(KindKeys, func(n string, m *Member) error { return put(s.t.Keys, n)(m.Keys()) })
		},
		func() error {
			return s.each(KindShares, func(n string, m *Member) error { return put(s.t.Shares, n)(m.Shares(s.t.Keys)) })
		},
		func() error {
			return s.each(KindMasked, func(n string, m *Member) error {
				msg, v, err := m.Masked(s.t.Shares, s.x[n])
				s.t.Vectors[n] = v
				return put(s.t.Masked, n)(msg, err)
			})
		},
		func() error {
			p, err := Propose(s.round, s.keys.of(convener), convener, s.t.Shares, s.t.Masked)
			if err != nil {
				return err
			}
			return s.each(KindList, func(n string, m *Member) error {
				return put(s.t.Lists, n)(m.Cosign(convener, p.Bytes(), s.t.Masked))
			})
		},
		func() error {
			return s.each(KindReveal, func(n string, m *Member) error { return put(s.t.Reveals, n)(m.Reveal(s.t.Lists)) })
		},
	}
	for _, f := range steps {
		if err := f(); err != nil {
			return nil, err
		}
	}
	return Recover(s.round, s.keys.of(convener), s.t)
}

func put(to map[string][]byte, name string) func(*Message, error) error {
	return func(m *Message, err error) error {
		if err == nil {
			to[name] = m.Bytes()
		}
		return err
	}
}

// check holds the sum against the plain one of those present.
func (s *scene) check(t *testing.T, sum *Sum) {
	t.Helper()
	want := make([]int64, s.round.Length)
	for _, n := range sum.Present {
		for i, v := range s.x[n] {
			want[i] += v
		}
	}
	for i := range want {
		if sum.Values[i] != want[i] {
			t.Fatalf("element %d of %d members differs from the plain sum", i, len(sum.Present))
		}
	}
}
