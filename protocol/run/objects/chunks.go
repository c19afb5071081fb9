package objects

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/tacet-health/tacet/protocol/wire"
)

// domain separates an object's hash from every other SHA-256.
const domain = "tacet/object/v1"

// List holds the SHA-256 of every chunk of an object, in order.
type List []wire.Hash

// Hash is the name of the object of this size that consists of the chunks.
func (l List) Hash(size int64) wire.Hash {
	h := sha256.New()
	io.WriteString(h, domain)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(size)))
	for _, c := range l {
		h.Write(c[:])
	}
	return wire.Hash(h.Sum(nil))
}

// Sum is the hash of an object in memory.
func Sum(b []byte) wire.Hash {
	c := newChunker()
	c.Write(b)
	return c.list().Hash(int64(len(b)))
}

// ListOf reads a whole file and returns its chunks' hashes and its size.
func ListOf(path string) (List, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	c := newChunker()
	n, err := io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{f}, make([]byte, buffer))
	if err != nil {
		return nil, 0, err
	}
	return c.list(), n, nil
}

// chunker hashes what is written to it chunk by chunk.
type chunker struct {
	done List
	sum  hash.Hash
	n    int // bytes in sum
}

func newChunker() *chunker { return &chunker{sum: sha256.New()} }

// Write never fails.
func (c *chunker) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		piece := b[:min(len(b), wire.Chunk-c.n)]
		c.sum.Write(piece)
		b = b[len(piece):]
		if c.n += len(piece); c.n == wire.Chunk {
			c.end()
		}
	}
	return n, nil
}

func (c *chunker) end() {
	c.done = append(c.done, wire.Hash(c.sum.Sum(nil)))
	c.sum.Reset()
	c.n = 0
}

// list ends the last chunk.
func (c *chunker) list() List {
	if c.n > 0 {
		c.end()
	}
	return c.done
}

// writeList sends the hashes; readList takes as many as an object of the size
// has and refuses those that are not the object's.
func writeList(w io.Writer, l List) error {
	b := make([]byte, 0, len(l)*len(wire.Hash{}))
	for _, h := range l {
		b = append(b, h[:]...)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("send chunk hashes: %w", err)
	}
	return nil
}

func readList(r io.Reader, name wire.Hash, size int64) (List, error) {
	l := make(List, wire.Chunks(size))
	for i := range l {
		if _, err := io.ReadFull(r, l[i][:]); err != nil {
			return nil, fmt.Errorf("receive chunk hashes of object %s: %w", name.Short(), err)
		}
	}
	if l.Hash(size) != name {
		return nil, fmt.Errorf("chunk hashes of object %s of %d bytes: %w", name.Short(), size, ErrWrong)
	}
	return l, nil
}
