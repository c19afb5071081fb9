package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// plain encodes slots at a scale, transformed, modulo Q[0]…Q[level].
func (s *scene) plain(slots map[int]float64, scale *big.Float, level int) ([][]uint64, error) {
	v := make([]float64, s.plan.Set().Slots())
	for at, x := range slots {
		v[at] = x
	}
	m, err := s.lab.Encode(v)
	if err != nil {
		return nil, err
	}
	k, _ := new(big.Float).Quo(scale, s.lab.InputScale()).Int(nil)
	return s.each(m[:level+1], s.constant(k, level), mul), nil
}

// forge adds to slots of a ciphertext. Nobody needs a key for that: the sum of a ciphertext and a plaintext is public.
func (s *scene) forge(ct *mhe.Ciphertext, slots map[int]float64) (*mhe.Ciphertext, error) {
	m, err := s.plain(slots, ct.Scale(), ct.Level())
	if err != nil {
		return nil, err
	}
	c0, c1 := s.lab.Polynomials(ct)
	return s.lab.Ciphertext(s.each(c0, m, add), c1, ct.Scale(), ct.High()), nil
}

// gateOf is the slot of a window in which a cell's smallest denominator is tested: the one that carries the denominator and no payer's own.
func (s *scene) gateOf(cell int) (int, error) {
	zeros := make([]int64, len(s.den[0]))
	one := make([]int64, len(s.den[0]))
	two := make([]int64, len(s.den[0]))
	for i := range one {
		one[i], two[i] = 1, 2
	}
	var v [3][]float64
	for i, d := range [][]int64{zeros, one, two} {
		var err error
		if v[i], err = s.plan.Encode(victim, 0, zeros, d); err != nil {
			return 0, err
		}
	}
	for at := cell*predicate.BlockSlots + 1; at <= cell*predicate.BlockSlots+16; at++ {
		a, b := v[1][at]-v[0][at], v[2][at]-v[1][at]
		// 2·den/span with the span of den − 30: the share rules have 3·den and another span, the contributors have no second step
		if a > 0 && a-b < 1e-12 && b-a < 1e-12 && s.isSpan(2/a) {
			return at, nil
		}
	}
	return 0, errors.New("no slot tests the denominator alone")
}

// isSpan: the span of 2(Σden − 30) + 1 over all payers' caps, with the plan's margin of a few per mille.
func (s *scene) isSpan(x float64) bool {
	most := 2*float64(len(payers))*float64(s.plan.Cells()[0].CapDen) - 59
	return x >= most && x < 1.01*most
}

// forgedRefresh: members that go on with the refreshed ciphertext that the convener adds up for them. Before the last stage it adds one to
// the product of the small cell's gates, which the cell has not passed, and one to the gate that it failed.
func forgedRefresh(ctx context.Context, s *scene) (string, error) {
	n, cts, err := s.contributed("forged-refresh")
	if err != nil {
		return "", err
	}
	gate, err := s.gateOf(small)
	if err != nil {
		return "", err
	}
	var failed error
	last := len(s.plan.Stages()) - 1
	ct, err := n.evaluate(ctx, cts, func(stage int, ct *mhe.Ciphertext) *mhe.Ciphertext {
		if stage != last {
			return ct
		}
		forged, err := s.forge(ct, map[int]float64{small * predicate.BlockSlots: 1, gate: 1})
		if err != nil {
			failed = err
			return ct
		}
		return forged
	})
	if err = errors.Join(err, failed); err != nil {
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
	if !got[small].Released || s.want[small].Released {
		return "", errors.New("the small cell stayed suppressed")
	}
	if want := s.plan.Cells()[small].Hi; got[small].Steps != want {
		return "", fmt.Errorf("released %d steps instead of %d", got[small].Steps, want)
	}
	for i := range got {
		if i != small && got[i] != s.want[i] {
			return "", fmt.Errorf("cell %d changed: the forgery would be seen", i)
		}
	}
	var den int64
	for i := range payers {
		den += s.den[i][small]
	}
	return fmt.Sprintf("a practice of %d patients, suppressed, is released with its true value; all other cells are unchanged and every check passes", den), nil
}

func forgedRefreshRefused(ctx context.Context, s *scene) (string, error) {
	// the bytes of a share are changed on the way: another aggregate is not possible otherwise
	n, err := s.newNetwork("forged-refresh")
	if err != nil {
		return "", err
	}
	defer n.close()
	step := n.step("refresh-1")
	n.swap = func(to string, o wire.Object, b []byte) []byte {
		if to == birch && o.Member == alder && o.Step == step.Index {
			b = bytes.Clone(b)
			b[headerSize] ^= 1
		}
		return b
	}
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	void, err := n.ended(out, birch, wire.BadObject, "refresh-2")
	if err != nil {
		return "", err
	}
	// a share more than there are payers has no place in a sum
	m, cts, err := s.contributed("forged-refresh")
	if err != nil {
		return "", err
	}
	ct, err := s.c.NewEvaluator(nil).Rescale(cts[0])
	if err != nil {
		return "", err
	}
	q := mhe.RefreshRequest{Ciphertext: ct}
	sum := s.c.NewRefreshSum(m.ref, q)
	var last bytes.Buffer
	for _, p := range m.parties {
		last.Reset()
		if err := p.Refresh(q, &last); err != nil {
			return "", err
		}
		if err := sum.Add(bytes.NewReader(last.Bytes())); err != nil {
			return "", err
		}
	}
	last.Bytes()[headerSize] ^= 1
	more := sum.Add(&last)
	if more == nil || !strings.Contains(more.Error(), "were added already") {
		return "", fmt.Errorf("a share of nobody: %v", more)
	}
	return fmt.Sprintf("%q; a share of nobody: %q", void, more), nil
}
