package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

const (
	localHeader   = 30
	centralHeader = 46
	endRecord     = 22
	// MaxSize is the longest bundle in bytes; a zip without the 64-bit extension is no longer than this.
	MaxSize = 1<<32 - 1
	// maxFiles is the most files in a bundle, for the same reason.
	maxFiles = 1<<16 - 1
)

// content is one file of a bundle. Reading it allocates size bytes, which are there: files are stored, not compressed.
type content struct {
	size int64
	read func() ([]byte, error)
}

// Bundle is an opened evidence bundle: nothing of it is trusted before Verify. It is safe for concurrent use.
type Bundle struct {
	names []string // in order
	files map[string]content
}

// NewBundle is a bundle of files in memory, right or wrong: Verify says which.
func NewBundle(files map[string][]byte) *Bundle {
	b := newBundle()
	for name, data := range files {
		b.put(name, data)
	}
	return b
}

// Files reads all files of the bundle.
func (b *Bundle) Files() (map[string][]byte, error) {
	out := make(map[string][]byte, len(b.names))
	for _, name := range b.names {
		data, _, err := b.file(name)
		if err != nil {
			return nil, err
		}
		out[name] = data
	}
	return out, nil
}

func newBundle() *Bundle { return &Bundle{files: map[string]content{}} }

// put adds a file that is in memory.
func (b *Bundle) put(name string, data []byte) {
	b.add(name, content{int64(len(data)), func() ([]byte, error) { return data, nil }})
}

func (b *Bundle) add(name string, c content) {
	if _, ok := b.files[name]; !ok {
		i, _ := slices.BinarySearch(b.names, name)
		b.names = slices.Insert(b.names, i, name)
	}
	b.files[name] = c
}

// file reads a file; found is false when the bundle has none of that name.
func (b *Bundle) file(name string) (data []byte, found bool, err error) {
	c, ok := b.files[name]
	if !ok {
		return nil, false, nil
	}
	data, err = c.read()
	if err != nil {
		return nil, true, fmt.Errorf("read %s: %w", name, err)
	}
	return data, true, nil
}

// Open reads the table of files of a bundle. It accepts what Bundle.Write writes and nothing else, so that a bundle has one byte
// form: files in order of their names, stored, no times, no comments, nothing between them. Its memory is bounded by the bundle's
// own size. A *Finding says what is wrong with the bundle; any other error is of the reader.
func Open(r io.ReaderAt, size int64) (*Bundle, error) {
	if size > MaxSize {
		return nil, bad(CodeContainer, "", "the bundle has %d bytes, at most %d", size, int64(MaxSize))
	}
	b := newBundle()
	var central []byte
	at, last := int64(0), ""
	for {
		head := make([]byte, localHeader)
		if size-at < int64(len(head)) {
			break
		}
		if _, err := r.ReadAt(head, at); err != nil {
			return nil, fmt.Errorf("read bundle: %w", err)
		}
		if binary.LittleEndian.Uint32(head) != localMagic {
			break
		}
		n := int64(binary.LittleEndian.Uint16(head[26:]))
		length := int64(binary.LittleEndian.Uint32(head[22:]))
		if n > maxName || size-at-localHeader < n {
			return nil, bad(CodeContainer, "", "a file's name at byte %d is too long", at)
		}
		text := make([]byte, n)
		if _, err := r.ReadAt(text, at+localHeader); err != nil {
			return nil, fmt.Errorf("read bundle: %w", err)
		}
		name, sum, data := string(text), binary.LittleEndian.Uint32(head[14:]), at+localHeader+n
		limit, ok := limitOf(name)
		switch {
		case !ok:
			return nil, bad(CodeFileUnexpected, "", "a bundle has no file %.80q", name)
		case len(b.names) > 0 && name <= last:
			return nil, bad(CodeContainer, name, "is there twice or out of order")
		case length > limit:
			return nil, bad(CodeContainer, name, "has %d bytes, at most %d", length, limit)
		case length > size-data:
			return nil, bad(CodeContainer, name, "ends before its %d bytes", length)
		case len(b.names) == maxFiles:
			return nil, bad(CodeContainer, name, "is one file too many")
		case !bytes.Equal(head, local(name, sum, length)):
			return nil, bad(CodeContainer, name, "is not stored the way an evidence bundle stores files; was the zip packed again? Use the original")
		}
		b.names, last = append(b.names, name), name
		b.files[name] = content{length, func() ([]byte, error) { return readStored(r, name, data, length, sum) }}
		central = append(central, centralEntry(name, sum, length, at)...)
		at = data + length
	}
	if len(b.names) == 0 {
		return nil, bad(CodeContainer, "", "this is not an evidence bundle: it does not begin with a stored file")
	}
	tail := append(central, endOf(len(b.names), len(central), at)...)
	if size-at != int64(len(tail)) {
		return nil, bad(CodeContainer, "", "after %s come %d bytes, the table of files has %d: the bundle was cut, added to or packed again", last, size-at, len(tail))
	}
	have := make([]byte, len(tail))
	if _, err := r.ReadAt(have, at); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	if !bytes.Equal(have, tail) {
		return nil, bad(CodeContainer, "", "the table of files at the end is not that of the files before it")
	}
	return b, nil
}

func readStored(r io.ReaderAt, name string, at, length int64, sum uint32) ([]byte, error) {
	data := make([]byte, length)
	if n, err := r.ReadAt(data, at); int64(n) < length {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	if crc32.ChecksumIEEE(data) != sum {
		return nil, bad(CodeContainer, name, "does not have the checksum beside it")
	}
	return data, nil
}

// Write writes the bundle in its one form.
func (b *Bundle) Write(w io.Writer) error {
	var central []byte
	at := int64(0)
	for _, name := range b.names {
		data, _, err := b.file(name)
		if err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
		sum := crc32.ChecksumIEEE(data)
		central = append(central, centralEntry(name, sum, int64(len(data)), at)...)
		for _, part := range [][]byte{local(name, sum, int64(len(data))), []byte(name), data} {
			if _, err := w.Write(part); err != nil {
				return fmt.Errorf("write bundle: %w", err)
			}
			at += int64(len(part))
		}
	}
	if at+int64(len(central))+endRecord > MaxSize || len(b.names) > maxFiles {
		return fmt.Errorf("write bundle: %d files of %d bytes, at most %d of %d", len(b.names), at, maxFiles, int64(MaxSize))
	}
	if _, err := w.Write(append(central, endOf(len(b.names), len(central), at)...)); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}
