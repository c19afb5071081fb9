package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// KindRunBind is a contributor's word, before it goes on, on what it is bound to in a run.
const KindRunBind = "run.bind"

// BindSteps are the steps of a run in which each contributor binds itself, in order: to its own vector (the commitment) before there are keys,
// to everybody's first key shares before it answers on their sum, and to everybody's inputs before it gives a share on a ciphertext. A
// contributor whose directory is older than its own word here knows so, whoever it talks to, and gives no second share (protocol/run/driver).
var BindSteps = []string{"prepare", "keys-2", "refresh-1"}

// RunBind binds its author in one step of a run.
type RunBind struct {
	Run      string `json:"run"`
	Manifest string `json:"manifest"` // hex, of the run
	Step     string `json:"step"`     // of BindSteps
	Digest   string `json:"digest"`   // hex: in prepare the salted commitment to the vector, later the transcript of all steps before
}

// Binding is a RunBind on record.
type Binding struct {
	Member string `json:"member"`
	Step   string `json:"step"`
	Digest string `json:"digest"`
	Index  uint64 `json:"index"`
}

// Binding returns a member's word in a step.
func (r *Run) Binding(member, step string) (Binding, bool) {
	for _, b := range r.Bound {
		if b.Member == member && b.Step == step {
			return b, true
		}
	}
	return Binding{}, false
}

func validateBind(b *RunBind) *Refusal {
	if !entry.IsHash(b.Manifest) || !entry.IsHash(b.Digest) {
		return refuse(CodeForm, "manifest or digest is not a hash")
	}
	if !slices.Contains(BindSteps, b.Step) && b.Step != BindReveal {
		return refuse(CodeForm, "nobody binds itself in step %.70q", b.Step)
	}
	return nil
}

func resolveBind(s *State, e *entry.Signed, b *RunBind) (effect, *Refusal) {
	run, r := s.openRun(b.Run)
	if r != nil {
		return nil, r
	}
	if !slices.Contains(run.Body.Contributors, e.Author) {
		return nil, refuse(CodeNotAllowed, "%q does not contribute to run %q", e.Author, b.Run)
	}
	if b.Manifest != run.Manifest {
		return nil, refuse(CodeHashMismatch, "run %q has another manifest", b.Run)
	}
	if have, ok := run.Binding(e.Author, b.Step); ok {
		return nil, refuse(CodeBound, "%q is bound in step %s of run %q since entry %d", e.Author, b.Step, b.Run, have.Index)
	}
	steps := run.bindSteps()
	if !slices.Contains(steps, b.Step) {
		return nil, refuse(CodeBound, "nobody binds itself in step %s of a run like %q", b.Step, b.Run)
	}
	for _, before := range steps[:slices.Index(steps, b.Step)] {
		if _, ok := run.Binding(e.Author, before); !ok {
			return nil, refuse(CodeBound, "%q binds itself in step %s of run %q before step %s", e.Author, b.Step, b.Run, before)
		}
	}
	return func(index uint64) {
		run.Bound = append(run.Bound, Binding{Member: e.Author, Step: b.Step, Digest: b.Digest, Index: index})
	}, nil
}
