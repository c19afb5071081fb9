package secagg

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
)

// TestDroppedOpensNoBox: m04 drops, its mask key is put together from the reveals. With a box keyed by the pair's mask secret that key would open
// every box m04 has dealt and with them its own mask; the real boxes stay shut.
func TestDroppedOpensNoBox(t *testing.T) {
	s := newScene(5, 3, 2)
	s.fill(rand.New(rand.NewPCG(20, 21)))
	s.stops["m04"] = KindShares
	sum, err := s.play()
	if err != nil || len(sum.Dropped) != 1 {
		t.Fatal(sum, err)
	}
	id, signing := s.round.ID(), s.keys.of(convener)
	keys, _ := collect(signing, s.round, KindKeys, s.t.Keys, func(int) int { return keysSize }, true)
	shares, _ := collect(signing, s.round, KindShares, s.t.Shares, sharesSize, false)
	reveals, _ := collect(signing, s.round, KindReveal, s.t.Reveals, revealSize, false)
	list, _ := open(signing, KindList, s.round, s.t.Lists["m00"], listSize(s.round, 5))
	seed, err := reconstruct(s.round, id, list.Body, reveals, shares[4], 4, dropped)
	if err != nil {
		t.Fatal(err)
	}
	private, _ := keyPair(seed, id)
	for i := range 4 {
		e := entryOf(shares[4].Body, i)
		shared, _, _ := encapsulate(seed, id, i, maskKeyOf(keys[i]))
		naive := box(shared, id, 4, i).Seal(nil, nonce, make([]byte, 2*scalarSize), nil)
		if _, err := box(shared, id, 4, i).Open(nil, nonce, naive, nil); err != nil {
			t.Fatal("the attack does not work on the naive box:", err)
		}
		for what, k := range map[string][]byte{
			"the encapsulation made again": shared,
			"the mask key":                 xwing.Decapsulate(e.toBox, private),
		} {
			if _, err := box(k, id, 4, i).Open(nil, nonce, e.sealed, nil); err == nil {
				t.Errorf("%s opens m04's box for member %d: its own mask has no cover", what, i)
			}
		}
		if _, err := box(xwing.Decapsulate(entryOf(shares[i].Body, 4).toBox, private), id, i, 4).Open(nil, nonce, entryOf(shares[i].Body, 4).sealed, nil); err == nil {
			t.Errorf("the mask key opens what member %d has dealt m04", i)
		}
	}
}

// TestTwoKeys: m02 sends two keys messages, one to m00, another to the rest, and drops: the mask m00 shares with it would not be removed.
func TestTwoKeys(t *testing.T) {
	s := newScene(3, 2, 2)
	s.fill(rand.New(rand.NewPCG(22, 23)))
	two, _ := New(s.round, "m02", s.keys.of("m02"))
	for _, n := range s.round.Members {
		s.members[n], _ = New(s.round, n, s.keys.of(n))
		_ = put(s.t.Keys, n)(s.members[n].Keys())
	}
	other, _ := two.Keys()
	shown := map[string][]byte{"m00": s.t.Keys["m00"], "m01": s.t.Keys["m01"], "m02": other.Bytes()}
	for _, n := range s.round.Members {
		keys := s.t.Keys
		if n == "m00" {
			keys = shown
		}
		if err := put(s.t.Shares, n)(s.members[n].Shares(keys)); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := s.members["m00"].Masked(s.t.Shares, s.x["m00"])
	refused(t, "two keys of one member", "shown other keys", err)
	if name, ok := Conflict(s.keys.of("m00"), s.round, KindKeys, s.t.Keys["m02"], other.Bytes()); !ok || name != "m02" {
		t.Error("two keys messages are no evidence")
	}
}

func TestHistory(t *testing.T) {
	var h History
	s := upTo(t, 3, 2, KindReveal)
	r := s.round
	if _, err := h.Begin(r, "m00", s.keys.of("m00")); err != nil {
		t.Fatal(err)
	}
	_, err := h.Begin(r, "m00", s.keys.of("m00"))
	refused(t, "a number twice", "round 1 after round 1", err)
	if _, err := h.Reveal(s.members["m00"], s.t.Lists); err != nil {
		t.Fatal(err)
	}
	r.Number = 9
	if _, err = h.Begin(r, "m00", s.keys.of("m00")); !errors.Is(err, ErrHistory) {
		t.Error("a second sum for one manifest:", err)
	}
}
