package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Export writes the tree of the given size into dir as a static C2SP tiled log: full and partial hash tiles, entry bundles, the blobs they
// refer to, and checkpoint as the file of that name. The checkpoint must be of that size. dir must not hold a tile
// yet; Export is not a backup's replacement, so it does not fsync.
func (l *Ledger) Export(dir string, checkpoint []byte, size uint64) error {
	if have := l.Size(); size == 0 || size > have {
		return fmt.Errorf("export size %d of %d: %w", size, have, ErrRange)
	}
	put := func(name string, data []byte) error {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	if err := l.exportEntries(put, size); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for level, n := 0, size; n > 0; level, n = level+1, n/tileWidth {
		for at := range (n + tileWidth - 1) / tileWidth {
			width := min(n-at*tileWidth, tileWidth)
			l.mu.RLock()
			b, err := l.hashes.tile(level, at, int(width))
			l.mu.RUnlock()
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			if err := put(tilePath(fmt.Sprint(level), at, int(width)), b); err != nil {
				return fmt.Errorf("export: %w", err)
			}
		}
	}
	if err := put("checkpoint", checkpoint); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (l *Ledger) exportEntries(put func(string, []byte) error, size uint64) error {
	for at := uint64(0); at < size; at += tileWidth {
		width := min(size-at, tileWidth)
		leaves := make([][]byte, 0, width)
		for i := range width {
			data, err := l.Entry(at + i)
			if err != nil {
				return err
			}
			leaf := Leaf(data)
			if _, sum, ok := blobOf(leaf); ok {
				// The same long entry cannot occur twice: an author's sequence number is part of it.
				if err := put(blobName(sum), data); err != nil {
					return err
				}
			}
			leaves = append(leaves, leaf)
		}
		if err := put(tilePath("entries", at/tileWidth, int(width)), encodeBundle(leaves)); err != nil {
			return err
		}
	}
	return nil
}
