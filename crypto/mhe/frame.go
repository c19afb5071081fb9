package mhe

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Kinds of objects on the wire. Never reuse a number.
const (
	kindRoundOne   = 1
	kindRoundTwo   = 2
	kindInput      = 3
	kindRefresh    = 4
	kindDecrypt    = 5
	kindCiphertext = 6
	kindWaiting    = 7 // never on the wire: see spill.go
)

var kindName = map[byte]string{
	kindRoundOne: "key share of round one", kindRoundTwo: "key share of round two", kindInput: "input share",
	kindRefresh: "refresh share", kindDecrypt: "decryption share", kindCiphertext: "ciphertext",
	kindWaiting: "waiting ciphertext",
}

const (
	headerSize = 56
	version    = 2
)

var magic = [4]byte{'T', 'M', 'H', 'E'}

// frame describes one object exactly: the reader computes it itself and accepts no other.
type frame struct {
	kind byte
	tag  [32]byte
	rows []row // in order
}

// row is a run of polynomials of one shape.
type row struct {
	level int  // residues modulo Q[0]…Q[level]
	p     bool // and modulo P
	count int
}

func (c *Context) moduli(level int, p bool) []uint64 {
	m := c.set.Q[: level+1 : level+1]
	if p {
		m = append(m, c.set.P...)
	}
	return m
}

// size is the exact length of the object in bytes.
func (c *Context) size(f frame, extra int) int64 {
	total := int64(headerSize + extra)
	for _, r := range f.rows {
		for _, q := range c.moduli(r.level, r.p) {
			total += int64(r.count) * int64(width(q)) << c.set.LogN
		}
	}
	return total
}

func (c *Context) header(f frame, extra int) [headerSize]byte {
	var h [headerSize]byte
	copy(h[:], magic[:])
	h[4], h[5], h[6], h[7] = version, f.kind, c.set.id, byte(c.payers)
	count := 0
	for _, r := range f.rows {
		count += r.count
	}
	binary.LittleEndian.PutUint16(h[8:], uint16(f.rows[0].level))
	binary.LittleEndian.PutUint16(h[10:], uint16(count))
	binary.LittleEndian.PutUint64(h[16:], uint64(c.size(f, extra)))
	copy(h[24:], f.tag[:])
	return h
}

// writer emits an object; the first error sticks.
type writer struct {
	w   io.Writer
	sum hash.Hash
	buf []byte
	err error
}

func (c *Context) newWriter(w io.Writer, f frame, extra int) *writer {
	wr := &writer{w: w, sum: sha256.New(), buf: make([]byte, 8+8<<c.set.LogN)}
	h := c.header(f, extra)
	wr.raw(h[:])
	return wr
}

func (w *writer) raw(b []byte) {
	if w.err != nil {
		return
	}
	w.sum.Write(b)
	_, w.err = w.w.Write(b)
}

// residues writes one residue vector, little-endian in width(q) bytes each.
func (w *writer) residues(v []uint64, q uint64) {
	if w.err != nil {
		return
	}
	n := width(q)
	for i, x := range v {
		binary.LittleEndian.PutUint64(w.buf[i*n:], x) // the zero bytes above the n-th are overwritten by the next residue
	}
	w.raw(w.buf[:len(v)*n])
}

// poly writes the residue vectors of one polynomial.
func (w *writer) poly(moduli []uint64, coeffs ...[]uint64) {
	for i, q := range moduli {
		w.residues(coeffs[i], q)
	}
}

// reader checks an object while it streams. It holds one residue vector and allocates nothing that depends on the peer.
type reader struct {
	r    io.Reader
	name string
	sum  hash.Hash
	buf  []byte
	got  bool // something beyond the header was handed out
}

// open reads and compares the header: there is only one it accepts.
func (c *Context) open(r io.Reader, f frame, extra int) (*reader, error) {
	rd := &reader{r: r, name: kindName[f.kind], sum: sha256.New(), buf: make([]byte, 8+8<<c.set.LogN)}
	want := c.header(f, extra)
	got, err := rd.raw(headerSize)
	if err != nil {
		return nil, err
	}
	rd.got = false
	if bytes.Equal(got, want[:]) {
		return rd, nil
	}
	return nil, fmt.Errorf("%s: %w: %s", rd.name, ErrMalformed, headerFault(got, want[:]))
}

// headerFault names the first field that differs.
func headerFault(got, want []byte) string {
	for _, f := range []struct {
		from, to int
		text     string
	}{
		{0, 4, "not a lattice object"}, {4, 5, "other version of the format"}, {5, 6, "other type of object"}, {6, 7, "other parameter set"},
		{7, 8, "other number of payers"}, {8, 10, "other level"}, {10, 12, "other number of polynomials"}, {12, 16, "reserved bytes not zero"},
		{16, 24, "other length"}, {24, 56, "other run, label or index"},
	} {
		if !bytes.Equal(got[f.from:f.to], want[f.from:f.to]) {
			return f.text
		}
	}
	return "header"
}

// raw reads n ≤ len(buf) − 8 bytes; the result is valid until the next call.
func (r *reader) raw(n int) ([]byte, error) {
	b := r.buf[:n]
	if _, err := io.ReadFull(r.r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%s: %w: truncated", r.name, ErrMalformed)
		}
		return nil, fmt.Errorf("%s: read: %w", r.name, err)
	}
	r.sum.Write(b)
	r.got = true
	return b, nil
}

// add reads one residue vector modulo q and adds it to dst, whose entries are below q.
func (r *reader) add(dst []uint64, q uint64) error {
	n := width(q)
	b, err := r.raw(len(dst) * n)
	if err != nil {
		return err
	}
	b = b[:len(b)+8] // each residue is loaded as a word; what lies above its n bytes is cut off
	mask := ^uint64(0) >> (64 - 8*n)
	for i := range dst {
		x := binary.LittleEndian.Uint64(b[i*n:]) & mask
		if x >= q {
			return fmt.Errorf("%s: %w: residue not below its modulus", r.name, ErrMalformed)
		}
		if x += dst[i]; x >= q {
			x -= q
		}
		dst[i] = x
	}
	return nil
}

func (r *reader) poly(moduli []uint64, coeffs ...[]uint64) error {
	for i, q := range moduli {
		if err := r.add(coeffs[i], q); err != nil {
			return err
		}
	}
	return nil
}

// close demands the end of the stream and returns the hash of the object.
func (r *reader) close() ([32]byte, error) {
	var one [1]byte
	switch _, err := io.ReadFull(r.r, one[:]); {
	case err == nil:
		return [32]byte{}, fmt.Errorf("%s: %w: bytes after its end", r.name, ErrMalformed)
	case !errors.Is(err, io.EOF):
		return [32]byte{}, fmt.Errorf("%s: read: %w", r.name, err)
	}
	return [32]byte(r.sum.Sum(nil)), nil
}
