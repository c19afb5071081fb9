package replica

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

// A frame is a length of four bytes, big endian, and that many bytes.

func writeFrame(w io.Writer, b []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readFrame(r io.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if int64(n) > int64(limit) {
		return nil, fmt.Errorf("frame of %d bytes, at most %d", n, limit)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

// answer is the leader's word on a proposal.
type answer struct {
	Status  string         `json:"status"`
	Index   uint64         `json:"index"`
	Refusal *rules.Refusal `json:"refusal"`
}

const (
	statusDone    = "done"    // in the ledger at Index
	statusRefused = "refused" // by the rules
	statusUnknown = "unknown" // not the leader, or no longer: ask again
)

const maxAnswer = 64 << 10

func decodeAnswer(b []byte) (answer, error) {
	var a answer
	if err := entry.Decode(b, &a); err != nil {
		return answer{}, fmt.Errorf("answer: %w", err)
	}
	if (a.Refusal != nil) != (a.Status == statusRefused) {
		return answer{}, fmt.Errorf("answer: %w", entry.ErrForm)
	}
	return a, nil
}
