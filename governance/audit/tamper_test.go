package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// small is a world with one release, which verifies in milliseconds.
func small(t testing.TB) *world {
	w := newWorld(t)
	s := w.approve()
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	return w
}

// with is a copy of b with some files replaced, added, or (nil) left out.
func with(b *Bundle, change map[string][]byte) *Bundle {
	out := newBundle()
	for _, n := range b.names {
		if data, ok := change[n]; !ok || data != nil {
			out.add(n, b.files[n])
		}
	}
	for n, data := range change {
		if data != nil {
			out.put(n, data)
		}
	}
	return out
}

func read(t testing.TB, b *Bundle, name string) []byte {
	data, found, err := b.file(name)
	if err != nil || !found {
		t.Fatalf("%s: found %v, %v", name, found, err)
	}
	return data
}

// TestFlips: one flipped bit in any file, packed again so that the zip itself is in order, and the bundle is not verified.
func TestFlips(t *testing.T) {
	b := small(t).bundle(payers...)
	rnd := rand.New(rand.NewPCG(5, 1))
	for _, name := range b.names {
		data := read(t, b, name)
		at := []int{0, len(data) - 1}
		for range 10 {
			at = append(at, rnd.IntN(len(data)))
		}
		for _, i := range at {
			flipped := bytes.Clone(data)
			flipped[i] ^= 1 << rnd.IntN(8)
			r, err := Verify(with(b, map[string][]byte{name: flipped}), Options{})
			if err != nil || r.Verified || len(r.Findings) == 0 {
				t.Errorf("%s, byte %d: verified, %v", name, i, err)
			}
		}
	}
}

// TestFlipsInCheckpoint: every byte of it, but of ML-DSA-44 signatures, which are most of it, both ends and some between. Base64 of a signature's length has bits that decoders ignore.
func TestFlipsInCheckpoint(t *testing.T) {
	w := newWorld(t)
	note := w.checkpoint(payers...)
	v := directory{w.state}
	if _, f := openCheckpoint(note, "", v); f != nil {
		t.Fatal(f)
	}
	start := 0
	for i := range note {
		if i > 0 && note[i-1] == '\n' {
			start = i
		}
		end := bytes.IndexByte(note[i:], '\n')
		if i-start > 120 && end > 12 && i%61 != 0 {
			continue
		}
		for bit := range 8 {
			if end > 12 && bit != i%8 && bit != (i+3)%8 {
				continue // all bits only where base64 ends
			}
			flipped := bytes.Clone(note)
			flipped[i] ^= 1 << bit
			if s, f := openCheckpoint(flipped, "", v); f == nil && s.Checkpoint == mustText(t, note) {
				t.Errorf("byte %d, bit %d: accepted", i, bit)
			}
		}
	}
}

