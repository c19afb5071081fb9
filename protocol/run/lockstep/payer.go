package lockstep

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/protocol/wire"
)

// payer is the part of a Member that holds secrets.
type payer struct {
	l        *Member
	index    int // in the payer order
	party    *mhe.Party
	num, den []int64
	salt     [32]byte
}

func newPayer(l *Member, index int) (*payer, error) {
	if l.cfg.Vector == nil {
		return nil, errors.New("a payer needs a vector")
	}
	p := &payer{l: l, index: index}
	if l.cfg.Secrets != nil {
		return p, p.resume(l.cfg.Secrets)
	}
	var err error
	if p.party, err = l.c.NewParty(l.m.Reference, l.m.Plan.Rotations()); err != nil {
		return nil, err
	}
	if _, err := rand.Read(p.salt[:]); err != nil {
		return nil, fmt.Errorf("draw salt: %w", err)
	}
	return p, nil
}

// prepare takes the vector, refuses one that does not fit the plan (an honest
// payer never spoils a run), and commits to it.
func (p *payer) prepare(ctx context.Context) (wire.Hash, error) {
	if p.num == nil { // else it is the one that an earlier life committed to
		num, den, err := p.l.cfg.Vector(ctx, p.l.m)
		if err != nil {
			return wire.Hash{}, fmt.Errorf("%w: %w", ErrDeclined, err)
		}
		p.num, p.den = slices.Clone(num), slices.Clone(den)
	}
	if err := p.l.m.Plan.Check(p.num, p.den); err != nil {
		return wire.Hash{}, fmt.Errorf("%w: %w", ErrDeclined, err)
	}
	return Commitment(p.l.m.Hash, p.l.self, p.salt[:], p.num, p.den), nil
}

// Commitment is the salted hash of a payer's vector that its Prepare commit
// carries.
func Commitment(manifest [32]byte, member string, salt []byte, num, den []int64) wire.Hash {
	h := sha256.New()
	h.Write([]byte("tacet/vector/v1\x00"))
	h.Write(manifest[:])
	h.Write([]byte(member + "\x00"))
	h.Write(salt)
	for _, v := range [][]int64{num, den} {
		b := binary.BigEndian.AppendUint64(nil, uint64(len(v)))
		for _, x := range v {
			b = binary.BigEndian.AppendUint64(b, uint64(x))
		}
		h.Write(b)
	}
	return wire.Hash(h.Sum(nil))
}

func (p *payer) input(w io.Writer) error {
	for i := range p.l.m.Plan.Ciphertexts() {
		slots, err := p.l.m.Plan.Encode(p.index, i, p.num, p.den)
		if err != nil {
			return err
		}
		err = p.party.Input(i, slots, w)
		clear(slots)
		if err != nil {
			return err
		}
	}
	return nil
}

// refresh makes the shares of the stage that this member has just computed.
func (p *payer) refresh(w io.Writer) error {
	for _, q := range p.l.stage.Refresh {
		if err := p.party.Refresh(q, w); err != nil {
			return err
		}
	}
	return nil
}

// release makes the decryption shares of the result once and seals them to each
// recipient.
func (p *payer) release(w io.Writer) error {
	var shares bytes.Buffer
	shares.Grow(int(int64(len(p.l.stage.Result)) * p.l.c.DecryptSize()))
	defer func() { clear(shares.Bytes()) }()
	for i, ct := range p.l.stage.Result {
		if err := p.party.Decrypt(i, ct, &shares); err != nil {
			return err
		}
	}
	for _, name := range p.l.m.Recipients {
		box, err := p.l.cfg.Members[name].Seal(p.l.sealInfo(), sealParties(p.l.self, name), shares.Bytes())
		if err != nil {
			return err
		}
		if _, err := w.Write(box); err != nil {
			return err
		}
	}
	return nil
}

// erase ends the life of the key share. No share of this run can be made
// afterwards by anybody.
func (p *payer) erase() {
	p.party.Erase()
	clear(p.num)
	clear(p.den)
}
