package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// naive is a payer of the textbook: one key share for all runs, a reference polynomial that depends on nothing but its place, objects that
// say nothing about what they are for.
type naive struct {
	s *scene
	r *rand.Rand
	k secret
}

func (s *scene) newNaive() *naive {
	r := rand.New(rand.NewChaCha8([32]byte{1})) // an experiment, not a key
	return &naive{s: s, r: r, k: s.drawSecret(r)}
}

// input is c0 = −a·s + m + e on a given a.
func (p *naive) input(a [][]uint64, slots []float64) ([][]uint64, error) {
	m, err := p.s.lab.Encode(slots)
	if err != nil {
		return nil, err
	}
	level := len(a) - 1
	c0 := p.s.each(m, p.s.lift(p.s.drawError(p.r), level), add)
	return p.s.each(c0, p.s.each(a, p.s.lift(p.k, level), mul), sub), nil
}

// replayedReference: two runs on the same reference polynomial. In the second one the payer has nothing at all, which is no secret (its
// practices are not in the roster), and what remains of the difference is its first input.
func replayedReference(_ context.Context, s *scene) (string, error) {
	p := s.newNaive()
	level := s.plan.Set().MaxLevel()
	a := s.lab.Reference(mhe.Reference{}, level, "input", 0)
	first, err := s.plan.Encode(victim, 0, s.num[victim], s.den[victim])
	if err != nil {
		return "", err
	}
	zeros := make([]int64, len(s.num[victim]))
	second, err := s.plan.Encode(victim, 0, zeros, zeros)
	if err != nil {
		return "", err
	}
	x, err := p.input(a, first)
	if err != nil {
		return "", err
	}
	y, err := p.input(a, second)
	if err != nil {
		return "", err
	}
	num, den, err := s.difference(x, y, second)
	if err != nil {
		return "", err
	}
	if err := s.isVictims(num, den); err != nil {
		return "", err
	}
	return fmt.Sprintf("the difference of two inputs has no mask: numerators and denominators of all %d cells, without any key", len(den)), nil
}

// difference reads x − y + known.
func (s *scene) difference(x, y [][]uint64, known []float64) (num, den []int64, err error) {
	slots, err := s.lab.Slots(s.each(x, y, sub), s.lab.InputScale())
	if err != nil {
		return nil, nil, err
	}
	for i := range slots {
		slots[i] += known[i]
	}
	return s.read(victim, slots)
}

func replayedReferenceRefused(_ context.Context, s *scene) (string, error) {
	level := s.plan.Set().MaxLevel()
	seen := map[string]string{}
	for _, p := range []struct {
		what string
		poly [][]uint64
	}{
		{"input 0 of the run", s.lab.Reference(reference("a"), level, "input", 0)},
		{"input 1 of the run", s.lab.Reference(reference("a"), level, "input", 1)},
		{"input 0 of another manifest", s.lab.Reference(reference("b"), level, "input", 0)},
		{"input 0 under another checkpoint", s.lab.Reference(mhe.NewReference([32]byte{1}, [32]byte{2}), level, "input", 0)},
		{"input 0 under a third checkpoint", s.lab.Reference(mhe.NewReference([32]byte{1}, [32]byte{3}), level, "input", 0)},
		{"refresh 0 of stage 0", s.lab.Reference(reference("a"), level, "refresh", 0, 0)},
		{"refresh 0 of stage 1", s.lab.Reference(reference("a"), level, "refresh", 1, 0)},
	} {
		key := fmt.Sprint(p.poly[0][:8])
		if other, ok := seen[key]; ok {
			return "", fmt.Errorf("%s and %s have the same reference polynomial", p.what, other)
		}
		seen[key] = p.what
	}
	// the same subtraction on the real thing: the payer's inputs of two runs
	first, _, err := s.contributed("replayed-1")
	if err != nil {
		return "", err
	}
	second, err := s.newSession("replayed-2")
	if err != nil {
		return "", err
	}
	zeros := make([]int64, len(s.num[victim]))
	known, err := s.plan.Encode(victim, 0, zeros, zeros)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := second.parties[victim].Input(0, known, &b); err != nil {
		return "", err
	}
	num, den, err := s.difference(s.polynomial(first.inputs[victim], level), s.polynomial(b.Bytes(), level), known)
	if err == nil && s.isVictims(num, den) == nil {
		return "", errors.New("the difference of two runs' inputs shows the figures")
	}
	once, err := refused(second.parties[victim].Input(0, known, io.Discard), mhe.ErrShareUsed)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("7 places, 7 polynomials; second input on one of them: %q", once), nil
}

