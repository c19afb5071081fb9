package audit

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// history is what the entries of a bundle amount to when every rule is applied again from the genesis.
type history struct {
	b       *Bundle
	claimed ledger.Checkpoint // what the checkpoint says, whoever signed it
	note    []byte
	genesis []byte
	state   *rules.State
	tree    tree
	lines   []Line // one per entry
	whole   bool   // every entry was read and accepted
	used    map[string]bool
}

// Line is an entry in a list.
type Line struct {
	Index  uint64 `json:"index"`
	Author string `json:"author"`
	Seq    uint64 `json:"seq"`
	Kind   string `json:"kind"`
	Hash   string `json:"leaf_hash"` // hex, RFC 6962
	Text   string `json:"text,omitempty"`
	Time   int64  `json:"log_time,omitempty"` // the log's time after the entry; 0 before more than half of the payers have shown a clock
}

// replay reads genesis, checkpoint and entries and applies the rules. What is wrong goes to f; without a genesis and a checkpoint's text there
// is nothing to go on and h is nil.
func replay(b *Bundle, f *findings) (h *history, err error) {
	h = &history{b: b, used: map[string]bool{}}
	if h.genesis, err = h.need(genesisName); err != nil {
		return nil, f.take(err)
	}
	g, err := rules.ParseGenesis(h.genesis)
	if err != nil {
		f.add(bad(CodeGenesis, genesisName, "%v", err))
		return nil, nil
	}
	if h.state, err = rules.New(g); err != nil {
		f.add(bad(CodeGenesis, genesisName, "%v", err))
		return nil, nil
	}
	if h.note, err = h.need(checkpointName); err != nil {
		return nil, f.take(err)
	}
	if h.claimed, err = textOf(h.note); err != nil {
		f.add(bad(CodeCheckpoint, checkpointName, "%v", err))
		return nil, nil
	}
	if h.claimed.Origin != g.Ledger {
		f.add(bad(CodeCheckpoint, checkpointName, "is of the log %q, the genesis is of %q", h.claimed.Origin, g.Ledger))
	}
	return h, h.entries(f)
}

// entries goes through the log. Hashing goes on after a refusal, so that a tampered entry is also seen in the root; judging does not.
func (h *history) entries(f *findings) error {
	judging := true
	err := h.tiles(func(at uint64, leaves, data [][]byte) error {
		prepared := h.state.Prepare(data)
		for j, leaf := range leaves {
			i, p := at+uint64(j), prepared[j]
			h.tree.add(leafHash(leaf))
			where := fmt.Sprintf("entry %d", i)
			line := Line{Index: i, Hash: hex.EncodeToString(h.tree.levels[0][i][:])}
			switch {
			case i == 0:
				line.Kind = "genesis"
				if !bytes.Equal(data[j], h.genesis) {
					f.add(bad(CodeGenesis, where, "is not %s", genesisName))
					judging = false
				}
			case judging:
				v := h.state.ApplyPrepared(p)
				switch {
				case v.Refusal != nil:
					f.add(&Finding{Code: CodeRule, Where: where, Rule: v.Refusal.Code, Text: v.Refusal.Text})
					judging = false
				case v.Duplicate || v.Index != i:
					f.add(bad(CodeRule, where, "is entry %d again", v.Index))
					judging = false
				}
			}
			if e := p.Entry(); e != nil && i > 0 {
				line.Author, line.Seq, line.Kind, line.Text, line.Time = e.Author, e.Seq, e.Kind, Text(e), h.state.Now()
			}
			h.lines = append(h.lines, line)
		}
		return nil
	})
	if err != nil {
		return f.take(err)
	}
	h.whole = judging && h.state.Size() == h.claimed.Size
	return nil
}

// tiles calls fn for the leaves and entries of the claimed size, in order, tile by tile.
func (h *history) tiles(fn func(at uint64, leaves, data [][]byte) error) error {
	for at := uint64(0); at < h.claimed.Size; at += tileWidth {
		width := int(min(h.claimed.Size-at, tileWidth))
		name := tilePath("entries", at/tileWidth, width)
		leaves, err := h.leaves(name, width)
		if err != nil {
			return err
		}
		data := make([][]byte, len(leaves))
		for j, leaf := range leaves {
			if data[j], err = h.data(name, leaf); err != nil {
				return err
			}
		}
		if err := fn(at, leaves, data); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one entry again.
func (h *history) entry(i uint64) ([]byte, error) {
	at := i / tileWidth
	width := int(min(h.claimed.Size-at*tileWidth, tileWidth))
	name := tilePath("entries", at, width)
	leaves, err := h.leaves(name, width)
	if err != nil {
		return nil, err
	}
	return h.data(name, leaves[i%tileWidth])
}

func (h *history) leaves(name string, width int) ([][]byte, error) {
	raw, err := h.need(name)
	if err != nil {
		return nil, err
	}
	leaves, ok := splitEntries(raw, width)
	if !ok {
		return nil, bad(CodeEntries, name, "is not %d times a length and a leaf", width)
	}
	return leaves, nil
}

// data is the entry of a leaf: the leaf itself, or the blob that it refers to.
func (h *history) data(where string, leaf []byte) ([]byte, error) {
	name, ok := blobOf(leaf)
	if !ok {
		return leaf, nil
	}
	data, err := h.need(name)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(ledger.Leaf(data), leaf) {
		return nil, bad(CodeEntries, name, "is not what a leaf in %s refers to", where)
	}
	return data, nil
}

// need reads a file that must be there and remembers that it was.
func (h *history) need(name string) ([]byte, error) {
	data, found, err := h.b.file(name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, bad(CodeFileMissing, name, "is not in the bundle")
	}
	h.used[name] = true
	return data, nil
}

// checkTiles holds the hash tiles against the tree made of the entries.
func (h *history) checkTiles(f *findings) error {
	for level, n := 0, h.tree.size(); n > 0; level, n = level+1, n/tileWidth {
		for at := uint64(0); at*tileWidth < n; at++ {
			width := int(min(n-at*tileWidth, tileWidth))
			name := tilePath(fmt.Sprint(level), at, width)
			have, err := h.need(name)
			if err == nil && !bytes.Equal(have, h.tree.tile(level, at, width)) {
				err = bad(CodeTile, name, "does not hold the hashes of the entries")
			}
			if err := f.take(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRoot compares the tree with the checkpoint.
func (h *history) checkRoot() *Finding {
	root, err := h.tree.root(h.claimed.Size)
	if err != nil || root != h.claimed.Root {
		return bad(CodeRoot, checkpointName, "the %d entries do not hash to the root that was signed", h.claimed.Size)
	}
	return nil
}
