package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Inclusion proves that entry index is in the tree of that size.
func (l *Ledger) Inclusion(index, size uint64) ([]Hash, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if index >= size || size > uint64(len(l.positions)) {
		return nil, fmt.Errorf("prove entry %d in size %d: %w", index, size, ErrRange)
	}
	return tlog.ProveRecord(int64(size), int64(index), l.hashes)
}

// Consistency proves that the tree of size from is the beginning of the tree of size to.
func (l *Ledger) Consistency(from, to uint64) ([]Hash, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if from == 0 || from > to || to > uint64(len(l.positions)) {
		return nil, fmt.Errorf("prove size %d in size %d: %w", from, to, ErrRange)
	}
	return tlog.ProveTree(int64(to), int64(from), l.hashes)
}

// VerifyInclusion checks an inclusion proof for the entry's exact bytes against a checkpoint that the caller has verified.
func VerifyInclusion(entry []byte, index uint64, proof []Hash, c Checkpoint) error {
	if index >= c.Size {
		return fmt.Errorf("entry %d is not in a tree of size %d: %w", index, c.Size, ErrRange)
	}
	if err := tlog.CheckRecord(proof, int64(c.Size), c.Root, int64(index), LeafHash(entry)); err != nil {
		return fmt.Errorf("inclusion of entry %d in size %d: %w", index, c.Size, err)
	}
	return nil
}

// VerifyConsistency checks that the tree of old is the beginning of the tree of c.
func VerifyConsistency(proof []Hash, old, c Checkpoint) error {
	if old.Origin != c.Origin || old.Size == 0 || old.Size > c.Size {
		return fmt.Errorf("consistency of size %d with size %d: %w", old.Size, c.Size, ErrRange)
	}
	if err := tlog.CheckTree(proof, int64(c.Size), c.Root, int64(old.Size), old.Root); err != nil {
		return fmt.Errorf("consistency of size %d with size %d: %w", old.Size, c.Size, err)
	}
	return nil
}
