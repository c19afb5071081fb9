package vault

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestSealOpensForTheMemberAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sealing.age")
	first, err := OpenSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := OpenSealer(filepath.Join(t.TempDir(), "sealing.age"))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 200_000} { // age's chunks are of 64 KiB
		plain := make([]byte, size)
		rand.Read(plain)
		box, err := first.Seal(plain)
		if err != nil {
			t.Fatal(err)
		}
		if size > 16 && bytes.Contains(box, plain[:16]) {
			t.Fatal("sealed, and readable")
		}
		if got, err := again.Open(box); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %d come back, %v", size, len(got), err)
		}
		if _, err := stranger.Open(box); err == nil || !strings.Contains(err.Error(), "identity did not match") {
			t.Fatalf("a stranger's key: %v", err)
		}
		box[len(box)-1] ^= 1
		if got, err := again.Open(box); err == nil || got != nil {
			t.Fatalf("a changed byte: %v", err)
		}
		if _, err := again.Open(box[:len(box)-1]); err == nil {
			t.Fatal("a cut file opens")
		}
	}
	if _, err := first.Seal(make([]byte, maxSealed+1)); err == nil {
		t.Fatal("too much is sealed")
	}
	if _, err := first.Open(make([]byte, 2*maxSealed+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Fatal(err)
	}
}

// The key file is what age-keygen makes, and is read by nobody else.
func TestSealingKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sealing.age")
	if _, err := OpenSealer(path); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatal(st, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := age.ParseIdentities(bytes.NewReader(b)); err != nil || len(ids) != 1 {
		t.Fatalf("age reads %d identities, %v", len(ids), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSealer(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "sealing.age")
	if err := os.WriteFile(damaged, append([]byte("X"), b...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenSealer(damaged)
	if err == nil || !strings.Contains(err.Error(), "is not an age identity") || strings.Contains(err.Error(), "AGE-SECRET") {
		t.Fatal(err)
	}
}
