package party_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// stages names the steps at whose end a share is due.
func stages(n *network) []run.Step {
	var out []run.Step
	for _, s := range run.Sequence(len(n.manifest.Plan.Stages())) {
		if s.Kind == run.Refresh || s.Kind == run.Result {
			out = append(out, s)
		}
	}
	return out
}

// flip changes one bit of one byte of a ciphertext, so that it is still a valid
// one.
func flip(t *testing.T, n *network, ct *mhe.Ciphertext) *mhe.Ciphertext {
	c, err := mhe.NewContext(n.manifest.Plan.Set(), len(n.payers))
	must(t, err)
	var b bytes.Buffer
	_, err = ct.WriteTo(&b)
	must(t, err)
	for at := b.Len() / 3; at < b.Len(); at++ {
		altered := bytes.Clone(b.Bytes())
		altered[at] ^= 1
		if out, err := c.ReadCiphertext(bytes.NewReader(altered), ct.Level(), ct.High()); err == nil && out.Hash() != ct.Hash() {
			return out
		}
	}
	t.Fatal("no byte could be altered")
	return nil
}

// alter changes one byte of what a member computed in a step.
func (n *network) alter(name string, at run.Step) {
	n.members[name].hooks.Stage = func(s run.Step, st *predicate.Stage) error {
		switch {
		case s != at:
		case s.Kind == run.Refresh:
			st.Refresh[0].Ciphertext = flip(n.t, n, st.Refresh[0].Ciphertext)
		default:
			st.Result[0] = flip(n.t, n, st.Result[0])
		}
		return nil
	}
}

// noShare: nobody has revealed anything in a step or after it.
func (n *network) noShare(from run.Step) {
	n.t.Helper()
	for _, s := range run.Sequence(len(n.manifest.Plan.Stages())) {
		if s.Index >= from.Index && len(n.revealed[s.String()]) > 0 {
			n.t.Errorf("step %s: shares of %v were revealed", s, n.revealed[s.String()])
		}
	}
}

// One byte of a stage's or the result's ciphertext differs at the convener:
// every payer refuses before it gives a share, and holds the two signed
// statements that contradict each other.
func TestAlteredCiphertext(t *testing.T) {
	for _, s := range stages(newNetwork(t, 3, 2)) {
		t.Run(s.String(), func(t *testing.T) {
			if s.Stage == 2 || underRace && s.Stage != 1 {
				t.Skip("the first stage stands for this one")
			}
			n := newNetwork(t, 3, 2)
			n.alter(hub, s)
			out := n.run()
			n.noShare(s)
			for _, name := range n.names {
				r := out[name]
				if r.Outcome == nil || r.Certified() || r.Code != wire.Mismatch || r.Step != s.String() {
					t.Fatalf("%s: %+v %v", name, r.Outcome, r.err)
				}
				n.checkEvidence(name, r, hub)
			}
			if n.payers[0] != out[n.payers[0]].By && out[n.payers[0]].Evidence[0].Kind != wire.KindVoid {
				t.Error("a void by somebody else is not kept as evidence")
			}
		})
	}
}

// checkEvidence reads the evidence back from the files: signed by whom it says,
// and, when the member found the mismatch itself, two statements on one step.
func (n *network) checkEvidence(name string, r result, liar string) {
	n.t.Helper()
	if len(r.Evidence) == 0 || len(r.Files) != len(r.Evidence) {
		n.t.Fatalf("%s: %d pieces of evidence in %d files", name, len(r.Evidence), len(r.Files))
	}
	var commits []wire.Commit
	for i, e := range r.Evidence {
		b, err := os.ReadFile(r.Files[i])
		must(n.t, err)
		if !bytes.Equal(b, e.Message) {
			n.t.Errorf("%s: %s holds something else", name, r.Files[i])
		}
		switch e.Kind {
		case wire.KindCommit:
			c, err := wire.DecodeCommit(b)
			must(n.t, err)
			must(n.t, wire.VerifyCommit(c, loopback.Keys(e.Member).Public()))
			commits = append(commits, c.Body())
		case wire.KindVoid:
			v, err := wire.DecodeVoid(b)
			must(n.t, err)
			must(n.t, wire.VerifyVoid(v, loopback.Keys(e.Member).Public()))
			if r.By == name || v.Body().Code != r.Code {
				n.t.Errorf("%s: the void does not explain the outcome", name)
			}
			return
		}
	}
	if len(commits) != 2 || commits[0].Step != commits[1].Step || commits[0].State == commits[1].State {
		n.t.Errorf("%s: the statements do not contradict each other: %+v", name, commits)
	}
	if commits[0].Member != liar && commits[1].Member != liar {
		n.t.Errorf("%s: the evidence does not show %s", name, liar)
	}
}

