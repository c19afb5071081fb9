package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// The sign polynomials grow outside [−1, 1] like cosh(465·√(2δ)) (two members, of degrees 15 and 31), so a slot 2 % outside becomes a number
// of 140 bits in the first refresh: as wide as the masks. The attacker chooses by how much a slot leaves its range, and the honest payers'
// sum in that slot moves it by 1/span a patient: by about half of its size. What the masks do not cover of the coefficients that are opened
// (every payer and the convener see them) is compared with what each possible sum would give. Wrapping around the modulus does not matter:
// the evaluation is exact modulo Q up to a relative error of about 2^−30.

// candidates are the sums that the attacker tells apart: every denominator that a cell suppressed for its size can have.
const candidates = 64

// growth evaluates the first segment of the circuit at v, in 200 bits.
func (s *scene) growth(v *big.Float) (*big.Float, error) {
	parts, err := predicate.SignPolynomials(s.plan.Set().Alpha)
	if err != nil {
		return nil, err
	}
	return parts[1].At(parts[0].At(v)), nil
}

// aim returns the attacker's target: the slot's value, were the honest sum 0, at which the opened coefficients begin to stand out.
func (s *scene) aim(scale *big.Float) (*big.Float, error) {
	set := s.plan.Set()
	// 2^6 times the mask of one payer over the square root of the slots
	want := float64(s.modulus(s.c.RefreshLevel(false)).BitLen()) + float64(set.LogN)/2 - 3
	lo, hi := 1.0, 1.5
	for range 100 {
		mid := (lo + hi) / 2
		a, err := s.growth(new(big.Float).SetPrec(200).SetFloat64(mid))
		if err != nil {
			return nil, err
		}
		if float64(a.Mul(a, scale).MantExp(nil)) < want {
			lo = mid
		} else {
			hi = mid
		}
	}
	return new(big.Float).SetPrec(200).SetFloat64(hi), nil
}

// spoilAndRead: cedar alone, in a run where everybody else, the convener too, is honest.
func spoilAndRead(ctx context.Context, s *scene) (string, error) {
	n, st, at, aim, err := s.readable(ctx)
	if err != nil {
		return "", err
	}
	q := st.Refresh[0]
	level := s.c.RefreshLevel(false)
	c0, _ := s.lab.Polynomials(q.Ciphertext)
	opened := c0[:level+1]
	for _, p := range n.parties {
		var b bytes.Buffer
		if err := p.Refresh(q, &b); err != nil {
			return "", err
		}
		opened = s.each(opened, s.polynomial(b.Bytes(), level), add)
	}
	got, energy, next, err := s.bestSum(opened, at, aim, q.Ciphertext.Scale())
	if err != nil {
		return "", err
	}
	want := s.den[0][small] + s.den[victim][small]
	if got != want {
		return "", fmt.Errorf("read a sum of %d", got)
	}
	return fmt.Sprintf("one payer alone reads the others' exact denominator of a suppressed practice out of the public sum of the first refresh, among %d possible "+
		"ones (misfit %.3f; next best %.3f)", candidates, energy, next), nil
}

// readable runs to the first refresh with the attacker's slot.
func (s *scene) readable(ctx context.Context) (*session, *predicate.Stage, int, *big.Float, error) {
	at, err := s.gateOf(small)
	if err != nil {
		return nil, nil, 0, nil, err
	}
	n, err := s.newSession("spoil-and-read")
	if err == nil {
		err = n.key()
	}
	if err != nil {
		return nil, nil, 0, nil, err
	}
	aim, err := s.aim(new(big.Float).SetMantExp(big.NewFloat(1), s.plan.Set().LogScale))
	if err != nil {
		return nil, nil, 0, nil, err
	}
	empty, err := s.emptySlot(at)
	if err != nil {
		return nil, nil, 0, nil, err
	}
	x, _ := aim.Float64()
	cts, err := n.contribute(func(payer int, slots []float64) {
		if payer == attacker {
			slots[at] = x - empty
		}
	})
	if err != nil {
		return nil, nil, 0, nil, err
	}
	e, err := predicate.NewEvaluation(s.c, s.plan, n.keys, cts)
	if err != nil {
		return nil, nil, 0, nil, err
	}
	st, err := e.Next(ctx, nil)
	return n, st, at, aim, err
}

// emptySlot is a slot's sum when nobody has anything.
func (s *scene) emptySlot(at int) (sum float64, err error) {
	zeros := make([]int64, len(s.den[0]))
	for i := range payers {
		slots, err := s.plan.Encode(i, 0, zeros, zeros)
		if err != nil {
			return 0, err
		}
		sum += slots[at]
	}
	return sum, nil
}

// bestSum tells which honest sum fits the opened polynomial best. The misfit of the right one is the masks alone; it is the root mean square
// over the coefficients, in units of the modulus (0.289 is noise).
func (s *scene) bestSum(opened [][]uint64, at int, aim, scale *big.Float) (best int64, misfit, next float64, err error) {
	zeros := make([]int64, len(s.den[0]))
	one := append([]int64(nil), zeros...)
	one[small] = 1
	a, err := s.plan.Encode(victim, 0, zeros, zeros)
	if err != nil {
		return 0, 0, 0, err
	}
	b, err := s.plan.Encode(victim, 0, zeros, one)
	if err != nil {
		return 0, 0, 0, err
	}
	patient := new(big.Float).SetPrec(200).SetFloat64(b[at] - a[at])
	spike := make([]float64, s.plan.Set().Slots())
	spike[at] = 1
	unit, err := s.lab.Encode(spike)
	if err != nil {
		return 0, 0, 0, err
	}
	shape, seen := s.integers(unit[:4]), s.integers(opened)
	q := s.modulus(len(opened) - 1)
	misfit, next = math.Inf(1), math.Inf(1)
	for d := range int64(candidates) {
		v := new(big.Float).SetPrec(200).SetInt64(d)
		v.Mul(v, patient).Add(v, aim)
		size, err := s.growth(v)
		if err != nil {
			return 0, 0, 0, err
		}
		size.Mul(size, scale).Quo(size, s.lab.InputScale())
		if m := rms(seen, shape, size, q); m < misfit {
			best, misfit, next = d, m, misfit
		} else {
			next = min(next, m)
		}
	}
	if misfit > next/1.5 {
		return 0, 0, 0, errors.New("no sum fits better than the others")
	}
	return best, misfit, next, nil
}

// rms is the root mean square of (seen − size·shape) mod q, over q.
func rms(seen, shape []*big.Int, size *big.Float, q *big.Int) float64 {
	half := new(big.Int).Rsh(q, 1)
	fq := new(big.Float).SetInt(q)
	total := 0.0
	for i := range seen {
		f := new(big.Float).SetPrec(300).SetInt(shape[i])
		p, _ := f.Mul(f, size).Int(nil)
		p.Sub(seen[i], p)
		if p.Mod(p, q); p.Cmp(half) > 0 {
			p.Sub(p, q)
		}
		x, _ := new(big.Float).Quo(new(big.Float).SetInt(p), fq).Float64()
		total += x * x
	}
	return math.Sqrt(total / float64(len(seen)))
}

// spoilAndReadRecognised: what remains of a defence is that the run cannot be used.
func spoilAndReadRecognised(ctx context.Context, s *scene) (string, error) {
	w, err := s.spoiled(ctx)
	if err != nil {
		return "", err
	}
	_, err = s.plan.Decode([][]float64{w.slots})
	text, err := refused(err, predicate.ErrSpoiled)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("not prevented, recognised: %q; void, nothing published; who did it cannot be told", text), nil
}
