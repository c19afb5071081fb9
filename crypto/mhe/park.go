package mhe

import (
	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// parked is where a waiting ciphertext's polynomials are.
type parked struct {
	shelf  *shelf
	public func() ring.Poly // the second polynomial when the reference string has it, and the shelf the first alone
}

// Park lets a ciphertext wait. The argument is not used any more: it may be what the parked one holds on to.
func (s *Spill) Park(ct *Ciphertext) (*Ciphertext, error) {
	if s == nil || ct.park != nil {
		return ct, nil
	}
	h, err := s.put(ct.c, ct.ct.Value[0], ct.ct.Value[1])
	if err != nil {
		return nil, err
	}
	return ct.shell(h, nil), nil
}

// parkHalf lets c0 wait beside a public second polynomial, which is expanded again whenever the ciphertext is loaded.
func (s *Spill) parkHalf(ct *Ciphertext, public func() ring.Poly) (*Ciphertext, error) {
	if s == nil {
		ct.ct.Value[1] = public()
		return ct, nil
	}
	h, err := s.put(ct.c, ct.ct.Value[0])
	if err != nil {
		return nil, err
	}
	return ct.shell(h, public), nil
}

// shell is ct with its polynomials elsewhere.
func (ct *Ciphertext) shell(h *shelf, public func() ring.Poly) *Ciphertext {
	out := &Ciphertext{c: ct.c, ct: &rlwe.Ciphertext{}, high: ct.high, park: &parked{h, public}}
	out.ct.MetaData = ct.ct.MetaData.CopyNew()
	out.hash.Store(ct.hash.Load())
	return out
}

// Load returns the ciphertext with its polynomials in memory: itself unless it is parked.
func (ct *Ciphertext) Load() (*Ciphertext, error) {
	if ct.park == nil {
		return ct, nil
	}
	ps, err := ct.park.shelf.get()
	if err != nil {
		return nil, err
	}
	if ct.park.public != nil {
		ps = []ring.Poly{ps[0], ct.park.public()}
	}
	out := &Ciphertext{c: ct.c, ct: &rlwe.Ciphertext{}, high: ct.high}
	out.ct.MetaData, out.ct.Value = ct.ct.MetaData.CopyNew(), ps
	out.hash.Store(ct.hash.Load())
	return out, nil
}

// Free gives the place of a parked ciphertext back, which is then of no use; whatever was loaded from it stays. Others it does not touch.
func (ct *Ciphertext) Free() {
	if ct != nil && ct.park != nil {
		ct.park.shelf.free()
	}
}

// load is Load for two operands.
func load(a, b *Ciphertext) (*Ciphertext, *Ciphertext, error) {
	x, err := a.Load()
	if err != nil || a == b {
		return x, x, err
	}
	y, err := b.Load()
	return x, y, err
}
