package lockstep

import (
	"errors"
	"fmt"
	"slices"
)

// Secrets are what a payer's part of a run cannot be continued without after a
// restart; everything else comes back from the others' objects. They are the key
// share and the payer's figures: outside memory they exist sealed only, and are
// erased with the run.
type Secrets struct {
	Party []byte  `json:"party"` // mhe.Party.State
	Salt  []byte  `json:"salt"`  // opens the commitment to the vector
	Num   []int64 `json:"num"`   // in cell order
	Den   []int64 `json:"den"`
}

// Secrets returns copies of a payer's secrets as they are now, and nil for the
// convener. Call Wipe on them. What mhe.Party.State says holds: they are stored
// after a share is made and before a byte of it leaves.
func (l *Member) Secrets() (*Secrets, error) {
	if l.payer == nil {
		return nil, nil
	}
	p := l.payer
	state, err := p.party.State()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", l.m.Run, err)
	}
	return &Secrets{Party: state, Salt: slices.Clone(p.salt[:]), Num: slices.Clone(p.num), Den: slices.Clone(p.den)}, nil
}

// Wipe overwrites the secrets. It does nothing to nil.
func (s *Secrets) Wipe() {
	if s == nil {
		return
	}
	clear(s.Party)
	clear(s.Num)
	clear(s.Den)
}

// resume takes the place of drawing a key share and a salt.
func (p *payer) resume(s *Secrets) (err error) {
	if len(s.Salt) != len(p.salt) || s.Num == nil || s.Den == nil {
		return errors.New("resume: the stored secrets are not complete")
	}
	if p.party, err = p.l.c.Resume(p.l.m.Reference, p.l.m.Plan.Rotations(), s.Party); err != nil {
		return err
	}
	copy(p.salt[:], s.Salt)
	p.num, p.den = slices.Clone(s.Num), slices.Clone(s.Den)
	return nil
}
