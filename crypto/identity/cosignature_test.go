package identity

import (
	"bytes"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// TestCosignatures: transparency-dev's verifier, made from the printed key, and ours agree on every case.
func TestCosignatures(t *testing.T) {
	const origin, name = "log.example/governance", "log.example/governance/payer-a"
	k := fixed(t, "payer-a", 1)
	v, err := k.Public().CosignatureVerifier(name)
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := k.Public().CosignatureKey(name)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := fnote.NewVerifierForCosignatureV1(vkey)
	if err != nil || foreign.KeyHash() != v.KeyHash() || foreign.Name() != v.Name() {
		t.Fatalf("%v; key hashes %x and %x", err, foreign.KeyHash(), v.KeyHash())
	}
	text := []byte(origin + "\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	at := time.Unix(1_750_000_000, 0)
	sig, err := k.Cosigner(name, at).Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	later := bytes.Clone(sig)
	later[7]++
	for what, c := range map[string]struct {
		text, sig []byte
		good      bool
	}{
		"good":         {text, sig, true},
		"another size": {bytes.Replace(text, []byte("7"), []byte("8"), 1), sig, false},
		"another time": {text, later, false},
		"cut":          {text, sig[:len(sig)-1], false},
		"nothing":      {text, nil, false},
		"long":         {text, append(bytes.Clone(sig), 0), false},
	} {
		if ours, theirs := v.Verify(c.text, c.sig), foreign.Verify(c.text, c.sig); ours != c.good || theirs != c.good {
			t.Errorf("%s: ours %v, theirs %v", what, ours, theirs)
		}
	}
	msg, err := note.Sign(&note.Note{Text: string(text)}, k.Cosigner(name, at))
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(msg, note.VerifierList(foreign))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fnote.CoSigV1Timestamp(n.Sigs[0]); err != nil || !got.Equal(at) {
		t.Errorf("time %v, %v", got, err)
	}
	// A cosignature is no log's signature, nor the other way round, under one and the same key and name.
	plain, err := k.Public().NoteVerifier(name)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := k.NoteSigner(name).Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Verify(text, sig[8:]) || v.Verify(text, append(make([]byte, 8), logs...)) || plain.KeyHash() == v.KeyHash() {
		t.Error("one passes for the other")
	}
	for _, bad := range [][]byte{nil, []byte("no newline"), []byte("a\tb\n")} {
		if _, err := k.Cosigner(name, at).Sign(bad); err == nil && bad != nil {
			t.Errorf("cosigned %q", bad)
		}
	}
	if _, err := k.Cosigner("two words", at).Sign(text); err == nil {
		t.Error("a malformed name")
	}
	if _, err := k.Cosigner(name, time.Unix(-1, 0)).Sign(text); err == nil {
		t.Error("a time before 1970")
	}
	if _, err := k.Public().CosignatureKey(strings.Repeat("x y", 2)); err == nil {
		t.Error("a key of a malformed name")
	}
}
