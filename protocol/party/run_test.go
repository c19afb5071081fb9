package party_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/party"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/wire"
)

func TestRunEqualsOracle(t *testing.T) {
	for payers, cells := range map[int]int{3: 9, 5: 6} {
		t.Run(fmt.Sprintf("%d payers %d cells", payers, cells), func(t *testing.T) {
			if underRace && payers > 3 {
				t.Skip("three payers meet in the same goroutines")
			}
			if underRace {
				cells = 4 // one ciphertext
			}
			n := newNetwork(t, payers, cells)
			if payers == 5 { // the convener is no recipient, and neither are three payers
				n.manifest.Recipients = []string{n.payers[3], n.payers[1]}
				n.members[hub].table = nil
			}
			out := n.run()
			want := n.manifest.Plan.Oracle(n.num, n.den)
			released := 0
			for _, v := range want {
				if v.Released {
					released++
				}
			}
			if released == 0 || released == len(want) {
				t.Fatalf("%d of %d cells released: the test shows nothing", released, len(want))
			}
			for _, name := range n.names {
				r := out[name]
				if r.err != nil || !r.Certified() {
					t.Fatalf("%s: %v %q", name, r.err, r.Void)
				}
				recipient := slices.Contains(n.manifest.Recipients, name)
				if recipient != (r.Table != nil) || recipient && !slices.Equal(r.Values, want) {
					t.Errorf("%s: recipient %v has %v, the oracle %v", name, recipient, r.Values, want)
				}
				if r.Set != "toy" || r.StatisticalBits < 40 {
					t.Errorf("%s: set %s, %d bits", name, r.Set, r.StatisticalBits)
				}
			}
			n.checkCommitments(out)
			n.checkProgress(out)
		})
	}
}

// checkCommitments opens the payers' commitments with the salts they kept, from
// the statements that the convener kept.
func (n *network) checkCommitments(out map[string]result) {
	n.t.Helper()
	var all [][]byte
	for _, name := range n.names {
		b, err := os.ReadFile(filepath.Join(n.members[name].dir, n.manifest.Run, "commits.jsonl"))
		must(n.t, err)
		all = append(all, b)
		if !bytes.Equal(b, all[0]) {
			n.t.Errorf("%s kept other statements than %s", name, n.names[0])
		}
	}
	lines := bytes.Split(bytes.TrimSpace(all[0]), []byte("\n"))
	steps := run.Sequence(len(n.manifest.Plan.Stages()))
	if want := (len(steps)-1)*len(n.names) + len(n.manifest.Recipients); len(lines) != want {
		n.t.Fatalf("%d statements, want %d", len(lines), want)
	}
	for i, name := range n.payers {
		c, err := wire.DecodeCommit(lines[i])
		must(n.t, err)
		must(n.t, wire.VerifyCommit(c, loopback.Keys(name).Public()))
		if c.Body().Object != lockstep.Commitment(n.manifest.Hash, name, out[name].Salt, n.num[i], n.den[i]) {
			n.t.Errorf("the commitment of %s does not open", name)
		}
	}
}

// checkProgress: every step is reported done once, with its bytes; what the
// payers sent is what the convener got.
func (n *network) checkProgress(out map[string]result) {
	n.t.Helper()
	steps := run.Sequence(len(n.manifest.Plan.Stages()))
	for _, name := range n.names {
		done := 0
		for _, p := range n.progress[name] {
			if p.Done {
				if p.Step != steps[done] {
					n.t.Errorf("%s: step %s done where %s belongs", name, p.Step, steps[done])
				}
				done++
			}
		}
		if done != len(steps) {
			n.t.Errorf("%s: %d of %d steps reported done", name, done, len(steps))
		}
	}
	for i, s := range steps {
		var sent int64
		for _, name := range n.payers {
			sent += out[name].Steps[i].Sent
		}
		if got := out[hub].Steps[i].Received; got != sent || sent == 0 && s.Kind != run.Certify {
			n.t.Errorf("step %s: the payers sent %d bytes, the convener received %d", s, sent, got)
		}
	}
	n.t.Logf("bytes of a payer: %v", out[n.payers[0]].Steps)
}

func TestJournalRefusesAnotherLife(t *testing.T) {
	n := newNetwork(t, 3, 4)
	for _, name := range n.names {
		n.members[name].absent = name != n.payers[1]
	}
	// A first life that got as far as making its folder.
	dir := filepath.Join(n.members[n.payers[1]].dir, n.manifest.Run)
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "keys-1.object"), []byte("a share that was perhaps sent"), 0o600))
	n.members[hub].absent = false
	n.linger = 100 * time.Millisecond
	out := n.run()
	for name, r := range out {
		if r.Outcome == nil || r.Code != wire.Restarted || r.By != n.payers[1] {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
	if _, err := party.Run(t.Context(), party.Config{
		Keys: loopback.Keys(n.payers[1]), Endpoint: n.members[n.payers[1]].endpoint, Authority: authority{n.manifest}, Run: n.manifest.Run,
		Dir: n.members[n.payers[1]].dir, Vector: n.members[n.payers[1]].vector, Table: table,
	}); !errors.Is(err, driver.ErrEnded) {
		t.Fatalf("a third life: %v", err)
	}
}
