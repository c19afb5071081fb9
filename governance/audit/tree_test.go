package audit

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/governance/ledger"
)

// TestTreeIsTheLedgers: two implementations of RFC 6962, ours from the RFC and x/mod's tlog behind package ledger, agree on
// every root and proof.
func TestTreeIsTheLedgers(t *testing.T) {
	l, err := ledger.Open(filepath.Join(t.TempDir(), "log"), []byte("genesis"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tr := &tree{}
	tr.add(leafHash([]byte("genesis")))
	var records []ledger.Record
	for i := range uint64(300) {
		data := []byte{'{', byte(i), byte(i >> 8)}
		records = append(records, ledger.Record{Position: i + 1, Data: data})
		tr.add(leafHash(data))
	}
	if err := l.Append(records); err != nil {
		t.Fatal(err)
	}
	at := func(n uint64) ledger.Checkpoint {
		root, err := l.RootAt(n)
		if err != nil {
			t.Fatal(err)
		}
		if mine, err := tr.root(n); err != nil || mine != root {
			t.Fatalf("root of size %d differs, %v", n, err)
		}
		return ledger.Checkpoint{Origin: "o", Size: n, Root: root}
	}
	for n := uint64(1); n <= 301; n += 1 + n/9 {
		c := at(n)
		for m := uint64(0); m < n; m += 1 + n/5 {
			want, err := l.Inclusion(m, n)
			if err != nil || !slices.Equal(tr.inclusion(m, n), want) {
				t.Errorf("inclusion of %d in %d differs, %v", m, n, err)
			}
			if m > 0 {
				want, err := l.Consistency(m, n)
				if err != nil || !slices.Equal(tr.consistency(m, n), want) {
					t.Errorf("consistency of %d with %d differs, %v", m, n, err)
				}
				if err := ledger.VerifyConsistency(tr.consistency(m, n), at(m), c); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if _, err := tr.root(302); err == nil {
		t.Error("a root beyond the tree")
	}
}

func TestTilePaths(t *testing.T) {
	for _, c := range []struct {
		n     uint64
		width int
		want  string
	}{{0, 256, "tile/entries/000"}, {5, 9, "tile/entries/005.p/9"}, {1234067, 256, "tile/entries/x001/x234/067"}, {1000, 1, "tile/entries/x001/000.p/1"}} {
		got := tilePath("entries", c.n, c.width)
		if _, ok := limitOf(got); got != c.want || !ok {
			t.Errorf("tile %d of %d: %s, want %s, named %v", c.n, c.width, got, c.want, ok)
		}
	}
	for _, bad := range []string{"", "../x", "/etc/passwd", "tile/0/../../x", "tile/64/000", "tile/00/000", "tile/0/000.p/0", "blob/..", "releases/../table.json", "releases/R/table.json",
		"releases/r/other.json", "README.txt/", "readme.txt", "tile\\0\\000", "report/index.html\x00", "tile/entries/000\n"} {
		if _, ok := limitOf(bad); ok {
			t.Errorf("%q is taken for a file of a bundle", bad)
		}
	}
}
