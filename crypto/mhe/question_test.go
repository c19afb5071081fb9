package mhe

import (
	"bytes"
	"slices"
	"testing"
)

// TestQuestionsShareNoPolynomial: a payer whose older State is asked in the same place about another ciphertext answers on another reference
// polynomial, so that the two answers' difference shows no difference of masks; about the same one, with the same bytes.
func TestQuestionsShareNoPolynomial(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	v := n.ramp()
	first := n.encrypt(v)
	v[0] = 0.25
	second := n.encrypt(v)
	var before [][]byte
	for _, p := range n.parties {
		b, err := p.State()
		must(t, err)
		before = append(before, b)
	}
	ask := func(ct *Ciphertext) (shares [][]byte, a []uint64) {
		q := RefreshRequest{Stage: 3, Index: 5, Ciphertext: ct}
		sum := n.c.NewRefreshSum(n.ref, q)
		for _, state := range before {
			p, err := n.c.Resume(n.ref, n.rot, state)
			must(t, err)
			var b bytes.Buffer
			must(t, p.Refresh(q, &b))
			shares = append(shares, bytes.Clone(b.Bytes()))
			must(t, sum.Add(&b))
		}
		out, err := sum.Finish()
		must(t, err)
		out, err = out.Load()
		must(t, err)
		return shares, out.ct.Value[1].Coeffs[0]
	}
	x, a := ask(first)
	y, again := ask(first)
	if !slices.Equal(a, again) || !slices.EqualFunc(x, y, bytes.Equal) {
		t.Error("the same question has another answer")
	}
	_, b := ask(second)
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	if same > 2 {
		t.Errorf("two questions in one place: their polynomials agree in %d of %d residues", same, len(a))
	}
}
