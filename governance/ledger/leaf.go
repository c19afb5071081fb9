package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// MaxEntry is the longest entry in bytes.
	MaxEntry = 1 << 20
	// maxLeaf is the longest leaf that a C2SP entry bundle can carry: its length is a uint16.
	maxLeaf    = 1<<16 - 1
	blobPrefix = "tacet-blob/v1\n"
)

// Hash is a node of the tree (SHA-256, RFC 6962).
type Hash = tlog.Hash

// Leaf returns the bytes that the tree hashes for an entry: the entry itself, or a reference to it by SHA-256 when it is
// too long for an entry bundle. An auditor calls it on the entry's bytes before it checks an inclusion proof.
func Leaf(entry []byte) []byte {
	if len(entry) <= maxLeaf {
		return entry
	}
	sum := sha256.Sum256(entry)
	return fmt.Appendf(nil, "%s%d\n%x\n", blobPrefix, len(entry), sum)
}

// LeafHash is the hash of an entry's leaf.
func LeafHash(entry []byte) Hash { return tlog.RecordHash(Leaf(entry)) }

// blobOf reads a leaf that is a reference. ok is false when the leaf is the entry itself.
func blobOf(leaf []byte) (size int, sum [32]byte, ok bool) {
	rest, found := bytes.CutPrefix(leaf, []byte(blobPrefix))
	if !found {
		return 0, sum, false
	}
	lines := strings.Split(string(rest), "\n")
	if len(lines) != 3 || lines[2] != "" {
		return 0, sum, false
	}
	size, err := strconv.Atoi(lines[0])
	if err != nil || size <= maxLeaf || size > MaxEntry || strconv.Itoa(size) != lines[0] {
		return 0, sum, false
	}
	b, err := hex.DecodeString(lines[1])
	if err != nil || len(b) != len(sum) || hex.EncodeToString(b) != lines[1] {
		return 0, sum, false
	}
	copy(sum[:], b)
	return size, sum, true
}

func blobName(sum [32]byte) string { return "blob/" + hex.EncodeToString(sum[:]) }
