package mhe

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math/bits"
)

// generator expands a key of 32 bytes with AES-256 in counter mode from counter 0. Each key serves one purpose only, so streams never
// overlap. It feeds the reference string (key: the public tag; the way FrodoKEM-AES expands its matrix) and, under keys derived from a
// party's seed, every secret polynomial. Five times as fast as the library's BLAKE2 generator, which was a third of a round's time.
type generator struct {
	s   cipher.Stream
	buf [4096]byte
	at  int // first unused byte of buf
}

func newGenerator(key [32]byte) *generator {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // a key of 32 bytes is always accepted
	}
	g := &generator{s: cipher.NewCTR(block, make([]byte, aes.BlockSize))}
	g.at = len(g.buf)
	return g
}

// Read never fails.
func (g *generator) Read(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		g.refill()
		k := copy(b, g.buf[g.at:])
		g.at += k
		b = b[k:]
	}
	return n, nil
}

func (g *generator) refill() {
	if g.at == len(g.buf) {
		clear(g.buf[:])
		g.s.XORKeyStream(g.buf[:], g.buf[:])
		g.at = 0
	}
}

// residues fills v with independent uniform residues modulo q: words of 8 bytes, little-endian, cut to the bits of q, rejected from q on.
// Only for streams that are read in words from their beginning.
func (g *generator) residues(v []uint64, q uint64) {
	mask := ^uint64(0) >> bits.LeadingZeros64(q-1)
	for i := 0; i < len(v); {
		g.refill()
		for ; g.at < len(g.buf) && i < len(v); g.at += 8 {
			if x := binary.LittleEndian.Uint64(g.buf[g.at:]) & mask; x < q {
				v[i] = x
				i++
			}
		}
	}
}

// wipe forgets the buffered bytes. The key schedule stays with the cipher until it is collected.
func (g *generator) wipe() { clear(g.buf[:]) }
