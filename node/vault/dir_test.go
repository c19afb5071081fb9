package vault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondOwnerIsRefused(t *testing.T) {
	p := filepath.Join(t.TempDir(), "d")
	d, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(p); !errors.Is(err, ErrInUse) {
		t.Fatalf("second owner: %v", err)
	}
	d.Close()
	d, err = Open(p)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	d.Close()
}

func TestLooseModeIsRefused(t *testing.T) {
	p := t.TempDir()
	if err := os.Chmod(p, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(p); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Fatalf("open: %v", err)
	}
}

func TestWriteReplacesWhole(t *testing.T) {
	p := filepath.Join(t.TempDir(), "f")
	for _, s := range []string{"old and long", "new"} {
		if err := Write(p, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(p); string(b) != s {
			t.Fatalf("read %q, want %q", b, s)
		}
	}
	ents, _ := os.ReadDir(filepath.Dir(p))
	if len(ents) != 1 {
		t.Fatalf("left %d files behind", len(ents))
	}
	if err := Write(filepath.Join(t.TempDir(), "missing", "f"), nil); err == nil {
		t.Fatal("wrote into a missing folder")
	}
}
