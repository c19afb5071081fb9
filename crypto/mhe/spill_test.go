package mhe

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestSpill: a ciphertext that waited on disk is the same, its file is checked whenever it is read, and places are given back.
func TestSpill(t *testing.T) {
	n := newNetwork(t, "toy", 3).key()
	ct := n.encrypt(n.ramp())
	hash := ct.Hash()
	dir := filepath.Join(t.TempDir(), "spill")
	size := int64(2*(ct.Level()+1)) << (n.c.set.LogN + 3)
	s, err := NewSpill(dir, size)
	must(t, err)
	inside, err := s.Park(ct)
	must(t, err)
	outside, err := s.Park(ct)
	must(t, err)
	if files, _ := os.ReadDir(dir); len(files) != 1 || s.Peak() == 0 {
		t.Fatalf("%d files with room for one of two", len(files))
	}
	for _, p := range []*Ciphertext{inside, outside} {
		if p.Level() != ct.Level() || p.Scale().Cmp(ct.Scale()) != 0 || p.Hash() != hash {
			t.Error("a parked ciphertext does not know itself")
		}
		again, err := p.Load()
		must(t, err)
		again.hash.Store(nil)
		if again.Hash() != hash {
			t.Error("another ciphertext comes back")
		}
		sum, err := n.e.Add(p, p)
		must(t, err)
		want, err := n.e.Add(ct, ct)
		must(t, err)
		if sum.Hash() != want.Hash() {
			t.Error("an operation on a parked ciphertext differs")
		}
	}
	file := filepath.Join(dir, "0")
	good, err := os.ReadFile(file)
	must(t, err)
	for name, bad := range map[string][]byte{
		"one bit": append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), "short": good[:len(good)-1], "long": append(bytes.Clone(good), 0), "empty": {},
	} {
		must(t, os.WriteFile(file, bad, 0o600))
		if _, err := outside.Load(); !errors.Is(err, ErrSpill) {
			t.Errorf("%s: %v", name, err)
		}
		var b bytes.Buffer
		if err := n.parties[0].Refresh(RefreshRequest{Stage: 1, Ciphertext: outside}, &b); !errors.Is(err, ErrSpill) || b.Len() > 0 {
			t.Errorf("%s: a share of %d bytes, %v", name, b.Len(), err)
		}
	}
	outside.Free()
	inside.Free()
	if files, _ := os.ReadDir(dir); len(files) != 0 || s.room != size || s.disk != 0 {
		t.Errorf("%d files, room for %d, %d on disk", len(files), s.room, s.disk)
	}
	if _, err := inside.Load(); err == nil {
		t.Error("a ciphertext came back that was given up")
	}
	must(t, s.Close())
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder is left")
	}
}
