package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

var (
	// ErrBroken is returned by everything after a write or an fsync failed: what the disk holds is unknown until a new process reads it.
	ErrBroken = errors.New("ledger is broken by a failed write; restart the service after the disk is repaired")
	// ErrLost says that the disk no longer has what this replica cosigned.
	ErrLost = errors.New("ledger has lost entries that this replica cosigned; move the ledger folder away and rejoin with an empty one")
	// ErrRange says that an index or a size is outside the ledger.
	ErrRange = errors.New("outside the ledger")
)

// Ledger is the log. It is safe for concurrent use; Append and Commit belong to one goroutine at a time, which the lock sees to.
type Ledger struct {
	dir string
	d   disk

	mu        sync.RWMutex // guards all below
	broken    error
	hashes    hashes
	positions []uint64 // of every entry
	bytes     []int64  // total length of the entries up to and with i
	tail      [][]byte // entries that fill no tile yet
	journal   file
	end       int64  // where the next record goes
	head      []byte // text of the last checkpoint this replica cosigned; nil before the first

	bundleMu sync.Mutex // guards the bundle read last
	bundleN  uint64
	bundle   [][]byte
}

// Open opens the ledger in dir, which it creates with genesis as entry 0 when there is none. A ledger that starts with another
// genesis is refused.
func Open(dir string, genesis []byte) (*Ledger, error) { return open(osDisk{}, dir, genesis) }

func open(d disk, dir string, genesis []byte) (*Ledger, error) {
	if len(genesis) == 0 || len(genesis) > MaxEntry {
		return nil, fmt.Errorf("open ledger: genesis of %d bytes", len(genesis))
	}
	l := &Ledger{dir: dir, d: d}
	if err := l.load(genesis); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", dir, err)
	}
	return l, nil
}

// Size is the number of entries, the genesis counted.
func (l *Ledger) Size() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return uint64(len(l.positions))
}

// Root is the root of the whole tree and its size.
func (l *Ledger) Root() (size uint64, root Hash, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	size = uint64(len(l.positions))
	root, err = l.rootAt(size)
	return size, root, err
}

// RootAt is the root that the tree had at size.
func (l *Ledger) RootAt(size uint64) (Hash, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.rootAt(size)
}

func (l *Ledger) rootAt(size uint64) (Hash, error) {
	if size == 0 || size > uint64(len(l.positions)) {
		return Hash{}, fmt.Errorf("root at size %d: %w", size, ErrRange)
	}
	return tlog.TreeHash(int64(size), l.hashes)
}

// Position is the Raft index that brought entry i.
func (l *Ledger) Position(i uint64) (uint64, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if i >= uint64(len(l.positions)) {
		return 0, fmt.Errorf("position of entry %d: %w", i, ErrRange)
	}
	return l.positions[i], nil
}

// Last is the position of the last entry: everything up to it has been judged.
func (l *Ledger) Last() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.positions[len(l.positions)-1]
}

// Find is the entry that position brought, if it brought one.
func (l *Ledger) Find(position uint64) (index uint64, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	i := sort.Search(len(l.positions), func(i int) bool { return l.positions[i] >= position })
	return uint64(i), i > 0 && i < len(l.positions) && l.positions[i] == position
}

// Bytes is the total length of the first size entries.
func (l *Ledger) Bytes(size uint64) (int64, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if size == 0 || size > uint64(len(l.bytes)) {
		return 0, fmt.Errorf("length of %d entries: %w", size, ErrRange)
	}
	return l.bytes[size-1], nil
}

// Entry returns the exact bytes of entry i, checked against the tree. The caller owns them.
func (l *Ledger) Entry(i uint64) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n := uint64(len(l.positions))
	if i >= n {
		return nil, fmt.Errorf("entry %d of %d: %w", i, n, ErrRange)
	}
	sealed := n - uint64(len(l.tail))
	if i >= sealed {
		return bytes.Clone(l.tail[i-sealed]), nil
	}
	data, err := l.sealedEntry(i)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", i, err)
	}
	if LeafHash(data) != l.hashes[tlog.StoredHashIndex(0, int64(i))] {
		return nil, fmt.Errorf("entry %d on disk does not hash to its leaf", i)
	}
	return data, nil
}

// Append adds records behind one another and returns when they are on disk. Records must have growing positions. On an
// error nothing is acknowledged and the ledger is broken.
func (l *Ledger) Append(records []Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	last := l.positions[len(l.positions)-1]
	for _, r := range records {
		if len(r.Data) == 0 || len(r.Data) > MaxEntry {
			return fmt.Errorf("append: entry of %d bytes", len(r.Data))
		}
		if r.Position <= last {
			return fmt.Errorf("append: position %d is not after %d", r.Position, last)
		}
		last = r.Position
	}
	for len(records) > 0 {
		n := min(len(records), tileWidth-len(l.tail))
		if err := l.write(records[:n]); err != nil {
			return l.fail(err)
		}
		records = records[n:]
		if len(l.tail) == tileWidth {
			if err := l.seal(); err != nil {
				return l.fail(err)
			}
		}
	}
	return nil
}

// write puts one batch into the journal with one fsync. A crash before the fsync returns leaves a torn or a whole
// record; both are right, since nobody has been told yet.
func (l *Ledger) write(records []Record) error {
	var b []byte
	for i, r := range records {
		b = appendRecord(b, uint64(len(l.positions)+i), r)
	}
	if _, err := l.journal.WriteAt(b, l.end); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := l.journal.Sync(); err != nil {
		return fmt.Errorf("fsync journal: %w", err)
	}
	l.end += int64(len(b))
	for _, r := range records {
		if err := l.remember(LeafHash(r.Data), r.Position, int64(len(r.Data))); err != nil {
			return err
		}
		l.tail = append(l.tail, bytes.Clone(r.Data))
	}
	return nil
}

func (l *Ledger) remember(leaf Hash, position uint64, length int64) error {
	if err := l.hashes.add(uint64(len(l.positions)), leaf); err != nil {
		return err
	}
	var before int64
	if n := len(l.bytes); n > 0 {
		before = l.bytes[n-1]
	}
	l.positions = append(l.positions, position)
	l.bytes = append(l.bytes, before+length)
	return nil
}

func (l *Ledger) fail(err error) error {
	l.broken = fmt.Errorf("%w: %w", ErrBroken, err)
	return l.broken
}

// Close closes the journal. Nothing is lost without it.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal == nil {
		return nil
	}
	err := l.journal.Close()
	l.journal, l.broken = nil, errors.New("ledger is closed")
	return err
}
