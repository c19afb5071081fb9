package mhe

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestShareOnce: every share leaves a party once, and never twice on the same public polynomial, whatever the label.
func TestShareOnce(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	p := n.parties[0]
	wantErr(t, "keys-1", p.KeyRoundOne(io.Discard), ErrShareUsed)
	v := n.ramp()
	ct := n.encrypt(v)
	wantErr(t, "input", p.Input(0, v, io.Discard), ErrShareUsed)

	q := RefreshRequest{Stage: 1, Index: 2, Ciphertext: ct}
	must(t, p.Refresh(q, io.Discard))
	wantErr(t, "refresh again", p.Refresh(q, io.Discard), ErrShareUsed)
	q.High = true
	wantErr(t, "refresh, other scale", p.Refresh(q, io.Discard), ErrShareUsed)
	q.Index = 3
	wantErr(t, "refresh, other label, same ciphertext", p.Refresh(q, io.Discard), ErrShareUsed)
	low, err := n.e.DropLevel(ct, n.c.RefreshLevel(false))
	must(t, err)
	q.Index, q.Ciphertext = 4, low
	wantErr(t, "refresh, same ciphertext lower", p.Refresh(q, io.Discard), ErrShareUsed)

	h := n.refresh(n.encrypt(v), true)
	must(t, p.Decrypt(100, h, io.Discard))
	wantErr(t, "decrypt again", p.Decrypt(100, h, io.Discard), ErrShareUsed)
	wantErr(t, "decrypt, other label", p.Decrypt(101, h, io.Discard), ErrShareUsed)

	p.Erase()
	wantErr(t, "erased", p.Input(9, v, io.Discard), ErrErased)
	wantErr(t, "erased", p.Refresh(RefreshRequest{Stage: 9, Ciphertext: n.encryptWithout(0, v)}, io.Discard), ErrErased)
	wantErr(t, "erased", p.Decrypt(9, h, io.Discard), ErrErased)
	for _, c := range append(p.s.Q.Coeffs, p.u.P.Coeffs...) {
		for _, x := range c {
			if x != 0 {
				t.Fatal("secret not overwritten")
			}
		}
	}
	if p.seed != [32]byte{} {
		t.Fatal("seed not overwritten")
	}
}

// encryptWithout makes some ciphertext for a network in which a payer is gone.
func (n *network) encryptWithout(gone int, v []float64) *Ciphertext {
	ct := n.c.newCiphertext(n.c.set.TopLevel(), false)
	ct.ct.Value[1] = n.c.publicQ(n.ref, n.c.set.TopLevel(), "test", gone)
	return ct
}

