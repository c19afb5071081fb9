package mhe

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"testing"
	"time"
)

// clean is the sign polynomial (35x − 35x³ + 21x⁵ − 5x⁷)/16 of Cheon et al. (ePrint 2019/1234) in the Chebyshev basis: it takes an error ε of
// a sign to about ε⁴.
var clean = []string{"0", "1.1962890625", "0", "-0.2392578125", "0", "0.0478515625", "0", "-0.0048828125"}

// TestLastStage runs the last stage of a release at the real parameters: bits with the error that a sign polynomial leaves, refreshed into
// the high scale, cleaned, weighted and opened through the flooding. It holds logMeanNoise, which StatisticalBits rests on, and logs the
// cost of one payer's part.
func TestLastStage(t *testing.T) {
	if testing.Short() {
		t.Skip("real 128-bit parameters")
	}
	for _, set := range []string{"standard", "wide"} {
		t.Run(set, func(t *testing.T) {
			const payers = 3
			n := newNetwork(t, set, payers, Rotation{1, 6}, Rotation{2, 6})
			timed := func(what string, size int64, f func()) {
				start := time.Now()
				f()
				t.Logf("%-32s %8.3f s %12d bytes", what, time.Since(start).Seconds(), size)
			}
			var own bytes.Buffer
			timed("round one, one payer", n.c.RoundOneSize(n.rot), func() { must(t, n.parties[0].KeyRoundOne(&own)) })
			k := n.c.NewKeySum(n.ref, n.rot)
			timed("add round one", 0, func() { must(t, k.AddRoundOne(&own)) })
			for _, p := range n.parties[1:] {
				own.Reset()
				must(t, p.KeyRoundOne(&own))
				must(t, k.AddRoundOne(&own))
			}
			timed("digest", 0, func() { k.Digest() })
			var two [payers]bytes.Buffer
			for i, p := range n.parties {
				timed("round two, one payer", n.c.RoundTwoSize(), func() { must(t, p.KeyRoundTwo(k, &two[i])) })
			}
			for i := range two {
				timed("add round two", 0, func() { must(t, k.AddRoundTwo(&two[i])) })
				two[i] = bytes.Buffer{}
			}
			own = bytes.Buffer{}
			timed("keys", 0, func() {
				keys, err := k.Keys()
				must(t, err)
				n.keys = keys
			})
			var heap runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&heap)
			t.Logf("heap with the keys %d MB", heap.HeapAlloc>>20)
			timed("evaluator", 0, func() { n.e = n.c.NewEvaluator(n.keys) })

			slots := n.c.set.Slots()
			sign, exact, weight := make([]float64, slots), make([]int64, slots), make([]int64, slots)
			for i := range sign {
				sign[i] = 1 - math.Exp2(-24)*float64(i%7)/7
				weight[i] = int64(i * 7 % 101)
				if i%3 == 0 {
					sign[i] = -sign[i]
				} else {
					exact[i] = weight[i]
				}
			}
			timed("input, one payer", n.c.InputSize(), func() { must(t, n.parties[0].Input(99, sign, io.Discard)) })
			ct := n.encrypt(sign)
			var err error
			timed("multiply at the top", 0, func() { _, err = n.e.Mul(ct, ct) })
			must(t, err)
			deg31 := make([]string, 32)
			for i := range deg31 {
				deg31[i] = "0"
				if i%2 == 1 {
					deg31[i] = "0.05"
				}
			}
			p31, err := NewPolynomial(deg31)
			must(t, err)
			timed("odd polynomial of degree 31", 0, func() { _, err = n.e.Evaluate(ct, p31) })
			must(t, err)
			low, err := n.e.DropLevel(ct, 5)
			must(t, err)
			timed("rotate at level 5", 0, func() { _, err = n.e.Rotate(low, 1) })
			must(t, err)
			ct, err = n.e.DropLevel(ct, n.c.RefreshLevel(false))
			must(t, err)
			timed("refresh, all payers and sum", n.c.RefreshSize(false), func() { ct = n.refresh(ct, false) })
			near(t, n.peek(ct), sign, 26)

			ct, err = n.e.DropLevel(ct, n.c.RefreshLevel(true))
			must(t, err)
			timed("refresh high, all payers and sum", n.c.RefreshSize(true), func() { ct = n.refresh(ct, true) })
			p, err := NewPolynomial(clean)
			must(t, err)
			timed("clean", 0, func() { ct, err = n.e.Evaluate(ct, p.Half()) })
			must(t, err)
			ct, err = n.e.AddConst(ct, 1, 2)
			must(t, err)
			square := ct
			ct, err = n.e.Mul(ct, square)
			must(t, err)
			ct, err = n.e.DropLevel(ct, 4)
			must(t, err)
			var m *Mask
			timed("mask", 0, func() { m, err = n.c.NewMask(weight, ct.Level(), true) })
			must(t, err)
			timed("second mask", 0, func() { m, err = n.c.NewMask(weight, ct.Level(), true) })
			must(t, err)
			ct, err = n.e.MulMask(ct, m)
			must(t, err)
			noise := n.noise(ct, exact)
			t.Logf("mean coefficient noise 2^%.1f, granted 2^%d", noise, n.c.set.logMeanNoise)
			if noise > float64(n.c.set.logMeanNoise) {
				t.Errorf("the flooding does not cover a mean noise of 2^%.1f", noise)
			}
			var v []float64
			timed("decrypt, all payers and sum", n.c.DecryptSize(), func() { v = n.decrypt(ct) })
			worst := 0.0
			for i := range v {
				worst = max(worst, math.Abs(v[i]-float64(exact[i])))
			}
			t.Logf("level %d, flooding of %d bits moves a slot by %.4f at most; %d statistical bits", ct.Level(), n.c.floodBits(), worst, n.c.set.StatisticalBits(payers))
			if worst > 0.25 {
				t.Errorf("a slot was moved by %.4f", worst)
			}
		})
	}
}
