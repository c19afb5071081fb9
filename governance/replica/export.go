package replica

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tacet-health/tacet/governance/ledger"
)

// A ledger travels inside a Raft snapshot as exportMagic, size (entries, the genesis counted), root at that size, and then for entries 1
// to size-1: position, length, bytes. The genesis does not travel: everybody has it, and the root covers it.
const exportMagic = "tacet-ledger/v1\n"

const (
	exportHeader = len(exportMagic) + 8 + 32
	exportRecord = 8 + 4
)

func encodeExportHeader(size uint64, root ledger.Hash) []byte {
	b := binary.BigEndian.AppendUint64([]byte(exportMagic), size)
	return append(b, root[:]...)
}

func exportBytes(l *ledger.Ledger, size uint64) (int64, error) {
	all, err := l.Bytes(size)
	if err != nil {
		return 0, err
	}
	genesis, err := l.Bytes(1)
	if err != nil {
		return 0, err
	}
	return int64(exportHeader) + int64(size-1)*exportRecord + all - genesis, nil
}

// exportReader streams a ledger, entry by entry, without a goroutine.
type exportReader struct {
	l    *ledger.Ledger
	next uint64
	size uint64
	buf  bytes.Buffer
}

func newExportReader(l *ledger.Ledger, size uint64, root ledger.Hash) *exportReader {
	r := &exportReader{l: l, next: 1, size: size}
	r.buf.Write(encodeExportHeader(size, root))
	return r
}

// Read implements io.Reader.
func (r *exportReader) Read(b []byte) (int, error) {
	for r.buf.Len() < len(b) && r.next < r.size {
		data, err := r.l.Entry(r.next)
		if err != nil {
			return 0, err
		}
		pos, err := r.l.Position(r.next)
		if err != nil {
			return 0, err
		}
		r.buf.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, pos), uint32(len(data))))
		r.buf.Write(data)
		r.next++
	}
	return r.buf.Read(b)
}

// Close implements io.Closer.
func (r *exportReader) Close() error { return nil }

// readExport reads an export and hands each entry to each. It returns what the header says. Trailing bytes are refused.
func readExport(r io.Reader, each func(index uint64, rec ledger.Record) error) (size uint64, root ledger.Hash, err error) {
	br := bufio.NewReaderSize(r, 256<<10)
	head := make([]byte, exportHeader)
	if _, err := io.ReadFull(br, head); err != nil || string(head[:len(exportMagic)]) != exportMagic {
		return 0, root, errors.New("snapshot has no header")
	}
	size = binary.BigEndian.Uint64(head[len(exportMagic):])
	copy(root[:], head[len(exportMagic)+8:])
	if size == 0 {
		return 0, root, errors.New("snapshot of an empty ledger")
	}
	for i := uint64(1); i < size; i++ {
		var h [exportRecord]byte
		if _, err := io.ReadFull(br, h[:]); err != nil {
			return 0, root, fmt.Errorf("snapshot ends at entry %d of %d", i, size)
		}
		n := binary.BigEndian.Uint32(h[8:])
		if n == 0 || n > ledger.MaxEntry {
			return 0, root, fmt.Errorf("snapshot's entry %d has %d bytes", i, n)
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(br, data); err != nil {
			return 0, root, fmt.Errorf("snapshot ends in entry %d of %d", i, size)
		}
		if err := each(i, ledger.Record{Position: binary.BigEndian.Uint64(h[:]), Data: data}); err != nil {
			return 0, root, err
		}
	}
	if _, err := br.ReadByte(); !errors.Is(err, io.EOF) {
		return 0, root, errors.New("snapshot has bytes after its end")
	}
	return size, root, nil
}
