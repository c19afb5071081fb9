package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/tacet-health/tacet/governance/ledger"
)

// TestProofsElsewhere: every inclusion and consistency proof that the auditor makes – the ledger makes the same ones, TestTreeIsTheLedgers – convinces
// transparency-dev's verifier, and a proof with one bit changed, of another place or of another size convinces neither.
func TestProofsElsewhere(t *testing.T) {
	var tr tree
	leaf := func(i uint64) []byte { return fmt.Appendf(nil, "{%d}", i) }
	for i := range uint64(600) {
		tr.add(leafHash(leaf(i)))
	}
	root := func(n uint64) ledger.Checkpoint {
		r, err := tr.root(n)
		if err != nil {
			t.Fatal(err)
		}
		return ledger.Checkpoint{Origin: "o", Size: n, Root: r}
	}
	bytesOf := func(p []ledger.Hash) (out [][]byte) {
		for _, h := range p {
			out = append(out, h[:])
		}
		return out
	}
	h := rfc6962.DefaultHasher
	in := func(i uint64, p []ledger.Hash, c ledger.Checkpoint) (ours, theirs error) {
		return ledger.VerifyInclusion(leaf(i), i, p, c), merkle.VerifyInclusion(h, i, c.Size, h.HashLeaf(leaf(i)), bytesOf(p), c.Root[:])
	}
	grows := func(p []ledger.Hash, old, c ledger.Checkpoint) (ours, theirs error) {
		return ledger.VerifyConsistency(p, old, c), merkle.VerifyConsistency(h, old.Size, c.Size, bytesOf(p), old.Root[:], c.Root[:])
	}
	agree := func(what string, good bool, ours, theirs error) {
		t.Helper()
		if (ours == nil) != good || (theirs == nil) != good {
			t.Errorf("%s: ours %v, theirs %v", what, ours, theirs)
		}
	}
	for n := uint64(1); n <= 600; n += 1 + n/9 {
		c := root(n)
		for m := uint64(0); m < n; m += 1 + n/7 {
			what := fmt.Sprintf("%d of %d", m, n)
			p := tr.inclusion(m, n)
			ours, theirs := in(m, p, c)
			agree(what, true, ours, theirs)
			for i := range p {
				q := slices.Clone(p)
				q[i][int(m)%32] ^= 1
				ours, theirs = in(m, q, c)
				agree(what+", changed", false, ours, theirs)
			}
			ours, theirs = in(m, append(slices.Clone(p), ledger.Hash{}), c)
			agree(what+", with a hash more", false, ours, theirs)
			if m == 0 {
				continue
			}
			old := root(m)
			p = tr.consistency(m, n)
			ours, theirs = grows(p, old, c)
			agree(what+" in the beginning", true, ours, theirs)
			old.Root[0] ^= 1
			ours, theirs = grows(p, old, c)
			agree(what+" in the beginning, another root", false, ours, theirs)
		}
	}
}

// TestTesseraFsck has Tessera's fsck, a module of its own in governance/internal/fsck, look at bundles of several tiles and levels: at one as it is, and at
// some with a byte changed in a hash tile or an entry bundle, or the two changed together under the signed checkpoint.
func TestTesseraFsck(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another module; .ci/run has it look at a network's bundle")
	}
	program := filepath.Join(t.TempDir(), "fsck")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "internal", "fsck")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	b := full(t).bundle(payers...)
	fsck := func(b *Bundle) (string, error) {
		path := filepath.Join(t.TempDir(), "evidence.zip")
		if err := os.WriteFile(path, pack(t, b), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(program, path).CombinedOutput()
		return string(out), err
	}
	if out, err := fsck(b); err != nil || !strings.Contains(out, "8 signatures of 8 keys") {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := map[string]bool{}
	for _, name := range b.names {
		kind := name[:min(len(name), len("tile/e"))]
		if !strings.HasPrefix(name, "tile/") && name != checkpointName || seen[kind+filepath.Base(filepath.Dir(name))] {
			continue
		}
		seen[kind+filepath.Base(filepath.Dir(name))] = true
		data := bytes.Clone(read(t, b, name))
		data[len(data)/2] ^= 1
		if out, err := fsck(with(b, map[string][]byte{name: data})); err == nil {
			t.Errorf("a changed byte in %s:\n%s", name, out)
		}
	}
	// An entry changed, and its hash with it.
	bundleName, tileName := tilePath("entries", 0, tileWidth), tilePath("0", 0, tileWidth)
	entries, hashes := bytes.Clone(read(t, b, bundleName)), bytes.Clone(read(t, b, tileName))
	n := 2 + int(binary.BigEndian.Uint16(entries))
	entries[n-1] ^= 1
	first := sha256.Sum256(append([]byte{0}, entries[2:n]...))
	copy(hashes, first[:])
	if out, err := fsck(with(b, map[string][]byte{bundleName: entries, tileName: hashes})); err == nil {
		t.Errorf("an entry changed with its hash:\n%s", out)
	}
}
