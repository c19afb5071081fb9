package identity

import (
	"bytes"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// TestCosignatures: transparency-dev's verifiers, made from the printed keys, and ours agree on every case: Ed25519 and ML-DSA-44, the latter with
// another implementation of the algorithm.
func TestCosignatures(t *testing.T) {
	const origin, name = "log.example/governance", "log.example/governance/payer-a"
	k := fixed(t, "payer-a", 1)
	text := []byte(origin + "\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	at := time.Unix(1_750_000_000, 0)
	ours, err := k.Public().CosignatureVerifiers(name)
	if err != nil {
		t.Fatal(err)
	}
	var foreign []note.Verifier
	for i, signer := range k.Cosigners(name, at) {
		v := ours[i]
		vkey, err := []func(string) (string, error){k.Public().CosignatureKey, k.Public().SubtreeKey}[i](name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := fnote.NewVerifierForCosignatureV1(vkey)
		if err != nil || f.KeyHash() != v.KeyHash() || f.Name() != v.Name() || signer.KeyHash() != v.KeyHash() || signer.Name() != name {
			t.Fatalf("%v; key hashes %x and %x", err, f.KeyHash(), v.KeyHash())
		}
		foreign = append(foreign, f)
		if read, err := ParseVerifierKey(vkey); err != nil || !read.Cosigner || read.Log != (i == 1) || read.KeyHash() != v.KeyHash() {
			t.Fatalf("the printed key is read as %+v, %v", read, err)
		}
		sig, err := signer.Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		later := bytes.Clone(sig)
		later[7]++
		for what, c := range map[string]struct {
			text, sig []byte
			good      bool
		}{
			"good":          {text, sig, true},
			"another size":  {bytes.Replace(text, []byte("7"), []byte("8"), 1), sig, false},
			"another root":  {bytes.Replace(text, []byte("AAAA"), []byte("AAAB"), 1), sig, false},
			"another log":   {bytes.Replace(text, []byte("log."), []byte("lot."), 1), sig, false},
			"another time":  {text, later, false},
			"cut":           {text, sig[:len(sig)-1], false},
			"nothing":       {text, nil, false},
			"long":          {text, append(bytes.Clone(sig), 0), false},
			"no checkpoint": {text[:len(text)-1], sig, false},
		} {
			if our, their := v.Verify(c.text, c.sig), f.Verify(c.text, c.sig); our != c.good || their != c.good {
				t.Errorf("key %d, %s: ours %v, theirs %v", i, what, our, their)
			}
		}
	}
	// The cosigner's name is in what ML-DSA-44 signs: the same key under another name has signed nothing.
	elsewhere, err := k.Public().SubtreeVerifier(origin)
	if err != nil {
		t.Fatal(err)
	}
	if sig, err := k.SubtreeCosigner(name, at).Sign(text); err != nil || elsewhere.Verify(text, sig) {
		t.Errorf("a cosignature passes for the log's: %v", err)
	}
	sig, err := k.Cosigner(name, at).Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	v := ours[0]
	msg, err := note.Sign(&note.Note{Text: string(text)}, k.Cosigners(name, at)...)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(msg, note.VerifierList(foreign...))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatal(err, n)
	}
	for _, sig := range n.Sigs {
		if got, err := fnote.CoSigV1Timestamp(sig); err != nil || !got.Equal(at) {
			t.Errorf("time %v, %v", got, err)
		}
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
	for _, bad := range []string{"no newline", "a\tb\n", origin + "\n07\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", string(text) + "extension\n"} {
		if _, err := k.SubtreeCosigner(name, at).Sign([]byte(bad)); err == nil {
			t.Errorf("cosigned %q", bad)
		}
		if _, err := k.Cosigner(name, at).Sign([]byte(bad)); err == nil && !strings.HasPrefix(bad, origin) {
			t.Errorf("cosigned %q", bad)
		}
	}
	for i := range 2 {
		if _, err := k.Cosigners("two words", at)[i].Sign(text); err == nil {
			t.Error("a malformed name")
		}
		if _, err := k.Cosigners(name, time.Unix(-1, 0))[i].Sign(text); err == nil {
			t.Error("a time before 1970")
		}
	}
	for _, f := range []func(string) (string, error){k.Public().CosignatureKey, k.Public().SubtreeKey} {
		if _, err := f("x yx y"); err == nil {
			t.Error("a key of a malformed name")
		}
	}
}

// FuzzCheckpointKeys: keys, texts and signatures of peers are refused and not crashed on, and transparency-dev's verifier says the same of a text and a signature.
func FuzzCheckpointKeys(f *testing.F) {
	const name = "log.example/payer-a"
	k := fixed(f, "payer-a", 1)
	text := "log.example\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	for i, print := range []func(string) (string, error){k.Public().NoteKey, k.Public().CosignatureKey, k.Public().SubtreeKey} {
		vkey, err := print(name)
		if err != nil {
			f.Fatal(err)
		}
		signer := []note.Signer{k.NoteSigner(name), k.Cosigner(name, time.Unix(1, 0)), k.SubtreeCosigner(name, time.Unix(1, 0))}[i]
		sig, err := signer.Sign([]byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(vkey, text, sig)
	}
	f.Fuzz(func(t *testing.T, vkey, text string, sig []byte) {
		ours, err := ParseVerifierKey(vkey)
		if err != nil {
			return
		}
		good := ours.Verify([]byte(text), sig)
		if !ours.Cosigner {
			return
		}
		theirs, err := fnote.NewVerifierForCosignatureV1(vkey)
		if err != nil {
			return
		}
		// We take fewer texts: three lines in their one form.
		if good && !theirs.Verify([]byte(text), sig) {
			t.Errorf("a signature of %q under %q is good here alone", text, vkey)
		}
	})
}

func TestVerifierKeyRefusals(t *testing.T) {
	k := fixed(t, "payer-a", 1).Public()
	good, err := k.SubtreeKey("log.example/payer-a")
	if err != nil {
		t.Fatal(err)
	}
	for vkey, want := range map[string]string{
		"x":                                   "NAME+HASH+KEY",
		"x+00000000+BAAA":                     "of type 4 with 2 bytes",
		"x+00000000+!":                        "base64",
		"x+00000000+":                         "base64",
		strings.Replace(good, "+", "+0", 1):   "hash beside it",
		strings.Replace(good, "log", "lo", 1): "hash beside it",
		good[:len(good)-4]:                    "1310 bytes",
	} {
		if _, err := ParseVerifierKey(vkey); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", vkey, err, want)
		}
	}
}