func mustText(t *testing.T, note []byte) ledger.Checkpoint {
	c, err := textOf(note)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFlipsInContainer: the same in the zip's bytes, which also reaches its headers.
func TestFlipsInContainer(t *testing.T) {
	raw := pack(t, small(t).bundle(payers...))
	rnd := rand.New(rand.NewPCG(5, 2))
	b := open(t, raw)
	var at []int // every byte of headers and of the table at the end, and some of the files
	pos := 0
	for _, name := range b.names {
		for end := pos + localHeader + len(name); pos < end; pos++ {
			at = append(at, pos)
		}
		pos += int(b.files[name].size)
	}
	table := pos
	for ; pos < len(raw); pos++ {
		at = append(at, pos)
	}
	for range 100 {
		at = append(at, rnd.IntN(len(raw)))
	}
	for _, i := range at {
		flipped := bytes.Clone(raw)
		flipped[i] ^= 1 << rnd.IntN(8)
		b, err := Open(bytes.NewReader(flipped), int64(len(flipped)))
		if err == nil {
			r, verr := Verify(b, Options{})
			if verr != nil || r.Verified {
				t.Errorf("byte %d: verified, %v", i, verr)
			}
		}
	}
	sums := bytes.Clone(raw) // the checksum of the first file, in both places
	sums[14] ^= 1
	sums[table+16] ^= 1
	if r := check(t, open(t, sums), Options{}); r.Verified {
		t.Error("a file with another checksum beside it was accepted")
	} else {
		want(t, r.Findings, CodeContainer)
	}
	for _, n := range []int{1, 100, len(raw) / 2, len(raw) - 1} {
		if _, err := Open(bytes.NewReader(raw[:n]), int64(n)); err == nil {
			t.Errorf("the first %d of %d bytes were accepted", n, len(raw))
		}
	}
	if _, err := Open(bytes.NewReader(append(raw, 0)), int64(len(raw)+1)); err == nil {
		t.Error("a byte at the end was accepted")
	}
}

// relog replaces the leaves of a bundle's first tile and recomputes every hash that follows from them, as a forger without keys would.
func relog(t *testing.T, b *Bundle, edit func([][]byte) [][]byte) *Bundle {
	h := &history{b: b, used: map[string]bool{}}
	var err error
	if h.claimed, err = textOf(read(t, b, checkpointName)); err != nil {
		t.Fatal(err)
	}
	n := int(h.claimed.Size)
	leaves, ok := splitEntries(read(t, b, tilePath("entries", 0, n)), n)
	if !ok {
		t.Fatal("the fixture has more than one tile")
	}
	leaves = edit(slices.Clone(leaves))
	var raw []byte
	var tr tree
	for _, l := range leaves {
		raw = append(binary.BigEndian.AppendUint16(raw, uint16(len(l))), l...)
		tr.add(leafHash(l))
	}
	m := len(leaves)
	return with(b, map[string][]byte{
		tilePath("entries", 0, n): nil, tilePath("0", 0, n): nil,
	}).with(map[string][]byte{tilePath("entries", 0, m): raw, tilePath("0", 0, m): tr.tile(0, 0, m)})
}

func (b *Bundle) with(change map[string][]byte) *Bundle { return with(b, change) }

// TestTampering: what a forger would do, and the code it is found under.
func TestTampering(t *testing.T) {
	w := small(t)
	b := w.bundle(payers...)
	root := checkpointName
	stranger := newWorld(t)
	stranger.genesis.Ledger = w.genesis.Ledger
	other := newWorld(t) // the same members tell another history
	for other.log.Size() < w.log.Size() {
		other.do("convener", rules.KindRosterSet, rules.NewRosterSet([]string{fmt.Sprint("x-", other.log.Size())}))
	}
	stale := newWorld(t)
	stale.approve()
	last := int(w.log.Size()) - 1
	for name, c := range map[string]struct {
		b    *Bundle
		code Code
		rule rules.Code
	}{
		"dropped entry":  {relog(t, b, func(l [][]byte) [][]byte { return slices.Delete(l, 3, 4) }), CodeFileMissing, ""},
		"dropped vote":   {w.resigned(t, func(l [][]byte) [][]byte { return slices.Delete(l, 3, 4) }), CodeRule, rules.CodeNoMajority},
		"moved vote":     {w.resigned(t, swap(2, 4)), CodeRule, rules.CodeUnknownMeasure},
		"reordered":      {relog(t, b, swap(3, 4)), CodeRoot, ""},
		"replaced":       {relog(t, b, func(l [][]byte) [][]byte { l[4] = l[5]; return l }), CodeRoot, ""},
		"last repeated":  {relog(t, b, func(l [][]byte) [][]byte { l[last] = l[last-1]; return l }), CodeRule, ""},
		"forged entry":   {w.resigned(t, forgeVote), CodeRule, rules.CodeSignature},
		"other genesis":  {with(b, map[string][]byte{genesisName: stranger.genesisOf("payer-x")}), CodeGenesis, ""},
		"stale":          {with(b, map[string][]byte{root: stale.checkpoint(payers...)}), CodeFileUnexpected, ""},
		"forked":         {with(b, map[string][]byte{root: other.checkpoint(payers...)}), CodeRoot, ""},
		"own checkpoint": {with(b, map[string][]byte{root: w.checkpoint()}), CodeCosignatures, ""},
		"extra file":     {with(b, map[string][]byte{"releases/r-9/table.json": []byte("{}")}), CodeFileUnexpected, ""},
		"extra blob":     {with(b, map[string][]byte{"blob/" + strings.Repeat("ab", 32): []byte("x")}), CodeFileUnexpected, ""},
	} {
		r := check(t, c.b, Options{})
		if r.Verified {
			t.Errorf("%s: verified", name)
		}
		want(t, r.Findings, c.code)
		if c.rule != "" && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s: findings %v, want rule %s", name, r.Findings, c.rule)
		}
	}
	for _, n := range b.names { // every file is needed
		if r := check(t, with(b, map[string][]byte{n: nil}), Options{}); r.Verified {
			t.Errorf("without %s: verified", n)
		}
	}
}

func swap(i, j int) func([][]byte) [][]byte {
	return func(l [][]byte) [][]byte { l[i], l[j] = l[j], l[i]; return l }
}

// forgeVote turns the second vote's no into a yes.
func forgeVote(l [][]byte) [][]byte {
	for i, leaf := range l {
		if bytes.Contains(leaf, []byte(`"choice":"no"`)) {
			l[i] = bytes.Replace(leaf, []byte(`"choice":"no"`), []byte(`"choice":"yes"`), 1)
		}
	}
	return l
}

// resigned is the bundle of a log that all members have signed although it breaks the rules: signatures are not what decides.
func (w *world) resigned(t *testing.T, edit func([][]byte) [][]byte) *Bundle {
	b := relog(t, w.bundle(payers...), edit)
	for _, n := range b.names {
		if !strings.HasPrefix(n, "tile/entries/") {
			continue
		}
		leaves, _ := splitEntries(read(t, b, n), widthOf(n))
		var tr tree
		for _, l := range leaves {
			tr.add(leafHash(l))
		}
		top, err := tr.root(tr.size())
		if err != nil {
			t.Fatal(err)
		}
		return with(b, map[string][]byte{checkpointName: w.signed(ledger.Checkpoint{Origin: w.genesis.Ledger, Size: tr.size(), Root: top}, payers...)})
	}
	t.Fatal("no entries")
	return nil
}

func widthOf(name string) (n int) {
	fmt.Sscanf(name[strings.LastIndexByte(name, '/')+1:], "%d", &n)
	return n
}

// genesisOf is the same ledger with other members.
func (w *world) genesisOf(name string) []byte {
	g := w.genesis
	g.Members = append(slices.Clone(g.Members), key(w.t, name).Public())
	raw, err := g.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}
