package mhe

import (
	"errors"
	"fmt"
	"io"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// KeySum adds up all payers' key shares of both rounds. Every member makes its own. Not safe for concurrent use.
//
// Order: all shares of round one (any order), this party's KeyRoundTwo, all shares of round two (any order), Keys. The first share of round
// two takes over the memory of the half that is no longer needed.
type KeySum struct {
	c     *Context
	ref   Reference
	rot   []Rotation
	frame [32]byte // tag of round one
	err   error    // an invalid list of rotations, reported by the first call

	one, two tally
	second   bool             // H0 is given up: no answer of round two is made on this aggregate any more
	h        [][2]ringqp.Poly // per digit: H0 and H1; from round two on the sum of round two and H1. nil once handed to Keys
	gal      [][]ringqp.Poly  // per rotation and digit
	first    *[32]byte        // digest of the complete round one
	last     *[32]byte        // digest of the complete round two
	keys     *Keys
}

// NewKeySum starts an aggregate. rot is the list of the plan; an invalid one is reported by AddRoundOne.
func (c *Context) NewKeySum(ref Reference, rot []Rotation) *KeySum {
	k := &KeySum{c: c, ref: ref, one: newTally(c.payers), two: newTally(c.payers)}
	if k.rot, k.err = c.rotations(rot); k.err != nil {
		return k
	}
	k.frame = c.roundOneFrame(ref, k.rot).tag
	level := c.relinLevel()
	r := c.ringQP(level)
	for range c.digits(level) {
		k.h = append(k.h, [2]ringqp.Poly{r.NewPoly(), r.NewPoly()})
	}
	for _, rot := range k.rot {
		r := c.ringQP(rot.Level)
		rows := make([]ringqp.Poly, c.digits(rot.Level))
		for i := range rows {
			rows[i] = r.NewPoly()
		}
		k.gal = append(k.gal, rows)
	}
	return k
}

// AddRoundOne adds one payer's share of round one, of exactly RoundOneSize bytes.
func (k *KeySum) AddRoundOne(r io.Reader) error {
	if k.err != nil {
		return k.err
	}
	return k.one.take(k.c, r, k.c.roundOneFrame(k.ref, k.rot), func(rd *reader) error {
		for i := range k.h {
			for j := range k.h[i] {
				if err := rd.polyQP(k.c, k.c.relinLevel(), k.h[i][j]); err != nil {
					return err
				}
			}
		}
		for g, rot := range k.rot {
			for i := range k.gal[g] {
				if err := rd.polyQP(k.c, rot.Level, k.gal[g][i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// AddRoundTwo adds one payer's share of round two, of exactly RoundTwoSize bytes. Round one must be complete, and this party's own share of
// round two made before.
func (k *KeySum) AddRoundTwo(r io.Reader) error {
	if k.err != nil {
		return k.err
	}
	if err := k.one.need("keys-2"); err != nil {
		return err
	}
	if k.first == nil {
		k.Digest()
	}
	fresh := !k.second
	return k.two.take(k.c, r, k.c.roundTwoFrame(k.ref), func(rd *reader) error {
		k.second = true // before the first residue: from here on H0 holds a peer's bytes
		for i := range k.h {
			if fresh {
				wipe(k.h[i][0]) // H0 has served: its memory becomes the sum of round two
			}
			if err := rd.polyQP(k.c, k.c.relinLevel(), k.h[i][0]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Digest is the state hash of the aggregate: equal for members that added the same shares, in whatever order. Defined when round one is
// complete and again when round two is; between these it is the hash of the last complete round, and zero before.
func (k *KeySum) Digest() [32]byte {
	if k.first == nil && k.one.complete() {
		parts := []ringqp.Poly{}
		for _, h := range k.h {
			parts = append(parts, h[0], h[1])
		}
		for _, g := range k.gal {
			parts = append(parts, g...)
		}
		d := hashQP("keys-1", k.frame, parts...)
		k.first = &d
	}
	if k.last == nil && k.first != nil && k.two.complete() {
		parts := []ringqp.Poly{}
		for _, h := range k.h {
			parts = append(parts, h[0])
		}
		d := hashQP("keys-2", *k.first, parts...)
		k.last = &d
	}
	switch {
	case k.last != nil:
		return *k.last
	case k.first != nil:
		return *k.first
	}
	return [32]byte{}
}

// Keys are the evaluation keys of one run: relinearisation and rotations. Immutable, safe for concurrent use, and public.
type Keys struct {
	c   *Context
	rot map[int]int // steps to level
	set *rlwe.MemEvaluationKeySet
}

// Keys finishes the evaluation keys. The aggregate gives its memory away: only Digest and Keys may be called afterwards.
func (k *KeySum) Keys() (keys *Keys, err error) {
	defer guard("evaluation keys", &err)
	if k.err != nil {
		return nil, k.err
	}
	if k.keys != nil {
		return k.keys, nil
	}
	if err := errors.Join(k.one.need("keys-1"), k.two.need("keys-2")); err != nil {
		return nil, err
	}
	k.Digest()
	c := k.c
	r := c.ringQP(c.relinLevel())
	relin := &rlwe.RelinearizationKey{}
	for _, h := range k.h {
		r.MForm(h[0], h[0])
		r.MForm(h[1], h[1])
		relin.Value = append(relin.Value, []rlwe.VectorQP{{h[0], h[1]}})
	}
	out := &Keys{c: c, rot: map[int]int{}}
	gks := make([]*rlwe.GaloisKey, len(k.rot))
	for g, rot := range k.rot {
		r := c.ringQP(rot.Level)
		gk := &rlwe.GaloisKey{GaloisElement: c.low.GaloisElementForRotation(rot.Steps), NthRoot: c.low.RingQ().NthRoot()}
		for i, share := range k.gal[g] {
			a := r.NewPoly()
			c.publicQP(a, k.ref, rot.Level, "rotation", rot.Steps, i)
			r.MForm(a, a)
			r.MForm(share, share)
			gk.Value = append(gk.Value, []rlwe.VectorQP{{share, a}})
		}
		gks[g], out.rot[rot.Steps] = gk, rot.Level
	}
	out.set = rlwe.NewMemEvaluationKeySet(relin, gks...)
	k.h, k.gal, k.keys = nil, nil, out
	return out, nil
}

// Check says whether the keys serve a rotation at a level.
func (k *Keys) Check(steps, level int) error {
	n := k.c.set.Slots()
	have, ok := k.rot[((steps%n)+n)%n]
	if !ok || level > have {
		return fmt.Errorf("rotate by %d at level %d: %w", steps, level, ErrKeyMissing)
	}
	return nil
}
