package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// tilePath is the C2SP path of the n-th tile: "tile/" kind "/" x001/x234/067, with ".p/W" when it holds fewer than 256.
func tilePath(kind string, n uint64, width int) string {
	p := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		p = fmt.Sprintf("x%03d/%s", n%1000, p)
	}
	if width < tileWidth {
		p += ".p/" + strconv.Itoa(width)
	}
	return "tile/" + kind + "/" + p
}

// positionPath names the file of Raft indices beside the n-th entry bundle.
func positionPath(n uint64) string { return tilePath("position", n, tileWidth)[len("tile/"):] }

func encodeBundle(leaves [][]byte) []byte {
	var b []byte
	for _, l := range leaves {
		b = binary.BigEndian.AppendUint16(b, uint16(len(l)))
		b = append(b, l...)
	}
	return b
}

var errBundle = errors.New("entry bundle is not width times length and leaf")

// decodeBundle splits a bundle of exactly width leaves. The leaves alias b.
func decodeBundle(b []byte, width int) ([][]byte, error) {
	out := make([][]byte, 0, width)
	for range width {
		if len(b) < 2 {
			return nil, errBundle
		}
		n := int(binary.BigEndian.Uint16(b))
		if b = b[2:]; len(b) < n {
			return nil, errBundle
		}
		out, b = append(out, b[:n:n]), b[n:]
	}
	if len(b) != 0 {
		return nil, errBundle
	}
	return out, nil
}

// hashes holds every stored hash of the tree in tlog's order: 64 bytes an entry.
type hashes []Hash

// ReadHashes implements tlog.HashReader.
func (h hashes) ReadHashes(at []int64) ([]Hash, error) {
	out := make([]Hash, len(at))
	for i, x := range at {
		if x < 0 || x >= int64(len(h)) {
			return nil, fmt.Errorf("hash %d is outside the tree", x)
		}
		out[i] = h[x]
	}
	return out, nil
}

// add appends the hashes that entry n with leaf hash leaf completes.
func (h *hashes) add(n uint64, leaf Hash) error {
	more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, *h)
	if err != nil {
		return fmt.Errorf("hash entry %d: %w", n, err)
	}
	*h = append(*h, more...)
	return nil
}

// tile returns the bytes of the hash tile with width hashes at a tile level.
func (h hashes) tile(level int, n uint64, width int) ([]byte, error) {
	var b []byte
	for i := range uint64(width) {
		x := tlog.StoredHashIndex(level*tileHeight, int64(n*tileWidth+i))
		if x >= int64(len(h)) {
			return nil, fmt.Errorf("hash tile %d/%d is not complete", level, n)
		}
		b = append(b, h[x][:]...)
	}
	return b, nil
}
