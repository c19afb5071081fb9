package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// TestExport reads an exported log back through the paths of the C2SP specification and x/mod's own tile reader.
func TestExport(t *testing.T) {
	l := filled(t, 700)
	dir := t.TempDir()
	c, _ := l.Checkpoint(origin)
	if err := l.Export(dir, c.Text(), c.Size); err != nil {
		t.Fatal(err)
	}
	r := tlog.TileHashReader(tlog.Tree{N: int64(c.Size), Hash: c.Root}, exported(dir))
	for _, i := range []int64{0, 7, 255, 256, 699} {
		h, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			t.Fatal(err)
		}
		e, _ := l.Entry(uint64(i))
		if h[0] != LeafHash(e) {
			t.Fatalf("entry %d: hash differs", i)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "tile/entries/002.p/188"))
	if err != nil {
		t.Fatal(err)
	}
	if leaves, err := decodeBundle(b, 188); err != nil || string(leaves[187]) != string(entryN(699)) {
		t.Fatal(err)
	}
	if err := l.Export(dir, c.Text(), c.Size); err == nil {
		t.Fatal("exported over another export")
	}
}

type exported string

func (e exported) Height() int                     { return tileHeight }
func (e exported) SaveTiles([]tlog.Tile, [][]byte) {}
func (e exported) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range ts {
		b, err := os.ReadFile(filepath.Join(string(e), strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func FuzzParse(f *testing.F) {
	c := Checkpoint{Origin: origin, Size: 7}
	f.Add(c.Text())
	f.Add(newJournal(256, records(1, 3)...))
	f.Add(encodeBundle([][]byte{{1}, {2, 3}}))
	f.Add(Leaf(entryN(7)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseCheckpoint(b); err == nil && string(c.Text()) != string(b) {
			t.Fatal("checkpoint has two forms")
		}
		if first, rs, whole, err := readJournal(b); err == nil && string(newJournal(first, rs...)) != string(b[:whole]) {
			t.Fatal("journal has two forms")
		}
		if leaves, err := decodeBundle(b, 2); err == nil && string(encodeBundle(leaves)) != string(b) {
			t.Fatal("bundle has two forms")
		}
		blobOf(b)
	})
}
