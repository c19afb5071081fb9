package testnet

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
)

// faults are the disturbances that Options.Fault can name. Each must end the run void before any share that it aims at is given.
var faults = map[string]struct {
	text string
	last bool // at the last payer instead of the convener
	hook func(c *mhe.Context) func(run.Step, *predicate.Stage) error
}{
	"corrupt-refresh": {
		text: "the convener's copy of a ciphertext to be refreshed has one bit changed: every payer refuses before its refresh share",
		hook: func(c *mhe.Context) func(run.Step, *predicate.Stage) error {
			return func(s run.Step, st *predicate.Stage) (err error) {
				if s.Kind == run.Refresh && s.Stage == 2 {
					st.Refresh[0].Ciphertext, err = flip(c, st.Refresh[0].Ciphertext)
				}
				return err
			}
		},
	},
	"corrupt-result": {
		text: "the convener's copy of a result ciphertext has one bit changed: every payer refuses before its decryption share",
		hook: func(c *mhe.Context) func(run.Step, *predicate.Stage) error {
			return func(s run.Step, st *predicate.Stage) (err error) {
				if s.Kind == run.Result {
					st.Result[0], err = flip(c, st.Result[0])
				}
				return err
			}
		},
	},
	"lose-evaluation": {
		text: "the last payer's evaluation is killed before the result: no payer gives a decryption share",
		last: true,
		hook: func(*mhe.Context) func(run.Step, *predicate.Stage) error {
			return func(s run.Step, _ *predicate.Stage) error {
				if s.Kind == run.Result {
					return errors.New("the evaluation was killed on purpose")
				}
				return nil
			}
		},
	},
}

// FaultNames lists the faults, sorted.
func FaultNames() []string {
	var names []string
	for name := range faults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// flip returns the ciphertext with the lowest bit of its last residue changed.
func flip(c *mhe.Context, ct *mhe.Ciphertext) (*mhe.Ciphertext, error) {
	var b bytes.Buffer
	if _, err := ct.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("change a ciphertext: %w", err)
	}
	raw := b.Bytes()
	width := (bits.Len64(c.Set().Q[ct.Level()]-1) + 7) / 8 // of the last residue, little-endian
	raw[len(raw)-width] ^= 1
	return c.ReadCiphertext(bytes.NewReader(raw), ct.Level(), ct.High())
}

// disturb installs the hook of the fault asked for.
func (n *network) disturb(plan *predicate.Plan) error {
	if n.o.Fault == "" {
		return nil
	}
	f := faults[n.o.Fault]
	c, err := mhe.NewContext(plan.Set(), plan.Payers())
	if err != nil {
		return err
	}
	m := n.members[0]
	if f.last {
		m = n.members[len(n.members)-1]
	}
	m.hooks.Stage = f.hook(c)
	return nil
}
