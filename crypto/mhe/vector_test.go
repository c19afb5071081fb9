package mhe

import (
	"math/big"
	"testing"
)

// TestVectorAndShrink: sums far outside [−1, 1] come back at exactly the working scale, and a public vector is added exactly.
func TestVectorAndShrink(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		n := newNetwork(t, set, 3).key()
		v := n.ramp()
		ct := n.encrypt(v)
		large, err := n.e.MulConst(ct, 200003)
		must(t, err)
		square, err := n.e.Mul(large, ct) // at a scale that has drifted
		must(t, err)
		values, want := make([]int64, len(v)), make([]float64, len(v))
		for i, x := range v {
			values[i] = int64(i%7) - 3
			want[i] = 200003*x*x/1000003 + float64(values[i])/1000003
		}
		small, err := n.e.Shrink(square, 1000003)
		must(t, err)
		scale := n.c.low.DefaultScale()
		if small.Level() != square.Level()-1 || small.Scale().Cmp(&scale.Value) != 0 {
			t.Errorf("%s: level %d, scale %v", set, small.Level(), small.Scale())
		}
		sum, err := n.e.AddVector(small, values, 1000003)
		must(t, err)
		near(t, n.peek(sum), want, 24)
		again, err := n.e.ShallowCopy().AddVector(small, values, 1000003)
		must(t, err)
		if sum.Hash() != again.Hash() {
			t.Error("adding the same vector twice gives two ciphertexts")
		}
		high := n.refresh(ct, true)
		if high, err = n.e.AddVector(high, values, 4); err != nil {
			t.Fatal(err)
		}
		for i, x := range v {
			want[i] = x + float64(values[i])/4
		}
		near(t, n.peek(high), want, 30)
		odd, err := n.e.MulConst(ct, 1)
		must(t, err)
		odd.ct.Scale.Value.Mul(&odd.ct.Scale.Value, big.NewFloat(1<<20))
		for name, f := range map[string]func() (*Ciphertext, error){
			"high scale":  func() (*Ciphertext, error) { return n.e.Shrink(high, 3) },
			"divisor 0":   func() (*Ciphertext, error) { return n.e.Shrink(ct, 0) },
			"too much":    func() (*Ciphertext, error) { return n.e.Shrink(ct, maxShrink+1) },
			"large scale": func() (*Ciphertext, error) { return n.e.Shrink(odd, maxShrink) },
			"short":       func() (*Ciphertext, error) { return n.e.AddVector(ct, values[1:], 1) },
			"over 0":      func() (*Ciphertext, error) { return n.e.AddVector(ct, values, 0) },
		} {
			if _, err := f(); err == nil {
				t.Errorf("%s: %s was accepted", set, name)
			}
		}
		bottom, err := n.e.DropLevel(ct, 0)
		must(t, err)
		if _, err := n.e.Shrink(bottom, 3); err == nil {
			t.Error("shrunk at level 0")
		}
	}
}
