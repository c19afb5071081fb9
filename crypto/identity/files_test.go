package identity

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestSaveAndLoad(t *testing.T) {
	k, err := Generate("payer-a")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "keys")
	if err := k.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.ResetKey() != k.ResetKey() || k.ResetKey() == fixed(t, "payer-a", 1).ResetKey() {
		t.Fatal("the reset key is not one per identity")
	}
	if !again.Public().Equal(k.Public()) || !bytes.Equal(again.Sign("c", nil), k.Sign("c", nil)) {
		t.Fatal("loaded keys differ from the saved ones")
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 2 {
		t.Fatalf("folder holds %v, want two files: %v", names, err)
	}
	for _, n := range names {
		if fi, err := n.Info(); err != nil || fi.Mode() != 0o600 {
			t.Errorf("%s has mode %v", n.Name(), fi.Mode())
		}
	}
	other, err := Generate("payer-b")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Save(dir); !errors.Is(err, ErrExists) {
		t.Fatalf("second Save: %v, want ErrExists", err)
	}
	if again, err = Load(dir); err != nil || again.Name() != "payer-a" {
		t.Fatalf("the refused Save changed the folder: %v", err)
	}
}

// TestSaveAfterACrash stops between public.json and keys.json: no identity,
// and the next Save goes through.
func TestSaveAfterACrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	a, b := fixed(t, "payer-a", 1), fixed(t, "payer-a", 50)
	if err := a.Save(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, keysFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("half an identity loads: %v", err)
	}
	if err := b.Save(dir); err != nil {
		t.Fatal(err)
	}
	if k, err := Load(dir); err != nil || !k.Public().Equal(b.Public()) {
		t.Fatalf("after the second Save: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	write := func(name string, change func(string) string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(change(string(b))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	chmod := func(name string, mode os.FileMode) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		want   string
	}{
		{"folder open to the group", chmod("", 0o750), "run chmod 700 "},
		{"keys readable by the group", chmod(keysFile, 0o640), "run chmod 600 "},
		{"keys readable by all", chmod(keysFile, 0o604), "run chmod 600 "},
		{"public.json writable by others", chmod(publicFile, 0o602), "run chmod 600 "},
		{"unknown field", write(keysFile, func(s string) string { return strings.Replace(s, "{", `{"x":1,`, 1) }), "not valid"},
		{"trailing data", write(keysFile, func(s string) string { return s + "{}" }), "form it was saved in"},
		{"other version", write(keysFile, func(s string) string { return strings.Replace(s, `"version":2`, `"version":3`, 1) }), "version 3"},
		{"short seed", write(keysFile, func(s string) string { return strings.Replace(s, `"tls":"`, `"tls":"","x`, 1) }), "not valid"},
		{"no seeds", write(keysFile, func(string) string {
			return `{"version":2,"name":"payer-a","ed25519":"","mldsa65":"","mldsa44":"","tls":"","hpke":""}` + "\n"
		}), "0 bytes"},
		{"renamed", write(keysFile, func(s string) string { return strings.Replace(s, "payer-a", "payer-b", 1) }), "belongs to other keys"},
		{"too long", write(keysFile, func(s string) string { return s + strings.Repeat(" ", maxFile) }), "more than"},
		{"public.json of nobody", write(publicFile, func(string) string { return "{}\n" }), "tls_pin"},
		{"link in place of the keys", func(t *testing.T, dir string) {
			old := filepath.Join(dir, keysFile)
			if err := errors.Join(os.Rename(old, old+"2"), os.Symlink(old+"2", old)); err != nil {
				t.Fatal(err)
			}
		}, "neither"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keys")
			k := fixed(t, "payer-a", 0x41)
			if err := k.Save(dir); err != nil {
				t.Fatal(err)
			}
			tt.change(t, dir)
			_, err := Load(dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v does not contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "QUFB") {
				t.Fatal("the error shows a seed")
			}
		})
	}
}

