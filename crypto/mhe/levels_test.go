package mhe

import "testing"

func TestRefreshLevelOfSet(t *testing.T) {
	for _, name := range []string{"standard", "wide", "toy", "toy-wide"} {
		s, err := Lookup(name)
		must(t, err)
		for _, payers := range []int{MinPayers, 5, MaxPayers} {
			c, err := NewContext(s, payers)
			must(t, err)
			for _, high := range []bool{false, true} {
				if got, want := s.RefreshLevel(payers, high), c.RefreshLevel(high); got != want {
					t.Errorf("%s, %d payers, high %v: level %d, context says %d", name, payers, high, got, want)
				}
			}
		}
	}
}

// TestAtScaleOf: a product drifts from the working scale, is refused in a sum, and may be declared to be there.
func TestAtScaleOf(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	v := n.ramp()
	ct := n.encrypt(v)
	sq, err := n.e.Mul(ct, ct)
	must(t, err)
	if _, err := n.e.Add(sq, ct); err == nil {
		t.Fatal("the product did not drift: the test tests nothing")
	}
	before := sq.Hash()
	at, err := n.e.AtScaleOf(sq, ct)
	must(t, err)
	if sq.Hash() != before || at.Scale().Cmp(ct.Scale()) != 0 {
		t.Fatal("the operand changed, or the result has another scale")
	}
	sum, err := n.e.Add(at, ct)
	must(t, err)
	want := make([]float64, len(v))
	for i, x := range v {
		want[i] = x + x*x
	}
	near(t, n.peek(sum), want, 20)
	far := n.c.newCiphertext(ct.Level(), false)
	far.ct.Scale = far.ct.Scale.Mul(far.ct.Scale)
	if _, err := n.e.AtScaleOf(far, ct); err == nil {
		t.Error("scales far apart were accepted")
	}
	if _, err := n.e.AtScaleOf(n.c.newCiphertext(ct.Level(), true), ct); err == nil {
		t.Error("the high scale was accepted for the working one")
	}
}