// A payer whose own copy is altered is stopped by the others in the same way.
func TestAlteredAtPayer(t *testing.T) {
	if underRace {
		t.Skip("the goroutines are those of TestAlteredCiphertext")
	}
	n := newNetwork(t, 3, 2)
	last := stages(n)
	n.alter(n.payers[1], last[len(last)-1])
	out := n.run()
	n.noShare(last[len(last)-1])
	for name, r := range out {
		if r.Outcome == nil || r.Code != wire.Mismatch {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
}

// Without one member's own evaluation nobody gives a share.
func TestEvaluationFails(t *testing.T) {
	for _, name := range []string{payerNames[2], hub} {
		t.Run(name, func(t *testing.T) {
			if underRace && name == hub {
				t.Skip("a payer's failure meets the same goroutines")
			}
			n := newNetwork(t, 3, 2)
			at := stages(n)[0]
			boom := errors.New("the evaluation copy is gone")
			n.members[name].hooks.Stage = func(s run.Step, _ *predicate.Stage) error {
				if s == at {
					return boom
				}
				return nil
			}
			out := n.run()
			n.noShare(at)
			for member, r := range out {
				if r.Outcome == nil || r.Code != wire.Evaluation || r.By != name || (member == name) != errors.Is(r.err, boom) {
					t.Errorf("%s: %+v %v", member, r.Outcome, r.err)
				}
				if strings.Contains(r.Void, "copy is gone") {
					t.Errorf("%s: a local error's text crossed to the others: %q", member, r.Void)
				}
			}
		})
	}
}

// All members agree on a result that is no table: the opened values are not
// integers. Void; nothing is published; the shares were given once.
func TestSpoiled(t *testing.T) {
	if underRace {
		t.Skip("the goroutines are those of TestRunEqualsOracle")
	}
	n := newNetwork(t, 3, 2)
	steps := stages(n)
	for _, name := range n.names {
		n.alter(name, steps[len(steps)-1])
		n.members[name].table = func(*run.Manifest, []predicate.Value) ([]byte, error) {
			t.Error("a table was made of a spoiled result")
			return nil, nil
		}
	}
	out := n.run()
	for name, r := range out {
		if r.Outcome == nil || r.Code != wire.Spoiled || len(r.Evidence) == 0 {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
		if r.err != nil && !errors.Is(r.err, predicate.ErrSpoiled) {
			t.Errorf("%s: %v", name, r.err)
		}
	}
	if got := n.revealed["release"]; !slices.Equal(got, n.payers) {
		t.Errorf("decryption shares of %v", got)
	}
	if len(n.revealed["certify"]) != 0 {
		t.Error("a spoiled run was signed")
	}
}

// A member is stopped in each step: the others end, clean, and know who it was.
func TestStoppedInEachStep(t *testing.T) {
	for _, s := range run.Sequence(1) { // the first refresh stands for all
		t.Run(s.String(), func(t *testing.T) {
			if underRace && s.Kind >= run.Result {
				t.Skip("the steps before stand for all")
			}
			n := newNetwork(t, 3, 1)
			who := n.payers[1]
			if s.Kind == run.Refresh {
				who = hub
			}
			m := n.members[who]
			if s.Kind == run.Prepare {
				m.vector = func(ctx context.Context, _ *run.Manifest) ([]int64, []int64, error) {
					m.cancel()
					<-ctx.Done()
					return nil, nil, ctx.Err()
				}
			}
			n.onEntering(who, s, m.cancel)
			out := n.run()
			for name, r := range out {
				if name == who && s.Kind != run.Certify && !errors.Is(r.err, context.Canceled) {
					t.Errorf("%s: %v", name, r.err)
				}
				// Cancelled while certifying, the payer may have what it needs already.
				if r.Outcome == nil || s.Kind != run.Certify && (r.Certified() || r.Code != wire.Aborted || r.By != who) {
					t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
				}
			}
		})
	}
}

// onEntering calls f when a member enters a step.
func (n *network) onEntering(name string, at run.Step, f func()) {
	n.watch = func(p run.Progress) {
		if p.Member == name && p.Step.Kind == at.Kind && p.Step.Stage == at.Stage && !p.Done {
			f()
		}
	}
}
