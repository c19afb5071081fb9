package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
)

// falseShare: cedar alone. In the last refresh it adds one to the gates of the small cell, as a convener that adds up shares would
// (forged-refresh-aggregate); in its decryption share it takes twenty steps from another practice. All recipients get the same share.
func falseShare(ctx context.Context, s *scene) (string, error) {
	n, cts, err := s.contributed("false-share")
	if err != nil {
		return "", err
	}
	gate, err := s.gateOf(small)
	if err != nil {
		return "", err
	}
	set, stages := s.plan.Set(), s.plan.Stages()
	high := new(big.Float).SetMantExp(big.NewFloat(1), set.LogHigh)
	forged, err := s.plain(map[int]float64{small * predicate.BlockSlots: 1, gate: 1}, high, set.TopLevel())
	if err != nil {
		return "", err
	}
	nothing := s.constant(big.NewInt(0), s.c.RefreshLevel(true))
	n.tamper = func(stage, payer int, share []byte) {
		if payer == attacker && stage == len(stages)-1 {
			s.addTo(share, s.addTo(share, headerSize, nothing), forged) // behind the low polynomial stands the one that encrypts anew
		}
	}
	ct, err := n.evaluate(ctx, cts, nil)
	if err != nil {
		return "", err
	}
	got, err := n.openFalsely(ct, 1, -20)
	if err != nil {
		return "", err
	}
	for i := range got {
		want := s.want[i]
		switch i {
		case small:
			want = predicate.Value{Released: true, Steps: s.plan.Cells()[i].Hi}
		case 1:
			want.Steps -= 20
		}
		if got[i] != want {
			return "", fmt.Errorf("cell %d: %+v", i, got[i])
		}
	}
	return fmt.Sprintf("a suppressed practice of 22 patients is released with its true value, another one's figure is %d %% instead of %d %%; all recipients agree and every check passes",
		got[1].Steps, s.want[1].Steps), nil
}

// openFalsely opens a result with steps added to one cell in the attacker's share.
func (n *session) openFalsely(ct *mhe.Ciphertext, cell int, steps float64) ([]predicate.Value, error) {
	sum := n.c.NewDecryptSum(ct)
	for i, p := range n.parties {
		var b bytes.Buffer
		if err := p.Decrypt(0, ct, &b); err != nil {
			return nil, err
		}
		share := b.Bytes()
		if i == attacker {
			var err error
			if share, err = n.shifted(share, ct, cell, steps); err != nil {
				return nil, err
			}
		}
		if err := sum.Add(bytes.NewReader(share)); err != nil {
			return nil, err
		}
	}
	slots, err := sum.Slots()
	if err != nil {
		return nil, err
	}
	return n.plan.Decode([][]float64{slots})
}

// falseShareUnseen: what is still refused is a figure that is no whole number in the cell's range.
func falseShareUnseen(ctx context.Context, s *scene) (string, error) {
	n, cts, err := s.contributed("false-share")
	if err != nil {
		return "", err
	}
	ct, err := n.evaluate(ctx, cts, nil)
	if err != nil {
		return "", err
	}
	if _, err = n.openFalsely(ct, 1, 0.5); err == nil {
		return "", errors.New("half a step was accepted")
	}
	text, err := refused(err, predicate.ErrSpoiled)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("not refused; only a figure that is no whole number in the cell's range is: %q", text), nil
}
