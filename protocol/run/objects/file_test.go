package objects

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/protocol/wire"
)

func TestReceive(t *testing.T) {
	body := bytes.Repeat([]byte("share"), 100_000)
	sum := Sum(body)
	for name, c := range map[string]struct {
		in   []byte
		hash wire.Hash
		want error
	}{
		"right":        {body, sum, nil},
		"more follows": {append(bytes.Clone(body), "next frame"...), sum, nil},
		"one bit":      {append([]byte{body[0] ^ 1}, body[1:]...), sum, ErrWrong},
		"other hash":   {body, wire.Hash{1}, ErrWrong},
		"short":        {body[:len(body)-1], sum, io.ErrUnexpectedEOF},
		"empty":        {nil, sum, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "object")
			err := Receive(path, bytes.NewReader(c.in), c.hash, int64(len(body)))
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			got, readErr := os.ReadFile(path)
			if (c.want == nil) != (readErr == nil) || c.want == nil && !bytes.Equal(got, body) {
				t.Fatalf("file after %v: %d bytes, %v", err, len(got), readErr)
			}
			if left, _ := os.ReadDir(dir); c.want != nil && len(left) != 0 {
				t.Fatalf("%d files are left behind", len(left))
			}
		})
	}
}

// An endless peer costs no more than the announced size.
func TestReceiveIsBounded(t *testing.T) {
	r := &endless{}
	path := filepath.Join(t.TempDir(), "object")
	if err := Receive(path, r, wire.Hash{1}, 1000); !errors.Is(err, ErrWrong) {
		t.Fatal(err)
	}
	if r.n > 1000 {
		t.Fatalf("read %d bytes of an object of 1000", r.n)
	}
}

type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) { e.n += len(b); return len(b), nil }

func TestCreateFails(t *testing.T) {
	dir := t.TempDir()
	boom := errors.New("boom")
	if _, _, err := Create(filepath.Join(dir, "a"), func(w io.Writer) error { w.Write([]byte("half")); return boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatal("half a file is left")
	}
	h, n, err := Create(filepath.Join(dir, "a"), func(w io.Writer) error { _, err := w.Write([]byte("whole")); return err })
	if err != nil || n != 5 || h != Sum([]byte("whole")) {
		t.Fatal(h, n, err)
	}
}
