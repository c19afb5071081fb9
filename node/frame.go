package node

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tacet-health/tacet/governance/entry"
)

// writeMessage and readMessage are how the small services of a node talk (join, endorse, about): four bytes of length, big endian, and canonical JSON,
// which the reader takes in no other form and in no other size.
func writeMessage(w io.Writer, v any) error {
	b, err := entry.Canonical(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readMessage(r io.Reader, limit int, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if int64(n) > int64(limit) {
		return fmt.Errorf("message of %d bytes, at most %d", n, limit)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	return entry.Decode(b, v)
}
