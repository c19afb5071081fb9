package sum

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// TestConvicts: what proves something against the convener, and what does not.
func TestConvicts(t *testing.T) {
	r := secagg.Round{Manifest: [32]byte{4}, Number: 1, Members: inprocess.Roster(3), Threshold: 2, Length: 1, Cap: 9}
	hub, anybody := inprocess.Signatures(inprocess.Convener), inprocess.Signatures("m00")
	room, err := inprocess.New(r, inprocess.Signatures)
	if err != nil {
		t.Fatal(err)
	}
	if err := room.Play(secagg.KindMasked, func(string) []int64 { return []int64{1} }); err != nil {
		t.Fatal(err)
	}
	less := func(m map[string][]byte, name string, raw []byte) map[string][]byte {
		out := map[string][]byte{}
		for n, b := range m {
			if n != name {
				out[n] = b
			} else if raw != nil {
				out[n] = raw
			}
		}
		return out
	}
	keys, shares, masked := room.T.Keys, room.T.Shares, room.T.Masked
	forged := secagg.Sign(inprocess.Signatures("x"), secagg.KindKeys, r, "m01", []byte("keys")).Bytes()
	two, _ := room.Propose(less(masked, "m00", nil))
	one, _ := room.Propose(masked)
	second := r
	second.Number = 2
	for _, c := range []struct {
		what string
		a, b []byte
		want string
	}{
		{"an honest set", state(r, hub, secagg.KindKeys, keys), keys["m01"], ""},
		{"an honest set alone", state(r, hub, secagg.KindKeys, keys), nil, ""},
		{"the same set twice", state(r, hub, secagg.KindKeys, keys), state(r, hub, secagg.KindKeys, keys), ""},
		{"sets of two kinds", state(r, hub, secagg.KindKeys, keys), state(r, hub, secagg.KindShares, shares), ""},
		{"a member that dropped", state(r, hub, secagg.KindMasked, less(masked, "m00", nil)), nil, ""},
		{"a second attempt behind masked vectors", state(r, hub, secagg.KindMasked, masked), state(second, hub, begun, nil), ""},
		{"one list", one.Bytes(), one.Bytes(), ""},
		{"a message that is not in the set", state(r, hub, secagg.KindKeys, keys), forged, ""},
		{"statements of a member", state(r, anybody, secagg.KindShares, shares), state(r, anybody, secagg.KindShares, less(shares, "m02", nil)), ""},
		{"two sets", state(r, hub, secagg.KindShares, shares), state(r, hub, secagg.KindShares, less(shares, "m02", nil)), "two sets of shares"},
		{"a forged message", state(r, hub, secagg.KindKeys, less(keys, "m01", forged)), forged, "m01 sent a keys message which is not one"},
		{"a smaller roster", state(r, hub, secagg.KindKeys, less(keys, "m01", nil)), nil, "keys messages of 2 members"},
		{"too few", state(r, hub, secagg.KindList, map[string][]byte{"m00": {1}}), nil, "list messages of 1 members"},
		{"a round again", state(second, hub, begun, nil), state(r, hub, secagg.KindList, masked), "attempt 2 after the lists of attempt 1"},
		{"two lists", one.Bytes(), two.Bytes(), "two lists in attempt 1"},
	} {
		what, ok := Convicts(r, anybody, inprocess.Convener, c.a, c.b)
		if ok != (c.want != "") || !strings.Contains(what, c.want) {
			t.Errorf("%s: %q, want %q", c.what, what, c.want)
		}
	}
}

// FuzzStatement: nothing but what the convener has signed is a statement.
func FuzzStatement(f *testing.F) {
	r := secagg.Round{Manifest: [32]byte{4}, Number: 1, Members: inprocess.Roster(3), Threshold: 2, Length: 1, Cap: 9}
	hub := inprocess.Signatures(inprocess.Convener)
	good := state(r, hub, secagg.KindShares, map[string][]byte{"m00": {1}})
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte(setMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := readStatement(masked{}, r, hub, inprocess.Convener, b); err == nil && string(b) != string(good) {
			t.Errorf("a statement nobody signed: %v", x)
		}
	})
}