// anotherManifest: birch gave its input for run a and declined run b. The convener counts it in b all the same.
func anotherManifest(_ context.Context, s *scene) (string, error) {
	p := s.newNaive()
	level := s.plan.Set().MaxLevel()
	a := s.lab.Reference(mhe.Reference{}, level, "input", 0) // the same in every run
	var total [][]uint64
	sum := make(secret, s.plan.Set().Slots())
	for i := range payers {
		q := &naive{s: s, r: p.r, k: s.drawSecret(p.r)}
		slots, err := s.plan.Encode(i, 0, s.num[i], s.den[i])
		if err != nil {
			return "", err
		}
		share, err := q.input(a, slots) // birch's is the one it gave for run a
		if err != nil {
			return "", err
		}
		if total == nil {
			total = share
		} else {
			total = s.each(total, share, add)
		}
		for j := range sum {
			sum[j] += q.k[j]
		}
	}
	slots, err := s.lab.Slots(s.each(total, s.each(a, s.lift(sum, level), mul), add), s.lab.InputScale())
	if err != nil {
		return "", err
	}
	for _, j := range []int{0, attacker} { // alder and cedar know their own parts; what is left is birch's
		own, err := s.plan.Encode(j, 0, s.num[j], s.den[j])
		if err != nil {
			return "", err
		}
		for i := range slots {
			slots[i] -= own[i]
		}
	}
	num, den, err := s.read(victim, slots)
	if err != nil {
		return "", err
	}
	if err := s.isVictims(num, den); err != nil {
		return "", err
	}
	return "run b decrypts to a sum with the figures of a payer that declined it", nil
}

func anotherManifestRefused(_ context.Context, s *scene) (string, error) {
	n, err := s.newSession("a")
	if err != nil {
		return "", err
	}
	if _, err := n.contribute(nil); err != nil {
		return "", err
	}
	object, err := refused(s.c.NewInputSum(reference("b"), 1).Add(0, bytes.NewReader(n.inputs[victim])), mhe.ErrMalformed)
	if err != nil {
		return "", err
	}
	key, err := refused(s.c.NewKeySum(reference("b"), s.plan.Rotations()).AddRoundOne(bytes.NewReader(n.one[victim])), mhe.ErrMalformed)
	if err != nil {
		return "", err
	}
	commit, err := s.foreignCommit()
	if err != nil {
		return "", err
	}
	box, err := s.keys[hub].Public().Seal([]byte("manifest of a"), []byte(birch+"|"+hub), n.inputs[victim][:64])
	if err != nil {
		return "", err
	}
	_, err = s.keys[hub].Open([]byte("manifest of b"), []byte(birch+"|"+hub), box)
	sealed, err := refused(err, identity.ErrSealed)
	if err != nil {
		return "", err
	}
	if !strings.Contains(object, "other run") || !strings.Contains(key, "other run") {
		return "", fmt.Errorf("refused, but not for the run: %s; %s", object, key)
	}
	return fmt.Sprintf("%q; %q; %q", object, commit, sealed), nil
}

// foreignCommit gives a machine of run b a commit that birch signed for run a's manifest under the same name.
func (s *scene) foreignCommit() (string, error) {
	n, err := s.newNetwork("b")
	if err != nil {
		return "", err
	}
	defer n.close()
	terms, err := n.manifest.Terms(s.c)
	if err != nil {
		return "", err
	}
	m, err := run.New(terms, alder)
	if err != nil {
		return "", err
	}
	m.Apply(run.Authorised{})
	c, err := wire.SignCommit(s.keys[birch], wire.Commit{Run: "b", Manifest: wire.Hash(reference("a")), Member: birch, Object: wire.Hash{1}})
	if err != nil {
		return "", err
	}
	for _, w := range m.Apply(run.Received{Commit: c}) {
		if r, ok := w.(run.Refuse); ok && strings.Contains(r.Text, "another manifest") {
			return r.Text, nil
		}
	}
	return "", errors.New("a commit for another manifest was not refused")
}