// TestFailedWriteSpendsLabel: some of the share may have left.
func TestFailedWriteSpendsLabel(t *testing.T) {
	n := newNetwork(t, "toy", 3)
	p := n.parties[0]
	if err := p.Input(0, n.ramp(), failing{}); err == nil {
		t.Fatal("the writer's error was lost")
	}
	wantErr(t, "second attempt", p.Input(0, n.ramp(), io.Discard), ErrShareUsed)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

// TestRoundTwoNeedsOwnSum: the answer of round two is given on nothing but the complete own aggregate of the same run.
func TestRoundTwoNeedsOwnSum(t *testing.T) {
	n := newNetwork(t, "toy", 3, Rotation{1, 5})
	one := n.each(n.c.RoundOneSize(n.rot), func(p *Party, w *bytes.Buffer) error { return p.KeyRoundOne(w) })
	add := func(k *KeySum, shares ...int) *KeySum {
		for _, i := range shares {
			must(t, k.AddRoundOne(bytes.NewReader(one[i])))
		}
		return k
	}
	p := n.parties[0]
	wantErr(t, "incomplete", p.KeyRoundTwo(add(n.c.NewKeySum(n.ref, n.rot), 0, 1), io.Discard), ErrIncomplete)

	k := add(n.c.NewKeySum(n.ref, n.rot), 1, 2)
	wantErr(t, "replayed share", k.AddRoundOne(bytes.NewReader(one[1])), ErrDuplicate)
	wantErr(t, "after a replay", k.AddRoundOne(bytes.NewReader(one[0])), ErrBroken)

	stranger, err := n.c.newParty(n.ref, n.rot, seed("stranger", 0))
	must(t, err)
	var b bytes.Buffer
	must(t, stranger.KeyRoundOne(&b))
	k = add(n.c.NewKeySum(n.ref, n.rot), 1, 2)
	must(t, k.AddRoundOne(&b))
	if err := p.KeyRoundTwo(k, io.Discard); err == nil {
		t.Error("round two on an aggregate without the own share")
	}
	if err := p.KeyRoundTwo(n.c.NewKeySum(NewReference(seed("x", 0), seed("y", 0)), n.rot), io.Discard); err == nil {
		t.Error("round two for another run")
	}
	if err := p.KeyRoundTwo(n.c.NewKeySum(n.ref, nil), io.Discard); err == nil {
		t.Error("round two for another plan")
	}

	// a share of round two that breaks off leaves a peer's bytes where H0 was
	k = add(n.c.NewKeySum(n.ref, n.rot), 0, 1, 2)
	b.Reset()
	must(t, n.parties[2].KeyRoundTwo(k, &b))
	if err := k.AddRoundTwo(bytes.NewReader(nil)); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
	wantErr(t, "truncated share of round two", k.AddRoundTwo(bytes.NewReader(b.Bytes()[:b.Len()/2])), ErrMalformed)
	if err := p.KeyRoundTwo(k, io.Discard); err == nil || errors.Is(err, ErrShareUsed) {
		t.Errorf("round two on a peer's bytes: %v", err)
	}
	wantErr(t, "after a truncated share", k.AddRoundTwo(&b), ErrBroken)

	good := add(n.c.NewKeySum(n.ref, n.rot), 2, 0, 1)
	other := add(n.c.NewKeySum(n.ref, n.rot), 1, 2, 0)
	if good.Digest() != other.Digest() || good.Digest() == [32]byte{} {
		t.Error("the order of the shares changed the aggregate")
	}
	b.Reset()
	must(t, p.KeyRoundTwo(good, &b))
	wantErr(t, "keys-2 again", p.KeyRoundTwo(good, io.Discard), ErrShareUsed)
	must(t, good.AddRoundTwo(&b))
	if err := n.parties[1].KeyRoundTwo(good, io.Discard); err == nil {
		t.Error("round two after the sum of round one was given up")
	}
	if _, err := good.Keys(); !errors.Is(err, ErrIncomplete) {
		t.Errorf("keys from one share of round two: %v", err)
	}
}

// TestDecryptRefusals: a share is never given where its flooding would not hide the noise.
func TestDecryptRefusals(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	p := n.parties[0]
	ct := n.encrypt(n.ramp())
	refused := func(what string, err error, reason string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", what, err, reason)
		}
	}
	refused("working scale", p.Decrypt(0, ct, io.Discard), "only a result at the high scale")
	h := n.refresh(ct, true)
	low, err := n.e.DropLevel(h, n.c.set.DecryptLevel()-1)
	must(t, err)
	refused("below its level", p.Decrypt(0, low, io.Discard), "level 1 is below 2")
	h.ct.Scale.Value.SetMantExp(&h.ct.Scale.Value, -20)
	refused("a scale that is not the high one", p.Decrypt(0, h, io.Discard), "not at the high scale")
	below, err := n.e.DropLevel(n.encrypt(n.ramp()), n.c.RefreshLevel(false)-1)
	must(t, err)
	refused("refresh below its level", p.Refresh(RefreshRequest{Stage: 1, Ciphertext: below}, io.Discard), "level 2 is below 3")
	refused("refresh of a high ciphertext", p.Refresh(RefreshRequest{Stage: 1, Ciphertext: h}, io.Discard), "high scale already")
	for _, c := range append(p.u.Q.Coeffs, p.u.P.Coeffs...) {
		for _, x := range c {
			if x != 0 {
				t.Fatal("the ephemeral secret outlived round two")
			}
		}
	}
}
