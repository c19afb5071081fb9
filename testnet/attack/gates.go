package attack

import (
	"context"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// lifted is how far over (or under) 0 the attacker puts a gate: far enough for any small cell, and inside [−1, 1].
const lifted = 0.3

// liftGates fills the attacker's slots of a cell so that all its rules hold, whatever the others have: single-form rules true, of the two forms of
// a rule the first true and the second false. It needs the layout (crypto/predicate, doc.go), the slots of empty inputs, and no secret.
func (s *scene) liftGates(cell int, slots []float64) error {
	empty, full := make([]float64, len(slots)), make([]float64, len(slots))
	zeros, ones, twos := make([]int64, len(s.den[0])), make([]int64, len(s.den[0])), make([]int64, len(s.den[0]))
	for i := range ones {
		ones[i], twos[i] = 1, 2
	}
	for i := range payers {
		for _, p := range []struct {
			sum      []float64
			num, den []int64
		}{{empty, zeros, zeros}, {full, ones, twos}} {
			part, err := s.plan.Encode(i, 0, p.num, p.den)
			if err != nil {
				return err
			}
			for at := range part {
				p.sum[at] += part[at]
			}
		}
	}
	put := func(at int, to float64) {
		at += cell * predicate.BlockSlots
		if full[at] != empty[at] { // not a constant
			slots[at] = to - empty[at]
		}
	}
	for at := 1; at <= 16; at++ {
		put(at, lifted)
	}
	for _, at := range []int{32, 40, 64} {
		put(at, lifted)
		put(at+1, -lifted)
	}
	return nil
}

// ownGates: cedar has no patient in the cell, birch has none, alder has one.
func ownGates(ctx context.Context, s *scene) (string, error) {
	n, err := s.newSession("gates-of-ones-own")
	if err == nil {
		err = n.key()
	}
	if err != nil {
		return "", err
	}
	var failed error
	cts, err := n.contribute(func(payer int, slots []float64) {
		if payer == attacker {
			failed = s.liftGates(single, slots)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return "", err
	}
	ct, err := n.evaluate(ctx, cts, nil)
	if err != nil {
		return "", err
	}
	slots, err := n.open(ct)
	if err != nil {
		return "", err
	}
	got, err := s.plan.Decode([][]float64{slots})
	if err != nil {
		return "", err
	}
	for i := range got {
		want := s.want[i]
		if i == single { // the one patient is in the numerator
			want = predicate.Value{Released: true, Steps: s.plan.Cells()[i].Hi}
		}
		if got[i] != want {
			return "", fmt.Errorf("cell %d: %+v", i, got[i])
		}
	}
	return fmt.Sprintf("a practice with one patient of %s and none of the others is released, with that patient's outcome; all other cells are right and every check passes", alder), nil
}

// ownGatesUnseen: what is still refused is the same wish of a member that runs this program.
func ownGatesUnseen(_ context.Context, s *scene) (string, error) {
	slots, err := s.plan.Encode(attacker, 0, s.num[attacker], s.den[attacker])
	if err != nil {
		return "", err
	}
	honest := append([]float64(nil), slots...)
	if err := s.liftGates(single, slots); err != nil {
		return "", err
	}
	changed := 0
	for i := range slots {
		if slots[i] != honest[i] {
			changed++
		}
	}
	if changed == 0 {
		return "", errors.New("the program's own encoding lifts the gates")
	}
	return fmt.Sprintf("not refused: a member that runs this program cannot do it (Plan.Encode fills all slots from one numerator and denominator; %d slots had to be "+
		"changed); a payer with a program of its own can, and Plan.Decode, the last check before the certificate, passes", changed), nil
}
