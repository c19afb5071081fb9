package mhe

import (
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math/big"
	"sync/atomic"

	"crypto/sha256"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// Ciphertext is an encryption of one vector of real slots under the sum of the payers' key shares. Operations return new ciphertexts and
// leave their operands as they are: a Ciphertext may be read by many goroutines.
//
// A parked Ciphertext waits in a Spill: it knows its level, scale and hash, every operation loads it for itself, and Free gives its place back.
type Ciphertext struct {
	c    *Context
	ct   *rlwe.Ciphertext // without polynomials when parked
	high bool
	park *parked
	hash atomic.Pointer[[32]byte] // once somebody has asked
}

// Level is the index of the last prime in the ciphertext's modulus.
func (ct *Ciphertext) Level() int {
	if ct.park != nil {
		return ct.park.shelf.rows[0].level
	}
	return ct.ct.Level()
}

// High says whether the ciphertext lives at the high scale (two primes a rescaling).
func (ct *Ciphertext) High() bool { return ct.high }

// Scale is the exact factor between slots and encoded integers.
func (ct *Ciphertext) Scale() *big.Float { return new(big.Float).Set(&ct.ct.Scale.Value) }

// scaleSize: 16 bytes of mantissa (leading bit set, least significant byte first), 2 of exponent, 1 of high, 5 of zero.
const scaleSize = 24

// scaleBytes is the one encoding of a scale: mantissa·2^exponent.
func (ct *Ciphertext) scaleBytes() (b [scaleSize]byte) {
	m := new(big.Float)
	exp := ct.ct.Scale.Value.MantExp(m)
	i, _ := m.SetMantExp(m, int(rlwe.ScalePrecision)).Int(nil)
	i.FillBytes(b[:16])
	for l, r := 0, 15; l < r; l, r = l+1, r-1 {
		b[l], b[r] = b[r], b[l]
	}
	binary.LittleEndian.PutUint16(b[16:], uint16(int16(exp-int(rlwe.ScalePrecision))))
	if ct.high {
		b[18] = 1
	}
	return b
}

func (c *Context) ciphertextFrame(level int) frame {
	return frame{kind: kindCiphertext, tag: c.tag(Reference{}, "ciphertext"), rows: []row{{level, false, 2}}}
}

// CiphertextSize is the exact size of a written ciphertext of a level, in bytes.
func (c *Context) CiphertextSize(level int) int64 { return c.size(c.ciphertextFrame(level), scaleSize) }

func (ct *Ciphertext) write(w io.Writer) (*writer, error) {
	ct, err := ct.Load()
	if err != nil {
		return nil, err
	}
	wr := ct.c.newWriter(w, ct.c.ciphertextFrame(ct.Level()), scaleSize)
	s := ct.scaleBytes()
	wr.raw(s[:])
	m := ct.c.moduli(ct.Level(), false)
	wr.poly(m, ct.ct.Value[0].Coeffs...)
	wr.poly(m, ct.ct.Value[1].Coeffs...)
	return wr, wr.err
}

// WriteTo writes the canonical bytes: set, level, scale and residues, nothing else.
func (ct *Ciphertext) WriteTo(w io.Writer) (int64, error) {
	if _, err := ct.write(w); err != nil {
		return 0, fmt.Errorf("ciphertext: write: %w", err)
	}
	return ct.c.CiphertextSize(ct.Level()), nil
}

// Hash is the SHA-256 of the canonical bytes: equal for two members exactly when they hold the same ciphertext, bit for bit. It is computed
// once. Ask for it before a ciphertext is parked: of one whose file is gone the hash is zero, which is nobody else's state.
func (ct *Ciphertext) Hash() [32]byte {
	if h := ct.hash.Load(); h != nil {
		return *h
	}
	wr, err := ct.write(io.Discard)
	if err != nil {
		return [32]byte{}
	}
	h := [32]byte(wr.sum.Sum(nil))
	ct.hash.Store(&h)
	return h
}

// ReadCiphertext reads the canonical bytes of a ciphertext whose level is known beforehand. The bytes say nothing about where the
// ciphertext came from: nobody gives a share on it unless it has computed the same one itself.
func (c *Context) ReadCiphertext(r io.Reader, level int, high bool) (ct *Ciphertext, err error) {
	defer guard("ciphertext", &err)
	if level < 0 || level > c.set.MaxLevel() {
		return nil, fmt.Errorf("ciphertext: no level %d in set %s", level, c.set.Name)
	}
	rd, err := c.open(r, c.ciphertextFrame(level), scaleSize)
	if err != nil {
		return nil, err
	}
	head, err := rd.raw(scaleSize)
	if err != nil {
		return nil, err
	}
	want := [scaleSize]byte(head)
	out := c.newCiphertext(level, high)
	var mant [16]byte
	for i := range mant {
		mant[i] = head[15-i]
	}
	v := new(big.Float).SetPrec(rlwe.ScalePrecision).SetInt(new(big.Int).SetBytes(mant[:]))
	v.SetMantExp(v, int(int16(binary.LittleEndian.Uint16(head[16:]))))
	out.ct.Scale = rlwe.Scale{Value: *v}
	if v.Sign() <= 0 || v.MantExp(nil) < 2 || v.MantExp(nil) > 128 || out.scaleBytes() != want {
		return nil, fmt.Errorf("ciphertext: %w: scale", ErrMalformed)
	}
	m := c.moduli(level, false)
	for i := range out.ct.Value {
		if err := rd.poly(m, out.ct.Value[i].Coeffs...); err != nil {
			return nil, err
		}
	}
	if _, err := rd.close(); err != nil {
		return nil, err
	}
	return out, nil
}

func (c *Context) newCiphertext(level int, high bool) *Ciphertext {
	ct := c.metadata(high)
	ct.ct.Value = rlwe.NewCiphertext(c.params(high), 1, level).Value
	return ct
}

// metadata is a ciphertext without polynomials, at the working or the high scale.
func (c *Context) metadata(high bool) *Ciphertext {
	p := c.params(high)
	ct := rlwe.NewCiphertext(p, 0, 0)
	ct.Value = nil
	ct.Scale = p.DefaultScale()
	ct.IsBatched = true
	ct.LogDimensions = p.LogMaxDimensions()
	return &Ciphertext{c: c, ct: ct, high: high}
}

// hashPoly and hashQP hash polynomials for bindings inside this process and for state digests: 8 bytes a residue.
func hashPoly(label string, ps ...ring.Poly) [32]byte {
	h := sha256.New()
	d := digest(label)
	h.Write(d[:])
	buf := make([]byte, 0, 1<<15)
	for _, p := range ps {
		buf = hashCoeffs(h, buf, p.Coeffs)
	}
	return [32]byte(h.Sum(nil))
}

func hashQP(label string, bind [32]byte, ps ...ringqp.Poly) [32]byte {
	h := sha256.New()
	d := digest(label, bind[:])
	h.Write(d[:])
	buf := make([]byte, 0, 1<<15)
	for _, p := range ps {
		buf = hashCoeffs(h, buf, p.Q.Coeffs)
		buf = hashCoeffs(h, buf, p.P.Coeffs)
	}
	return [32]byte(h.Sum(nil))
}

func hashCoeffs(h hash.Hash, buf []byte, coeffs [][]uint64) []byte {
	for _, v := range coeffs {
		for len(v) > 0 {
			n := min(len(v), cap(buf)/8)
			buf = buf[:0]
			for _, x := range v[:n] {
				buf = binary.LittleEndian.AppendUint64(buf, x)
			}
			h.Write(buf)
			v = v[n:]
		}
	}
	return buf
}
