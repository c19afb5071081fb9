package secagg

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestResume: the same seed says the same in every step, another seed something else.
func TestResume(t *testing.T) {
	p := newScene(4, 3, 20)
	p.fill(rand.New(rand.NewPCG(1, 2)))
	if _, err := p.play(); err != nil {
		t.Fatal(err)
	}
	m := p.round.Members[1]
	old := p.members[m]
	again, err := Resume(p.round, m, old.sign, old.Seed())
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(p.round, m, old.sign)
	if err != nil {
		t.Fatal(err)
	}
	k1, _ := again.Keys()
	k2, _ := other.Keys()
	if msg := p.t.Keys[m]; !bytes.Equal(head(KindKeys, p.round.ID(), m, k1.Body), msg[:k1.head]) || bytes.Equal(k1.Body, k2.Body) {
		t.Error("keys: the same seed must say the same, another one not")
	}
	s1, err := again.Shares(p.t.Keys)
	if err != nil || !bytes.Equal(s1.signed[:s1.head], p.t.Shares[m][:s1.head]) {
		t.Errorf("shares differ: %v", err)
	}
	m1, v, err := again.Masked(p.t.Shares, p.x[m])
	if err != nil || !bytes.Equal(v, p.t.Vectors[m]) || !bytes.Equal(m1.signed[:m1.head], p.t.Masked[m][:m1.head]) {
		t.Errorf("masked vectors differ: %v", err)
	}
}
