package ledger

import "golang.org/x/mod/sumdb/tlog"

// Accumulator computes the root of a sequence of entries that are not in a ledger (a snapshot on its way in). The zero
// value is the empty tree.
type Accumulator struct {
	h hashes
	n uint64
}

// Add appends an entry.
func (a *Accumulator) Add(entry []byte) error {
	if err := a.h.add(a.n, LeafHash(entry)); err != nil {
		return err
	}
	a.n++
	return nil
}

// Root is the root over the entries added.
func (a *Accumulator) Root() (Hash, error) { return tlog.TreeHash(int64(a.n), a.h) }
