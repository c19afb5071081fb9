package audit

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"github.com/tacet-health/tacet/governance/ledger"
)

// tree is the Merkle tree of RFC 6962, section 2.1, written from the RFC and not with the code that wrote the log. levels[k][i] is
// the hash of the i-th complete subtree of 2^k leaves.
type tree struct{ levels [][]ledger.Hash }

func leafHash(leaf []byte) ledger.Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	return ledger.Hash(h.Sum(nil))
}

func nodeHash(left, right ledger.Hash) ledger.Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// add appends a leaf by its hash.
func (t *tree) add(h ledger.Hash) {
	for k := 0; ; k++ {
		if k == len(t.levels) {
			t.levels = append(t.levels, nil)
		}
		t.levels[k] = append(t.levels[k], h)
		n := len(t.levels[k])
		if n%2 == 1 {
			return
		}
		h = nodeHash(t.levels[k][n-2], h)
	}
}

func (t *tree) size() uint64 {
	if len(t.levels) == 0 {
		return 0
	}
	return uint64(len(t.levels[0]))
}

// split is the largest power of two below n, n ≥ 2.
func split(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

// of is the hash of the leaves from lo to hi, a range that splitting [0, n) leads to. 0 ≤ lo < hi ≤ size.
func (t *tree) of(lo, hi uint64) ledger.Hash {
	n := hi - lo
	if n&(n-1) == 0 {
		k := bits.TrailingZeros64(n)
		return t.levels[k][lo>>k]
	}
	k := split(n)
	return nodeHash(t.of(lo, lo+k), t.of(lo+k, hi))
}

// root is the root over the first n leaves.
func (t *tree) root(n uint64) (ledger.Hash, error) {
	if n == 0 || n > t.size() {
		return ledger.Hash{}, fmt.Errorf("no root of size %d in a tree of size %d", n, t.size())
	}
	return t.of(0, n), nil
}

// inclusion is PATH(m, D[n]): the proof that leaf m is in the tree of size n. m < n ≤ size.
func (t *tree) inclusion(m, n uint64) []ledger.Hash { return t.path(m, 0, n) }

func (t *tree) path(m, lo, hi uint64) []ledger.Hash {
	if hi-lo == 1 {
		return nil
	}
	mid := lo + split(hi-lo)
	if m < mid {
		return append(t.path(m, lo, mid), t.of(mid, hi))
	}
	return append(t.path(m, mid, hi), t.of(lo, mid))
}

// consistency is PROOF(m, D[n]): the proof that the tree of size m is the beginning of that of size n. 0 < m ≤ n ≤ size.
func (t *tree) consistency(m, n uint64) []ledger.Hash { return t.subproof(m, 0, n, true) }

func (t *tree) subproof(m, lo, hi uint64, whole bool) []ledger.Hash {
	if m == hi {
		if whole {
			return nil
		}
		return []ledger.Hash{t.of(lo, hi)}
	}
	mid := lo + split(hi-lo)
	if m <= mid {
		return append(t.subproof(m, lo, mid, whole), t.of(mid, hi))
	}
	return append(t.subproof(m, mid, hi, false), t.of(lo, mid))
}

// tile is the hash tile at a level of tiles: width hashes from number at·256 on.
func (t *tree) tile(level int, at uint64, width int) []byte {
	var b []byte
	for _, h := range t.levels[8*level][at*tileWidth:][:width] {
		b = append(b, h[:]...)
	}
	return b
}
