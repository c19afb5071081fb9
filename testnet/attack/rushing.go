package attack

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tacet-health/tacet/protocol/wire"
)

// rushed changes the attacker's key share of round one so that, modulo Q[0], the first gadget digit adds up to H0 = Q[0]/3 and H1 = 0: the
// answer of round two is then s·Q[0]/3 and a small error. The first two vectors modulo Q[0] of an object are in the polynomials h0 and h1 of
// digit 0, one after the other with all moduli between.
func (s *scene) rushed(own []byte, others ...[]byte) []byte {
	set := s.plan.Set()
	q, slots := set.Q[0], set.Slots()
	size := 0 // of one polynomial of round one
	for _, m := range append(slices.Clone(set.Q[:set.TopLevel()+1]), set.P...) {
		size += width(m) * slots
	}
	out := bytes.Clone(own)
	for half, target := range []uint64{q / 3, 0} {
		at := headerSize + half*size
		want := make([]uint64, slots)
		for i := range want {
			want[i] = target
		}
		for _, o := range others {
			v, _ := vector(o[at:], q, slots)
			for i := range want {
				want[i] = sub(want[i], v[i], q)
			}
		}
		replace(out[at:], q, want)
	}
	return out
}

// rushingKeys: key shares that are sent as soon as they are made.
func rushingKeys(_ context.Context, s *scene) (string, error) {
	n, err := s.newSession("rushing-keys")
	if err != nil {
		return "", err
	}
	if _, err := n.contribute(nil); err != nil {
		return "", err
	}
	one := slices.Clone(n.one)
	one[attacker] = s.rushed(n.one[attacker], n.one[0], n.one[victim])
	k, err := n.sum(one)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := n.parties[victim].KeyRoundTwo(k, &b); err != nil {
		return "", err
	}
	share, err := secretOf(s.integers(s.polynomial(b.Bytes(), 0)), s.third(0))
	if err != nil {
		return "", err
	}
	return n.opens(share, "one answer of round two")
}

// rushingKeysRefused: the attacker holds its commit back to see the others' shares first; then it commits and reveals something else.
func rushingKeysRefused(ctx context.Context, s *scene) (string, error) {
	n, err := s.newNetwork("rushing-keys-waits")
	if err != nil {
		return "", err
	}
	defer n.close()
	n.manifest.Deadlines.Keys = 500 * time.Millisecond
	n.show = func(_ string, c *wire.SignedCommit) []*wire.SignedCommit {
		if b := c.Body(); b.Member == cedar && b.Step == 1 {
			return nil
		}
		return []*wire.SignedCommit{c}
	}
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	if _, err := n.ended(out, birch, wire.Deadline, "keys-1"); err != nil {
		// whoever's deadline passes first ends the run for all
		return "", err
	}

	m, err := s.newNetwork("rushing-keys-swaps")
	if err != nil {
		return "", err
	}
	defer m.close()
	m.swap = func(to string, o wire.Object, b []byte) []byte {
		if to == birch && o.Member == cedar && o.Step == 1 {
			// everything of round one is on the board by now, or cedar could not rush: it has the same shape
			return s.rushed(b, b)
		}
		return b
	}
	if out, err = m.run(ctx); err != nil {
		return "", err
	}
	text, err := m.ended(out, birch, wire.BadObject, "keys-2")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("commit held back: nobody reveals, code deadline; other bytes than committed: %s", text), nil
}
