package run

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/protocol/wire"
)

// Kind says what is done in a step.
type Kind int

// The kinds of steps, in the order of a run.
const (
	Prepare Kind = iota // commit to the salted hash of the vector
	KeysOne             // relinearisation round one and all rotation key shares
	KeysTwo             // relinearisation round two
	Input               // encrypted inputs
	Refresh             // one refresh stage of the circuit
	Result              // agree on the result ciphertexts
	Release             // sealed decryption shares
	Certify             // agree on the table and sign the certificate
)

// Step is one position in a run's sequence.
type Step struct {
	Index int
	Kind  Kind
	Stage int // of a Refresh: 1, 2, …; otherwise 0
}

// String is the step's name: prepare, keys-1, keys-2, input, refresh-1, …,
// result, release, certify.
func (s Step) String() string {
	switch s.Kind {
	case Prepare:
		return "prepare"
	case KeysOne:
		return "keys-1"
	case KeysTwo:
		return "keys-2"
	case Input:
		return "input"
	case Refresh:
		return fmt.Sprintf("refresh-%d", s.Stage)
	case Result:
		return "result"
	case Release:
		return "release"
	}
	return "certify"
}

// Sequence returns the steps of a run whose circuit has a number of refresh
// stages.
func Sequence(stages int) []Step {
	var s []Step
	add := func(k Kind, stage int) { s = append(s, Step{Index: len(s), Kind: k, Stage: stage}) }
	for _, k := range []Kind{Prepare, KeysOne, KeysTwo, Input} {
		add(k, 0)
	}
	for i := 1; i <= stages; i++ {
		add(Refresh, i)
	}
	for _, k := range []Kind{Result, Release, Certify} {
		add(k, 0)
	}
	return s
}

// Terms is the part of a manifest that the machine decides by: names and
// numbers, no cryptography.
type Terms struct {
	Run        string
	Manifest   wire.Hash
	Convener   string
	Payers     []string // the payer order
	Recipients []string // payers or the convener
	Stages     int      // refresh stages of the circuit
	Sizes      []int64  // by step: exact bytes of each revealed object, 0 where none is
}

// Check refuses terms that no machine can run.
func (t *Terms) Check() error {
	if err := wire.CheckRun(t.Run); err != nil {
		return err
	}
	if len(t.Payers) < 3 {
		return fmt.Errorf("run %s: %d payers, the least is 3: with fewer, a payer computes another's figures from the release and its own", t.Run, len(t.Payers))
	}
	seen := map[string]bool{}
	for _, m := range append([]string{t.Convener}, t.Payers...) {
		if err := wire.CheckMember(m); err != nil {
			return fmt.Errorf("run %s: %w", t.Run, err)
		}
		if seen[m] {
			return fmt.Errorf("run %s: %s is named twice among convener and payers", t.Run, m)
		}
		seen[m] = true
	}
	if len(t.Recipients) == 0 {
		return fmt.Errorf("run %s: no recipient", t.Run)
	}
	for i, m := range t.Recipients {
		if !seen[m] {
			return fmt.Errorf("run %s: recipient %s is neither a payer nor the convener", t.Run, m)
		}
		if slices.Contains(t.Recipients[:i], m) {
			return fmt.Errorf("run %s: recipient %s is named twice", t.Run, m)
		}
	}
	steps := Sequence(t.Stages)
	if t.Stages < 0 || len(steps) > wire.MaxStep {
		return fmt.Errorf("run %s: %d refresh stages", t.Run, t.Stages)
	}
	if len(t.Sizes) != len(steps) {
		return fmt.Errorf("run %s: %d object sizes for %d steps", t.Run, len(t.Sizes), len(steps))
	}
	for i, s := range steps {
		if reveals := s.Kind != Prepare && s.Kind != Result; reveals != (t.Sizes[i] > 0) || t.Sizes[i] > wire.MaxSize {
			return fmt.Errorf("run %s: objects of %d bytes in step %s", t.Run, t.Sizes[i], s)
		}
	}
	return nil
}

// Committers returns who commits in a step: the payers in their order, then
// the convener; in Certify only the recipients among them.
func (t *Terms) Committers(s Step) []string {
	all := append(slices.Clone(t.Payers), t.Convener)
	if s.Kind == Certify {
		return slices.DeleteFunc(all, func(m string) bool { return !slices.Contains(t.Recipients, m) })
	}
	return all
}

// Revealers returns who reveals an object in a step.
func (t *Terms) Revealers(s Step) []string {
	switch s.Kind {
	case Prepare, Result:
		return nil
	case Certify:
		return t.Committers(s)
	}
	return t.Payers
}

// Reads says whether a member needs the objects of a step: the sealed shares
// of Release are for recipients, everything else for everyone.
func (t *Terms) Reads(s Step, member string) bool {
	return s.Kind != Release || slices.Contains(t.Recipients, member)
}
