package mhe

import (
	"math"
	"strings"
	"testing"
)

// TestEvaluateFactor: the product of a factor and a ciphertext is at the working scale to the last bit, so that it adds to a fresh one, and holds the right values.
func TestEvaluateFactor(t *testing.T) {
	p, err := NewPolynomial([]string{"0", "1.5", "0", "-0.5"})
	must(t, err)
	for _, set := range []string{"toy", "toy-wide"} {
		n := newNetwork(t, set, 2)
		n.key()
		e := n.c.NewEvaluator(n.keys)
		v := n.ramp()
		ct, err := e.DropLevel(n.encrypt(v), 6)
		must(t, err)
		f, err := e.EvaluateFactor(ct, p)
		must(t, err)
		if f.Level() != 4 {
			t.Fatalf("ends at level %d", f.Level())
		}
		prod, err := e.Mul(f, ct)
		must(t, err)
		if a, b := prod.Scale(), ct.Scale(); a.Sub(a, b).Sign() != 0 && b.MantExp(nil)-a.MantExp(nil) < 100 {
			t.Fatalf("set %s: the product's scale is off by %v", set, a)
		}
		sum, err := e.Add(prod, ct)
		must(t, err)
		got, err := n.c.Rehearse(n.parties, sum)
		must(t, err)
		for i, x := range v {
			cheb3 := 4*x*x*x - 3*x
			if want := (1.5*x-0.5*cheb3)*x + x; math.Abs(got[i]-want) > 1e-8 {
				t.Fatalf("set %s, slot %d: got %v, want %v", set, i, got[i], want)
			}
		}
		low, err := e.DropLevel(ct, 2)
		must(t, err)
		if _, err := e.EvaluateFactor(low, p); err == nil || !strings.Contains(err.Error(), "level 2, needs 3") {
			t.Errorf("too low: got %v", err)
		}
		if _, err := n.c.NewEvaluator(nil).EvaluateFactor(ct, p); err == nil {
			t.Error("worked without keys")
		}
	}
}
