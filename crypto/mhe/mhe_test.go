package mhe

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// TestArithmetic runs the collective key generation and every operation of the evaluator.
func TestArithmetic(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		for _, payers := range []int{3, 5} {
			t.Run(fmt.Sprint(set, payers), func(t *testing.T) {
				n := newNetwork(t, set, payers, Rotation{1, 12}, Rotation{-64, 4}).key()
				v := n.ramp()
				ct := n.encrypt(v)
				if ct.Level() != n.c.set.TopLevel() {
					t.Fatalf("level %d after the first rescaling", ct.Level())
				}
				near(t, n.peek(ct), v, 32)
				want := make([]float64, len(v))

				sq, err := n.e.Mul(ct, ct)
				must(t, err)
				for i, x := range v {
					want[i] = x * x
				}
				near(t, n.peek(sq), want, 33)

				if _, err := n.e.Add(sq, ct); err == nil {
					t.Error("a drifted scale was added")
				}
				drift, err := n.e.AtScaleOf(sq, ct)
				must(t, err)
				for i, x := range v {
					want[i] = x * x
				}
				near(t, n.peek(drift), want, 20)
				if _, err := n.e.Add(drift, ct); err != nil {
					t.Error(err)
				}
				tripled, err := n.e.MulConst(sq, 3)
				must(t, err)
				tripled.ct.Scale.Value.Mul(&tripled.ct.Scale.Value, big.NewFloat(3))
				if _, err := n.e.AtScaleOf(tripled, ct); err == nil {
					t.Error("three times the scale passed for a drift")
				}
				norm, err := n.e.Normalise(sq)
				must(t, err)
				both, err := n.e.Add(norm, ct)
				must(t, err)
				for i, x := range v {
					want[i] = x*x + x
				}
				near(t, n.peek(both), want, 31)

				low, err := n.e.DropLevel(ct, 12)
				must(t, err)
				rot, err := n.e.Rotate(low, 1)
				must(t, err)
				for i := range v {
					want[i] = v[(i+1)%len(v)]
				}
				near(t, n.peek(rot), want, 33)

				many, err := n.e.RotateMany(low, []int{1})
				must(t, err)
				near(t, n.peek(many[0]), want, 33)

				d, err := n.e.Sub(low, rot)
				must(t, err)
				d, err = n.e.MulConst(d, 3)
				must(t, err)
				d, err = n.e.AddConst(d, -3, 2)
				must(t, err)
				for i := range v {
					want[i] = 3*(v[i]-v[(i+1)%len(v)]) - 1.5
				}
				near(t, n.peek(d), want, 30)

				mask := make([]int64, len(v))
				for i := range mask {
					mask[i] = int64(i%3) - 1
				}
				m, err := n.c.NewMask(mask, low.Level(), false)
				must(t, err)
				masked, err := n.e.MulMask(low, m)
				must(t, err)
				for i := range v {
					want[i] = v[i] * float64(mask[i])
				}
				near(t, n.peek(masked), want, 33)
				if masked.Scale().Cmp(low.Scale()) != 0 {
					t.Fatalf("scale %v became %v", low.Scale(), masked.Scale())
				}

				for _, coeffs := range [][]string{
					{"0.125", "0.5", "0", "-0.25", "0", "0.0625", "0", "0.3"},
					{"0", "0.5", "0", "-0.25", "0", "0.0625", "0", "0.3"},
					{"0.125", "0", "-0.25", "0", "0.3"},
					{"0", "1"},
				} {
					p, err := NewPolynomial(coeffs)
					must(t, err)
					for _, p := range []*Polynomial{p, p.Half()} {
						y, err := n.e.Evaluate(ct, p)
						must(t, err)
						for i, x := range v {
							want[i], _ = p.At(big.NewFloat(x)).Float64()
						}
						near(t, n.peek(y), want, 28)
						if got := ct.Level() - y.Level(); got != p.Depth() {
							t.Errorf("%d coefficients: took %d levels, announced %d", len(coeffs), got, p.Depth())
						}
						if y.Scale().Cmp(big.NewFloat(math.Exp2(float64(n.c.set.LogScale)))) != 0 {
							t.Errorf("scale %v", y.Scale())
						}
					}
				}
			})
		}
	}
}

// TestRefresh: a refresh keeps the values, at both scales, and the last stage opens exactly.
func TestRefresh(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		n := newNetwork(t, set, 3).key()
		v := n.ramp()
		ct := n.encrypt(v)
		low, err := n.e.DropLevel(ct, n.c.RefreshLevel(false))
		must(t, err)
		fresh := n.refresh(low, false)
		if fresh.Level() != n.c.set.TopLevel() {
			t.Fatalf("refreshed to level %d", fresh.Level())
		}
		near(t, n.peek(fresh), v, 33)

		// 0/1 in the slots, refreshed into the high scale, cleaned, masked, multiplied by small integers and opened
		bit := make([]float64, len(v))
		mask := make([]int64, len(v))
		want := make([]float64, len(v))
		for i := range v {
			bit[i] = float64(i % 2)
			mask[i] = int64(i % 100)
			want[i] = bit[i] * float64(mask[i])
		}
		b, err := n.e.DropLevel(n.encrypt(bit), n.c.RefreshLevel(true))
		must(t, err)
		h := n.refresh(b, true)
		if !h.High() || h.Level() != n.c.set.TopLevel() {
			t.Fatalf("high %v level %d", h.High(), h.Level())
		}
		near(t, n.peek(h), bit, 33)
		h, err = n.e.Mul(h, h)
		must(t, err)
		m, err := n.c.NewMask(mask, h.Level(), true)
		must(t, err)
		h, err = n.e.MulMask(h, m)
		must(t, err)
		near(t, n.peek(h), want, 25)
		near(t, n.decrypt(h), want, 2)
	}
}
