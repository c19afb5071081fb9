package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
)

// seal writes the 256 entries of the tail as tiles and then empties the journal. The journal is replaced last: a
// crash before that leaves tiles that the next attempt writes again with the same bytes.
func (l *Ledger) seal() error {
	n := uint64(len(l.positions)-len(l.tail)) / tileWidth
	leaves := make([][]byte, 0, tileWidth)
	var positions []byte
	for i, data := range l.tail {
		leaf := Leaf(data)
		if _, sum, ok := blobOf(leaf); ok {
			if err := writeDurable(l.d, l.dir, blobName(sum), data); err != nil {
				return err
			}
		}
		leaves = append(leaves, leaf)
		positions = binary.BigEndian.AppendUint64(positions, l.positions[n*tileWidth+uint64(i)])
	}
	if err := writeDurable(l.d, l.dir, positionPath(n), positions); err != nil {
		return err
	}
	if err := writeDurable(l.d, l.dir, tilePath("entries", n, tileWidth), encodeBundle(leaves)); err != nil {
		return err
	}
	for level, at := 0, n; ; level, at = level+1, at/tileWidth {
		b, err := l.hashes.tile(level, at, tileWidth)
		if err != nil {
			return err
		}
		if err := writeDurable(l.d, l.dir, tilePath(fmt.Sprint(level), at, tileWidth), b); err != nil {
			return err
		}
		if (at+1)%tileWidth != 0 {
			break
		}
	}
	return l.newJournal((n + 1) * tileWidth)
}

// newJournal replaces the journal by an empty one that starts at first.
func (l *Ledger) newJournal(first uint64) error {
	if err := writeDurable(l.d, l.dir, journalName, newJournal(first)); err != nil {
		return err
	}
	f, err := l.d.Open(filepath.Join(l.dir, journalName))
	if err != nil {
		return fmt.Errorf("open the new journal: %w", err)
	}
	if l.journal != nil {
		if err := l.journal.Close(); err != nil {
			f.Close()
			return fmt.Errorf("close the full journal: %w", err)
		}
	}
	l.journal, l.end, l.tail = f, int64(journalHeader), nil
	return nil
}

// sealedEntry reads entry i from its bundle. The last bundle read is kept, since readers go forward.
func (l *Ledger) sealedEntry(i uint64) ([]byte, error) {
	l.bundleMu.Lock()
	defer l.bundleMu.Unlock()
	n := i / tileWidth
	if l.bundle == nil || l.bundleN != n {
		b, err := l.d.ReadFile(filepath.Join(l.dir, tilePath("entries", n, tileWidth)))
		if err != nil {
			return nil, err
		}
		leaves, err := decodeBundle(b, tileWidth)
		if err != nil {
			return nil, err
		}
		l.bundleN, l.bundle = n, leaves
	}
	return l.readLeaf(l.bundle[i%tileWidth])
}

// readLeaf returns the entry of a leaf, from its blob when the leaf is a reference.
func (l *Ledger) readLeaf(leaf []byte) ([]byte, error) {
	size, sum, ok := blobOf(leaf)
	if !ok {
		return bytes.Clone(leaf), nil
	}
	b, err := l.d.ReadFile(filepath.Join(l.dir, blobName(sum)))
	if err != nil {
		return nil, err
	}
	if len(b) != size || sha256.Sum256(b) != sum {
		return nil, fmt.Errorf("%s does not have the hash of its name", blobName(sum))
	}
	return b, nil
}
