package attack

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// wreck is the end of a spoiled run: its members, the result, and what it opens to.
type wreck struct {
	n     *session
	ct    *mhe.Ciphertext
	slots []float64
}

// spoiled is spoilOne, done once for all who look at its end.
func (s *scene) spoiled(ctx context.Context) (w wreck, err error) {
	s.spoil.do(func(known *wreck) {
		if known.n == nil {
			known.n, known.ct, known.slots, err = s.spoilOne(ctx)
		}
		w = *known
	})
	return w, err
}

// spoilOne runs to the end a run in which cedar lifts one slot of its input 1 % out of range.
func (s *scene) spoilOne(ctx context.Context) (*session, *mhe.Ciphertext, []float64, error) {
	n, err := s.newSession("out-of-range")
	if err != nil {
		return nil, nil, nil, err
	}
	if err := n.key(); err != nil {
		return nil, nil, nil, err
	}
	at := 3*predicate.BlockSlots + predicate.BlockSlots/2 + 10 // a threshold of practice 3
	var sum float64
	cts, err := n.contribute(func(payer int, slots []float64) {
		if payer == attacker { // comes last
			slots[at] = 1.01 - sum
		}
		sum += slots[at]
	})
	if err != nil {
		return nil, nil, nil, err
	}
	ct, err := n.evaluate(ctx, cts, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	slots, err := n.open(ct)
	return n, ct, slots, err
}

// outOfRange: a recipient that rounds what it decrypts and publishes it. (A wreck may look like a suppressed cell by chance.)
func outOfRange(ctx context.Context, s *scene) (string, error) {
	w, err := s.spoiled(ctx)
	if err != nil {
		return "", err
	}
	wrong, released := 0, 0
	for i, want := range s.want {
		if want.Released {
			released++
		}
		got := predicate.Value{}
		if v := math.RoundToEven(w.slots[i*predicate.BlockSlots]); v > 0 {
			got = predicate.Value{Released: true, Steps: s.plan.Cells()[i].Lo + int64(min(v, 1e6)) - 1}
		}
		if got != want {
			wrong++
		}
	}
	if wrong < released {
		return "", fmt.Errorf("only %d of %d cells are wrong", wrong, len(s.want))
	}
	return fmt.Sprintf("one slot of one cell at 1.01: %d of %d published cells of the ciphertext are wrong", wrong, len(s.want)), nil
}

func outOfRangeRefused(ctx context.Context, s *scene) (string, error) {
	num, den := slices.Clone(s.num[attacker]), slices.Clone(s.den[attacker])
	den[3] = s.plan.Cells()[3].CapDen + 1
	check, err := refused(s.plan.Check(num, den), nil)
	if err != nil {
		return "", err
	}
	if _, err := s.plan.Encode(attacker, 0, num, den); err == nil {
		return "", errors.New("a vector above its cap was encoded")
	}
	w, err := s.spoiled(ctx)
	if err != nil {
		return "", err
	}
	_, err = s.plan.Decode([][]float64{w.slots})
	decode, err := refused(err, predicate.ErrSpoiled)
	if err != nil {
		return "", err
	}
	for _, x := range []float64{-1, 0.4, 92, 1e9, math.NaN()} { // a cell has 0 to 91
		one := make([]float64, len(w.slots))
		one[2*predicate.BlockSlots] = x
		_, err := s.plan.Decode([][]float64{one})
		if _, err := refused(err, predicate.ErrSpoiled); err != nil {
			return "", fmt.Errorf("a result of %v: %w", x, err)
		}
	}
	_, err = w.n.open(w.ct)
	if _, err := refused(err, mhe.ErrShareUsed); err != nil {
		return "", fmt.Errorf("a second opening: %w", err)
	}
	void, err := s.spoiledRun(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("honest owner: %q; recipients: %q; run: %q; second opening: %q", check, decode, void, mhe.ErrShareUsed), nil
}

// spoiledRun: all members hold the same result that is no table. Nobody gets one.
func (s *scene) spoiledRun(ctx context.Context) (string, error) {
	n, err := s.newNetwork("spoiled")
	if err != nil {
		return "", err
	}
	defer n.close()
	n.stage(n.step("result"), s.flip)
	n.hooks[birch].Stage = n.hooks[hub].Stage
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	for name, o := range out {
		if o.Values != nil || o.Table != nil || o.Signatures != nil {
			return "", fmt.Errorf("%s has a table", name)
		}
	}
	return n.ended(out, hub, wire.Spoiled, "certify")
}

// flip changes one residue of the result, so that what is opened is arbitrary.
func (s *scene) flip(st *predicate.Stage) {
	c0, c1 := s.lab.Polynomials(st.Result[0])
	c0[0][0] ^= 1
	st.Result[0] = s.lab.Ciphertext(c0, c1, st.Result[0].Scale(), true)
}
