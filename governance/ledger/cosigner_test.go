package ledger

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

// TestCosignedSizesNeverGoBack: whatever is asked of a cosigner, in any order and over any restarts, what it signs is a state of its own log and never smaller
// than what it has signed before.
func TestCosignedSizesNeverGoBack(t *testing.T) {
	skey, _, err := note.GenerateKey(nil, "log.example/payer-a")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	parent, worlds := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		worlds++
		dir, genesis := filepath.Join(parent, fmt.Sprint(worlds)), []byte(`{"genesis":true}`)
		l, err := Open(dir, genesis)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { l.Close() }()
		signed := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				var records []Record
				for range rapid.IntRange(1, 90).Draw(t, "entries") {
					n := l.Last() + 1 + uint64(len(records))
					records = append(records, Record{Position: n, Data: fmt.Appendf(nil, "{%d}", n)})
				}
				if err := l.Append(records); err != nil {
					t.Fatal(err)
				}
			},
			"restart": func(t *rapid.T) {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				if l, err = Open(dir, genesis); err != nil {
					t.Fatal(err)
				}
			},
			"cosign": func(t *rapid.T) {
				c := Checkpoint{Origin: "log.example", Size: rapid.Uint64Range(1, l.Size()+3).Draw(t, "size")}
				c.Root, _ = l.RootAt(min(c.Size, l.Size()))
				lie := rapid.Bool().Draw(t, "lie")
				if lie {
					c.Root[0] ^= 1
				}
				_, err := l.Cosign(c, signer)
				switch {
				case c.Size > l.Size():
					if !errors.Is(err, ErrRange) {
						t.Fatalf("beyond the log: %v", err)
					}
				case lie:
					if !errors.Is(err, ErrFork) {
						t.Fatalf("another root: %v", err)
					}
				case c.Size < signed:
					if !errors.Is(err, ErrStale) {
						t.Fatalf("size %d after %d: %v", c.Size, signed, err)
					}
				case err != nil:
					t.Fatalf("size %d after %d: %v", c.Size, signed, err)
				default:
					signed = c.Size
				}
			},
		})
	})
}
