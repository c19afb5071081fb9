package mhe

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestInputSum: whatever the payers' vectors and the order of their shares, the aggregate decodes to the sum, and is the same bit for bit.
func TestInputSum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		payers := rapid.IntRange(2, 4).Draw(rt, "payers")
		set := rapid.SampledFrom([]string{"toy", "toy-wide"}).Draw(rt, "set")
		n := newNetwork(t, set, payers)
		n.ref = NewReference(seed("run", rapid.Int().Draw(rt, "run")), seed("checkpoint", 0))
		for _, p := range n.parties {
			p.ref = n.ref
		}
		slots := n.c.set.Slots()
		want := make([]float64, slots)
		shares := make([][]byte, payers)
		for i, p := range n.parties {
			v := make([]float64, slots)
			for s := range 20 {
				v[s] = rapid.Float64Range(-1, 1).Draw(rt, "value") / float64(payers)
				want[s] += v[s]
			}
			var b bytes.Buffer
			must(t, p.Input(0, v, &b))
			shares[i] = b.Bytes()
		}
		sum := func(order []int) *Ciphertext {
			s := n.c.NewInputSum(n.ref, 1)
			for k, i := range order {
				if _, err := s.Ciphertexts(); !errors.Is(err, ErrIncomplete) {
					rt.Fatalf("%d of %d shares: %v", k, payers, err)
				}
				must(t, s.Add(0, bytes.NewReader(shares[i])))
			}
			if s.Add(0, bytes.NewReader(shares[0])) == nil {
				rt.Fatal("one share too many was added")
			}
			cts, err := s.Ciphertexts()
			must(t, err)
			return cts[0]
		}
		order := make([]int, payers)
		for i := range order {
			order[i] = i
		}
		a := sum(order)
		b := sum(rapid.Permutation(order).Draw(rt, "order"))
		if a.Hash() != b.Hash() {
			rt.Fatal("the order of the shares changed the sum")
		}
		got, err := n.c.Rehearse(n.parties, a)
		must(t, err)
		for s := range want {
			if d := math.Abs(got[s] - want[s]); d > math.Exp2(-45) {
				rt.Fatalf("slot %d: %v, want %v", s, got[s], want[s])
			}
		}
	})
}

// TestOrder: refresh and decryption shares in any order give the same ciphertext and the same slots.
func TestOrder(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	q := RefreshRequest{Stage: 1, Ciphertext: n.encrypt(n.ramp()), High: true}
	shares := n.each(n.c.RefreshSize(true), func(p *Party, w *bytes.Buffer) error { return p.Refresh(q, w) })
	fresh := func(order ...int) *Ciphertext {
		s := n.c.NewRefreshSum(n.ref, q)
		for _, i := range order {
			must(t, s.Add(bytes.NewReader(shares[i])))
		}
		ct, err := s.Finish()
		must(t, err)
		return ct
	}
	ct := fresh(0, 1, 2)
	if ct.Hash() != fresh(2, 0, 1).Hash() {
		t.Error("the order of the refresh shares changed the ciphertext")
	}
	shares = n.each(n.c.DecryptSize(), func(p *Party, w *bytes.Buffer) error { return p.Decrypt(0, ct, w) })
	open := func(order ...int) []float64 {
		s := n.c.NewDecryptSum(ct)
		for _, i := range order {
			must(t, s.Add(bytes.NewReader(shares[i])))
		}
		v, err := s.Slots()
		must(t, err)
		return v
	}
	if !slices.Equal(open(0, 1, 2), open(1, 2, 0)) {
		t.Error("the order of the decryption shares changed the slots")
	}

	// a share of one payer does not decode, and nothing finishes without all
	s := n.c.NewDecryptSum(ct)
	must(t, s.Add(bytes.NewReader(shares[0])))
	if _, err := s.Slots(); !errors.Is(err, ErrIncomplete) {
		t.Errorf("opened with one share: %v", err)
	}
	if err := s.Add(bytes.NewReader(shares[0][:2000])); !errors.Is(err, ErrMalformed) {
		t.Errorf("truncated share: %v", err)
	}
	if err := s.Add(bytes.NewReader(shares[1])); !errors.Is(err, ErrBroken) {
		t.Errorf("aggregate after a truncated share: %v", err)
	}
}

// TestResume: a party that comes back goes on where it was, makes the same bytes, and has forgotten nothing it gave.
func TestResume(t *testing.T) {
	n := newNetwork(t, "toy", 3, Rotation{1, 4}).key()
	p := n.parties[0]
	ct := n.encrypt(n.ramp())
	q := RefreshRequest{Stage: 1, Ciphertext: ct}
	before, err := p.State()
	must(t, err)
	var a, b bytes.Buffer
	must(t, p.Refresh(q, &a))
	after, err := p.State()
	must(t, err)

	early, err := n.c.Resume(n.ref, n.rot, before)
	must(t, err)
	must(t, early.Refresh(q, &b))
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same share has other bytes after a restart")
	}
	late, err := n.c.Resume(n.ref, n.rot, after)
	must(t, err)
	wantErr(t, "refresh after a restart", late.Refresh(q, io.Discard), ErrShareUsed)
	q.Index++
	wantErr(t, "same ciphertext after a restart", late.Refresh(q, io.Discard), ErrShareUsed)
	wantErr(t, "round one after a restart", late.KeyRoundOne(io.Discard), ErrShareUsed)

	other := NewReference(seed("other", 0), seed("run", 0))
	if _, err := n.c.Resume(other, n.rot, after); err == nil {
		t.Error("resumed in another run")
	}
	for _, bad := range [][]byte{nil, after[:len(after)-1], append(bytes.Clone(after), '\n'), bytes.Replace(after, []byte(`"payers":3`), []byte(`"payers":4`), 1)} {
		if _, err := n.c.Resume(n.ref, n.rot, bad); err == nil || strings.Contains(err.Error(), string(after[100:140])) {
			t.Errorf("damaged state: %v", err)
		}
	}
	p.Erase()
	if _, err := p.State(); !errors.Is(err, ErrErased) {
		t.Errorf("state of an erased party: %v", err)
	}
}

// TestRehearseRefusesSecureSets: the only way to open without flooding is closed outside the toy sets.
func TestRehearseRefusesSecureSets(t *testing.T) {
	s, err := Lookup("standard")
	must(t, err)
	if _, err := (&Context{set: s, payers: 2}).Rehearse(nil, nil); err == nil {
		t.Error("opened")
	}
}
