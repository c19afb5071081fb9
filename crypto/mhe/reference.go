package mhe

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// Reference is the seed of a run's common reference string.
type Reference [32]byte

// NewReference binds the reference string to the run's authorisation (hash of the manifest) and to a state of the log (hash of a
// checkpoint that was not known when the manifest was written).
func NewReference(manifest, checkpoint [32]byte) Reference {
	return Reference(digest("reference", manifest[:], checkpoint[:]))
}

// on is the reference string of the refresh of one ciphertext: of a question, not of a place in the run. Two shares under one key share on
// one polynomial show the difference of their masks, and with it that of the two messages; a payer whose journal was put back may be led to
// a second question in the same place, and then answers it on another polynomial.
func (ref Reference) on(ct *Ciphertext) Reference {
	h := ct.Hash()
	return Reference(digest("reference of a refresh", ref[:], h[:]))
}

// digest hashes a label and length-prefixed parts.
func digest(label string, parts ...[]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("tacet/mhe/v1\x00"))
	var n [8]byte
	for _, p := range append([][]byte{[]byte(label)}, parts...) {
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return [32]byte(h.Sum(nil))
}

// indices encodes numbers for digest.
func indices(n ...int) []byte {
	b := make([]byte, 0, 8*len(n))
	for _, x := range n {
		b = binary.LittleEndian.AppendUint64(b, uint64(int64(x)))
	}
	return b
}

// tag names one object or one public polynomial: set, number of payers, reference, purpose and indices.
func (c *Context) tag(ref Reference, purpose string, index ...int) [32]byte {
	return digest(purpose, []byte{c.set.id, byte(c.payers), byte(c.set.LogN)}, ref[:], indices(index...))
}

// publicQ samples the public polynomial (purpose, index) of the reference string modulo Q[0]…Q[level], in the transformed domain.
func (c *Context) publicQ(ref Reference, level int, purpose string, index ...int) ring.Poly {
	p := c.ringQ(level).NewPoly()
	g := newGenerator(c.tag(ref, "reference string: "+purpose, append(index, level)...))
	for j, q := range c.set.Q[:level+1] {
		g.residues(p.Coeffs[j], q)
	}
	return p
}

// publicQP samples into p, modulo Q[0]…Q[level] and P.
func (c *Context) publicQP(p ringqp.Poly, ref Reference, level int, purpose string, index ...int) {
	g := newGenerator(c.tag(ref, "reference string: "+purpose, append(index, level)...))
	for j, q := range c.set.Q[:level+1] {
		g.residues(p.Q.Coeffs[j], q)
	}
	for j, q := range c.set.P {
		g.residues(p.P.Coeffs[j], q)
	}
}
