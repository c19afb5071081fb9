package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	journalName   = "journal"
	journalMagic  = "tacet-journal/v1\n"
	journalHeader = len(journalMagic) + 8
	recordHeader  = 4 + 8 + 8 + sha256.Size
)

// Record is an entry on its way into the ledger. Position is where it comes from (the Raft index) and grows from
// entry to entry; it is not part of the tree.
type Record struct {
	Position uint64
	Data     []byte
}

func newJournal(first uint64, records ...Record) []byte {
	b := binary.BigEndian.AppendUint64([]byte(journalMagic), first)
	for i, r := range records {
		b = appendRecord(b, first+uint64(i), r)
	}
	return b
}

func appendRecord(b []byte, index uint64, r Record) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Data)))
	b = binary.BigEndian.AppendUint64(b, index)
	b = binary.BigEndian.AppendUint64(b, r.Position)
	sum := recordSum(b[start:], r.Data)
	return append(append(b, sum[:]...), r.Data...)
}

func recordSum(head, data []byte) (sum [32]byte) {
	h := sha256.New()
	h.Write(head)
	h.Write(data)
	h.Sum(sum[:0])
	return sum
}

// readJournal returns the journal's records and the length of the part that is whole. Everything after the first record that is
// short or fails its hash is torn: the write or its fsync never returned, so nobody was told that it is there.
func readJournal(b []byte) (first uint64, records []Record, whole int64, err error) {
	if len(b) < journalHeader || !bytes.HasPrefix(b, []byte(journalMagic)) {
		return 0, nil, 0, fmt.Errorf("journal has no header: %w", io.ErrUnexpectedEOF)
	}
	first = binary.BigEndian.Uint64(b[len(journalMagic):])
	at := journalHeader
	for {
		rest := b[at:]
		if len(rest) < recordHeader {
			break
		}
		n := int64(binary.BigEndian.Uint32(rest))
		if n > MaxEntry || int64(len(rest)) < recordHeader+n {
			break
		}
		data := rest[recordHeader : recordHeader+int(n)]
		if sum := recordSum(rest[:20], data); !bytes.Equal(sum[:], rest[20:recordHeader]) {
			break
		}
		if binary.BigEndian.Uint64(rest[4:]) != first+uint64(len(records)) {
			break
		}
		records = append(records, Record{Position: binary.BigEndian.Uint64(rest[12:]), Data: bytes.Clone(data)})
		at += recordHeader + int(n)
	}
	return first, records, int64(at), nil
}
