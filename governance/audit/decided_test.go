package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
	"golang.org/x/mod/sumdb/note"
)

// page is the report of a story, as HTML.
func storyPage(t *testing.T, story string) (*Report, []byte) {
	t.Helper()
	w := transcript.New(t)
	w.Play(story)
	s := newSeat(t, filepath.Join(t.TempDir(), "log"), w.State.Genesis())
	defer s.log.Close()
	for _, e := range w.Attempts {
		s.take(t, e)
	}
	c, err := s.log.Checkpoint(s.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, w.Key("convener").LogSigners(c.Origin, time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := s.log.Export(out, msg, s.log.Size()); err != nil {
		t.Fatal(err)
	}
	b, f := newBundle(), findings{}
	if err := b.addLog(os.DirFS(out)); err != nil {
		t.Fatal(err)
	}
	h, err := replay(b, &f)
	if err != nil || len(f.list) > 0 {
		t.Fatal(err, f.list)
	}
	r := h.report(nil, nil)
	page, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return r, page
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestReportCoversEveryKind: what members did is on the page, with who and when by the log's time.
func TestReportCoversEveryKind(t *testing.T) {
	all := stories(t)
	for name, wants := range map[string][]string{
		"committee":  {"Charter, version 1", "2 plan, 2 provider", "plan-1", "A patient association", "in force from 2021-03-01 00:00 UTC", "by a ballot of the committee: 3 yes, 1 no", "by unanimous consent", "Motion m1: measure.retire, carried", "Objections", "at entry 39, 2021-02-07 00:00 UTC, written by convener", "withdrawn"},
		"agreement":  {"agreement-1 1", "enacted at entry", "Data agreement"},
		"attest":     {"Annual antitrust attestations", "<td class=\"n\">2021</td>"},
		"veto":       {"vetoed by counsel", "it never started"},
		"appeal":     {"Appeal ", "our patients are not counted", "for good", "appeals until"},
		"restate":    {"Restates", "Differencing ledger"},
		"adoption":   {"Adoption ", "revealed at entry"},
		"structure":  {"recommended and binds nobody", "performance incentive 10 %"},
		"submission": {"30 charts were looked at", "confirmed"},
		"statement":  {"Attribution needs a second look.", "Nobody knows whose", "Room room-1, sitting 3", "1 withheld", "all is said"},
		"ballot":     {"2 yes, 1 no, 1 abstain", "who said what is sealed"},
		"merge":      {"merged or split"},
		"witness":    {"Witnessed roots"},
		"bind":       {"bound in step prepare"},
		"freeze":     {"for good, at entry", "the pilot is over", "the members go on in next.example/governance"},
	} {
		_, page := storyPage(t, all[name])
		for _, w := range wants {
			if !bytes.Contains(page, []byte(w)) {
				t.Errorf("%s: the page lacks %q", name, w)
			}
		}
	}
}

// TestDifferencingLedger: a restated figure stands with both runs.
func TestDifferencingLedger(t *testing.T) {
	r, _ := storyPage(t, stories(t)["restate"])
	twice, figures := 0, 0
	for _, f := range r.Figures {
		if figures += f.Figures; len(f.Runs) > 1 {
			twice++
		}
	}
	if twice == 0 || figures == 0 {
		t.Errorf("no figure of a restatement in %+v", r.Figures)
	}
}

// TestWitnessedRoots: a root that a member has seen is held against the auditor's own tree; the rules alone cannot.
func TestWitnessedRoots(t *testing.T) {
	w := newWorld(t)
	w.approve()
	root, err := w.log.RootAt(4)
	if err != nil {
		t.Fatal(err)
	}
	w.do("payer-a", rules.KindCheckpointWitness, rules.CheckpointWitness{Size: 4, Root: hex.EncodeToString(root[:])})
	if r := check(t, w.bundle(payers...), Options{}); !r.Verified {
		t.Fatal(r.Findings)
	}
	root[0] ^= 1
	w.do("payer-b", rules.KindCheckpointWitness, rules.CheckpointWitness{Size: 5, Root: hex.EncodeToString(root[:])})
	r := check(t, w.bundle(payers...), Options{})
	want(t, r.Findings, CodeWitness)
	if r.Verified || r.Findings[0].Where != "entry 8" {
		t.Errorf("findings %+v", r.Findings)
	}
}
