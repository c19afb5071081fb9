package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// load builds the memory from the disk; see the package's Recovery.
func (l *Ledger) load(genesis []byte) error {
	b, err := l.d.ReadFile(filepath.Join(l.dir, journalName))
	if missing(err) {
		// Nothing is acknowledged before the first journal exists. Tiles without one are not a new ledger.
		if _, err := l.d.ReadFile(filepath.Join(l.dir, tilePath("entries", 0, tileWidth))); err == nil {
			return errors.New("there are tiles but no journal; restore the folder from a backup or rejoin with an empty one")
		}
		b = newJournal(0, Record{Data: genesis})
		err = writeDurable(l.d, l.dir, journalName, b)
	}
	if err != nil {
		return err
	}
	first, records, whole, err := readJournal(b)
	if err != nil {
		return err
	}
	if first%tileWidth != 0 {
		return fmt.Errorf("journal starts at entry %d, which is not a multiple of %d", first, tileWidth)
	}
	for n := range first / tileWidth {
		if err := l.loadTile(n); err != nil {
			return err
		}
	}
	for _, r := range records {
		if err := l.remember(LeafHash(r.Data), r.Position, int64(len(r.Data))); err != nil {
			return err
		}
		l.tail = append(l.tail, r.Data)
	}
	if len(l.positions) == 0 {
		return errors.New("the genesis is missing from the journal")
	}
	if err := l.openJournal(whole, int64(len(b))); err != nil {
		return err
	}
	if err := l.check(genesis); err != nil {
		return errors.Join(err, l.journal.Close())
	}
	// A crash between the 256th entry and its tiles: write them now.
	if len(l.tail) >= tileWidth {
		if err := l.seal(); err != nil {
			return errors.Join(err, l.journal.Close())
		}
	}
	return nil
}

// openJournal opens the journal for appending and cuts a torn end off.
func (l *Ledger) openJournal(whole, length int64) error {
	f, err := l.d.Open(filepath.Join(l.dir, journalName))
	if err != nil {
		return err
	}
	if whole < length {
		err := f.Truncate(whole)
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("cut the torn end of the journal: %w", err), f.Close())
		}
	}
	l.journal, l.end = f, whole
	return nil
}

// loadTile reads a full bundle and checks it against its hash tile.
func (l *Ledger) loadTile(n uint64) error {
	b, err := l.d.ReadFile(filepath.Join(l.dir, tilePath("entries", n, tileWidth)))
	if err != nil {
		return err
	}
	leaves, err := decodeBundle(b, tileWidth)
	if err != nil {
		return fmt.Errorf("bundle %d: %w", n, err)
	}
	want, err := l.d.ReadFile(filepath.Join(l.dir, tilePath("0", n, tileWidth)))
	if err != nil {
		return err
	}
	pos, err := l.d.ReadFile(filepath.Join(l.dir, positionPath(n)))
	if err != nil {
		return err
	}
	if len(pos) != 8*tileWidth || len(want) != tlog.HashSize*tileWidth {
		return fmt.Errorf("tile %d has a wrong length", n)
	}
	for i, leaf := range leaves {
		h := tlog.RecordHash(leaf)
		if !bytes.Equal(h[:], want[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
			return fmt.Errorf("entry %d does not match its hash tile; restore the folder from a backup or rejoin with an empty one", n*tileWidth+uint64(i))
		}
		length := int64(len(leaf))
		if size, _, ok := blobOf(leaf); ok {
			length = int64(size)
		}
		if err := l.remember(h, binary.BigEndian.Uint64(pos[8*i:]), length); err != nil {
			return err
		}
	}
	return nil
}

// check compares what was loaded with the genesis and with what this replica cosigned.
func (l *Ledger) check(genesis []byte) error {
	if l.hashes[0] != LeafHash(genesis) {
		return errors.New("it belongs to another genesis; check the ledger's name and the invitation")
	}
	for i := 1; i < len(l.positions); i++ {
		if l.positions[i] <= l.positions[i-1] {
			return fmt.Errorf("positions go back at entry %d", i)
		}
	}
	text, err := l.d.ReadFile(filepath.Join(l.dir, headName))
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	cp, err := ParseCheckpoint(text)
	if err != nil {
		return fmt.Errorf("cosigned checkpoint: %w", err)
	}
	if root, err := l.rootAt(cp.Size); err != nil || root != cp.Root {
		return fmt.Errorf("%w: cosigned size %d, found %d", ErrLost, cp.Size, len(l.positions))
	}
	l.head = text
	return nil
}
