package mhe

import (
	"errors"
	"fmt"
)

// Rehearse opens a ciphertext of any level and scale without flooding, from all payers' parties in one process: for tests of a circuit at toy
// parameters. It refuses every set that is not marked insecure.
func (c *Context) Rehearse(all []*Party, ct *Ciphertext) (v []float64, err error) {
	defer guard("rehearse", &err)
	switch {
	case !c.set.Insecure:
		return nil, fmt.Errorf("rehearse: refused for set %s", c.set.Name)
	case len(all) != c.payers:
		return nil, fmt.Errorf("rehearse: %w", ErrIncomplete)
	case ct.c.set.id != c.set.id:
		return nil, errors.New("rehearse: ciphertext of another context")
	}
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	r := c.ringQ(ct.Level())
	sum := r.NewPoly()
	for _, p := range all {
		p.mu.Lock()
		r.MulCoeffsMontgomeryThenAdd(ct.ct.Value[1], p.s.Q, sum)
		p.mu.Unlock()
	}
	return c.decode(sum, ct)
}