func TestSeal(t *testing.T) {
	a, b := fixed(t, "payer-a", 1), fixed(t, "payer-b", 50)
	info, aad, text := []byte("run 1"), []byte("box 2"), []byte("a share")
	box, err := a.Public().Seal(info, aad, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(box) != len(text)+SealOverhead {
		t.Fatalf("box has %d bytes, want %d", len(box), len(text)+SealOverhead)
	}
	flip := func(i int) []byte { c := bytes.Clone(box); c[i] ^= 1; return c }
	tests := []struct {
		name           string
		who            *Keys
		info, aad, box []byte
		ok             bool
	}{
		{"as sealed", a, info, aad, box, true},
		{"other recipient", b, info, aad, box, false},
		{"other info", a, []byte("run 2"), aad, box, false},
		{"other aad", a, info, []byte("box 3"), box, false},
		{"info and aad swapped", a, aad, info, box, false},
		{"ML-KEM ciphertext changed", a, info, aad, flip(0), false},
		{"X25519 share changed", a, info, aad, flip(1100), false},
		{"text changed", a, info, aad, flip(encapsulatedSize), false},
		{"tag changed", a, info, aad, flip(len(box) - 1), false},
		{"cut", a, info, aad, box[:len(box)-1], false},
		{"no tag", a, info, aad, box[:encapsulatedSize], false},
		{"empty", a, info, aad, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.who.Open(tt.info, tt.aad, tt.box)
			if tt.ok != (err == nil) || tt.ok && !bytes.Equal(got, text) {
				t.Fatalf("got %q, %v", got, err)
			}
			if err != nil && !errors.Is(err, ErrSealed) {
				t.Fatalf("%v does not wrap ErrSealed", err)
			}
		})
	}
}

func TestCertificateCarriesThePin(t *testing.T) {
	k := fixed(t, "payer-a", 1)
	c, err := k.TLSCertificate()
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo) != k.Public().TLSPin {
		t.Fatal("the pin is not the hash of the leaf's SPKI")
	}
	if err := c.Leaf.CheckSignature(x509.PureEd25519, c.Leaf.RawTBSCertificate, c.Leaf.Signature); err != nil {
		t.Fatal(err)
	}
	d, err := fixed(t, "payer-a", 1).TLSCertificate()
	if err != nil || !bytes.Equal(c.Certificate[0], d.Certificate[0]) {
		t.Fatalf("the certificate is not stable: %v", err)
	}
}

func TestNotes(t *testing.T) {
	const origin = "log.example/governance"
	k := fixed(t, "convener", 1)
	v, err := k.Public().NoteVerifier(origin)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: origin + "\n7\nAAAA\n"}, k.NoteSigner(origin))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(msg, note.VerifierList(v)); err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(msg, []byte("\n7\n"), []byte("\n8\n"), 1)
	if _, err := note.Open(bad, note.VerifierList(v)); err == nil {
		t.Fatal("a changed note verifies")
	}
	other, err := fixed(t, "payer-a", 50).Public().NoteVerifier(origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(msg, note.VerifierList(other)); err == nil {
		t.Fatal("a note verifies under another key")
	}
	// The note key must not sign what a hybrid signature's Ed25519 half is made of.
	p := k.Public()
	for _, in := range [][]byte{signatureInput("c", signerID(p.Ed25519, p.MLDSA65), []byte("text\n")), []byte("no newline"), []byte("a\tb\n"), nil} {
		if _, err := k.NoteSigner(origin).Sign(in); err == nil {
			t.Errorf("the note key signed %q", in)
		}
	}
	if _, err := k.Public().NoteVerifier("two words"); err == nil {
		t.Error("a verifier with a malformed name")
	}
	if _, err := note.Sign(&note.Note{Text: "x\n"}, k.NoteSigner("two words")); err == nil {
		t.Error("a signature with a malformed name")
	}
}
