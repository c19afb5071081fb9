package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// chosen is a ciphertext whose c1 is the integer k: a share on it is k·s and whatever hides it.
func (s *scene) chosen(k *big.Int, level int, high bool) *mhe.Ciphertext {
	logScale := s.plan.Set().LogScale
	if high {
		logScale = s.plan.Set().LogHigh
	}
	scale := new(big.Float).SetMantExp(big.NewFloat(1), logScale)
	return s.lab.Ciphertext(s.constant(big.NewInt(0), level), s.constant(k, level), scale, high)
}

// third is a third of the modulus: 0, k and −k are as far apart as they can be, further than a refresh mask reaches.
func (s *scene) third(level int) *big.Int { return new(big.Int).Quo(s.modulus(level), big.NewInt(3)) }

// floodless is a unit well above the flooding of a decryption share.
func floodless() *big.Int { return new(big.Int).Lsh(big.NewInt(1), 120) }

// opens uses a recovered key share on the payer's public input object.
func (n *session) opens(k secret, from string) (string, error) {
	num, den, err := n.input(k)
	if err != nil {
		return "", err
	}
	if err := n.isVictims(num, den); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: all %d coefficients of the key share; with it %s's input opens: its numerators and denominators of all %d cells",
		from, len(k), birch, len(den)), nil
}

// chosenRefresh: a payer that refreshes the ciphertext it is sent.
func chosenRefresh(_ context.Context, s *scene) (string, error) {
	n, _, err := s.contributed("chosen-c1-refresh")
	if err != nil {
		return "", err
	}
	level := s.c.RefreshLevel(false)
	k := s.third(level)
	var b bytes.Buffer
	if err := n.parties[victim].Refresh(mhe.RefreshRequest{Stage: 0, Index: 0, Ciphertext: s.chosen(k, level, false)}, &b); err != nil {
		return "", err
	}
	share, err := secretOf(s.integers(s.polynomial(b.Bytes(), level)), k)
	if err != nil {
		return "", err
	}
	return n.opens(share, "one refresh share")
}

func chosenRefreshRefused(ctx context.Context, s *scene) (string, error) {
	n, err := s.newNetwork("chosen-c1-refresh")
	if err != nil {
		return "", err
	}
	defer n.close()
	level := s.c.RefreshLevel(false)
	n.stage(n.step("refresh-1"), func(st *predicate.Stage) {
		st.Refresh[0].Ciphertext = s.chosen(s.third(level), st.Refresh[0].Ciphertext.Level(), false)
	})
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	return n.ended(out, birch, wire.Mismatch, "refresh-1")
}

func chosenDecryption(_ context.Context, s *scene) (string, error) {
	n, _, err := s.contributed("chosen-c1-decryption")
	if err != nil {
		return "", err
	}
	level, k := s.plan.Set().DecryptLevel(), floodless()
	var b bytes.Buffer
	if err := n.parties[victim].Decrypt(0, s.chosen(k, level, true), &b); err != nil {
		return "", err
	}
	share, err := secretOf(s.integers(s.polynomial(b.Bytes(), level)), k)
	if err != nil {
		return "", err
	}
	return n.opens(share, "one flooded decryption share")
}

func chosenDecryptionRefused(ctx context.Context, s *scene) (string, error) {
	n, err := s.newNetwork("chosen-c1-decryption")
	if err != nil {
		return "", err
	}
	defer n.close()
	n.stage(n.step("result"), func(st *predicate.Stage) {
		st.Result[0] = s.chosen(floodless(), st.Result[0].Level(), true)
	})
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	return n.ended(out, birch, wire.Mismatch, "release")
}

// swapped is one payer's input, made to look like a result: multiplied by 2^60, so that the flooding does not drown it, at the level of a
// decryption, and declared to be at the high scale.
func (s *scene) swapped(ref mhe.Reference, object []byte) *mhe.Ciphertext {
	level := s.plan.Set().DecryptLevel()
	k := s.constant(new(big.Int).Lsh(big.NewInt(1), swapShift), level)
	a := s.lab.Reference(ref, s.plan.Set().MaxLevel(), "input", 0)[:level+1]
	scale := new(big.Float).SetMantExp(big.NewFloat(1), s.plan.Set().LogHigh)
	return s.lab.Ciphertext(s.each(s.polynomial(object, level), k, mul), s.each(a, k, mul), scale, true)
}

const swapShift = 60

// swappedResult: the input of one payer is encrypted under that payer's key share alone, so its own decryption share opens it.
func swappedResult(_ context.Context, s *scene) (string, error) {
	n, _, err := s.contributed("swapped-result")
	if err != nil {
		return "", err
	}
	ct := s.swapped(n.ref, n.inputs[victim])
	var b bytes.Buffer
	if err := n.parties[victim].Decrypt(0, ct, &b); err != nil {
		return "", err
	}
	c0, _ := s.lab.Polynomials(ct)
	scale := new(big.Float).SetMantExp(s.lab.InputScale(), swapShift)
	slots, err := s.lab.Slots(s.each(c0, s.polynomial(b.Bytes(), ct.Level()), add), scale)
	if err != nil {
		return "", err
	}
	num, den, err := s.read(victim, slots)
	if err != nil {
		return "", err
	}
	if err := s.isVictims(num, den); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s's own decryption share opens its own input: numerators and denominators of all %d cells, the suppressed ones too", birch, len(den)), nil
}

func swappedResultRefused(ctx context.Context, s *scene) (string, error) {
	n, err := s.newNetwork("swapped-result")
	if err != nil {
		return "", err
	}
	defer n.close()
	var failed locked[error]
	n.stage(n.step("result"), func(st *predicate.Stage) {
		object := n.object(birch, "input")
		if object == nil {
			failed.do(func(e *error) { *e = errors.New("the convener does not hold the input of " + birch) })
			return
		}
		st.Result[0] = s.swapped(n.manifest.Reference, object)
	})
	out, err := n.run(ctx)
	if err = errors.Join(err, failed.v); err != nil {
		return "", err
	}
	return n.ended(out, birch, wire.Mismatch, "release")
}
