package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

// seat is a replica: the rules' state and a ledger on disk, kept in step.
type seat struct {
	dir     string
	genesis rules.Genesis
	raw     []byte
	state   *rules.State
	log     *ledger.Ledger
	next    uint64 // position in the order that raft gives
	said    []string
}

func newSeat(t rapid.TB, dir string, g rules.Genesis) *seat {
	raw, err := g.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	r := &seat{dir: dir, genesis: g, raw: raw}
	r.start(t)
	return r
}

// start opens the ledger and replays it, as a replica does after a crash.
func (r *seat) start(t rapid.TB) {
	var err error
	if r.log, err = ledger.Open(r.dir, r.raw); err != nil {
		t.Fatal(err)
	}
	if r.state, err = rules.New(r.genesis); err != nil {
		t.Fatal(err)
	}
	for i := uint64(1); i < r.log.Size(); i++ {
		b, err := r.log.Entry(i)
		if err != nil {
			t.Fatal(err)
		}
		if v := r.state.Apply(b); v.Refusal != nil || v.Index != i {
			t.Fatalf("entry %d is not accepted again: %v", i, v.Refusal)
		}
	}
}

// take is given the next entry of the order.
func (r *seat) take(t rapid.TB, signed []byte) {
	v := r.state.Apply(signed)
	r.next++
	r.said = append(r.said, transcript.Say(v))
	if v.Refusal != nil || v.Duplicate {
		return
	}
	if err := r.log.Append([]ledger.Record{{Position: r.next, Data: signed}}); err != nil {
		t.Fatal(err)
	}
}

// audited replays the exported log as the auditor does and returns the state's hash.
func (r *seat) audited(t rapid.TB, out string, convener *identity.Keys) [32]byte {
	c, err := r.log.Checkpoint(r.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, convener.LogSigners(c.Origin, time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.log.Export(out, msg, r.log.Size()); err != nil {
		t.Fatal(err)
	}
	b, f := newBundle(), findings{}
	if err := b.addLog(os.DirFS(out)); err != nil {
		t.Fatal(err)
	}
	h, err := replay(b, &f)
	if err != nil || len(f.list) > 0 || !h.whole {
		t.Fatalf("the auditor: %v %v", err, f.list)
	}
	if x := h.checkRoot(); x != nil {
		t.Fatal(x)
	}
	return h.state.Hash()
}

func stories(t testing.TB) map[string]string {
	files, err := filepath.Glob("../rules/testdata/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	out := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".txt")] = string(b)
	}
	return out
}

// TestTranscriptsAudited: what a story's replica accepts, the auditor accepts, with the same state; and every kind has a text.
func TestTranscriptsAudited(t *testing.T) {
	silent := map[string]bool{}
	for name, story := range stories(t) {
		t.Run(name, func(t *testing.T) {
			w := transcript.New(t)
			w.Play(story)
			r := newSeat(t, filepath.Join(t.TempDir(), "log"), w.State.Genesis())
			defer r.log.Close()
			for i, e := range w.Attempts {
				r.take(t, e)
				if want := transcript.Say(w.Verdicts[i]); r.said[i] != want {
					t.Fatalf("attempt %d: %s, then %s", i, want, r.said[i])
				}
				if x, err := entry.Open(e); err == nil && w.Verdicts[i].Refusal == nil && Text(x) == "" {
					silent[x.Kind] = true
				}
			}
			if r.audited(t, filepath.Join(t.TempDir(), "out"), w.Key("convener")) != w.State.Hash() {
				t.Fatal("the auditor has another state")
			}
		})
	}
	if len(silent) > 0 {
		t.Errorf("no text for %v", silent)
	}
}

// TestReplicasAgree: whatever members send, in whatever order, to replicas that lag, restart and are sent things twice: all say the same of every entry, the log
// of one is a prefix of the other's, states are equal where sizes are, nothing panics, and the auditor has the same state.
func TestReplicasAgree(t *testing.T) {
	var lines []string
	seen := map[string]bool{}
	for _, name := range []string{"charter", "committee", "agreement", "adoption", "appeal", "structure", "submission", "rotate", "statement", "ballot", "witness"} {
		for line := range strings.Lines(stories(t)[name]) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line[0] == '#' || line[0] == ' ' || strings.Contains(line, "${structure:") || seen[line] {
				continue
			}
			seen[line] = true
			lines = append(lines, line)
		}
	}
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		w := transcript.New(t)
		for range rapid.IntRange(1, 25).Draw(t, "lines") {
			w.Do(rapid.SampledFrom(lines).Draw(t, "line"))
			if rapid.IntRange(0, 9).Draw(t, "again") == 0 {
				w.Do("again")
			}
		}
		for _, v := range w.Verdicts {
			if v.Refusal != nil && v.Refusal.Code == rules.CodeInternal {
				t.Fatalf("a rule failed: %v", v.Refusal)
			}
		}
		base := filepath.Join(dir, fmt.Sprint(round))
		var seats []*seat
		for _, n := range []string{"a", "b", "c"} {
			r := newSeat(t, filepath.Join(base, n), w.State.Genesis())
			defer func() { r.log.Close() }()
			seats = append(seats, r)
		}
		for todo := 3 * len(w.Attempts); todo > 0; {
			r := seats[rapid.IntRange(0, 2).Draw(t, "who")]
			for range rapid.IntRange(1, 20).Draw(t, "batch") {
				if int(r.next) < len(w.Attempts) {
					r.take(t, w.Attempts[r.next])
					todo--
				}
			}
			if rapid.IntRange(0, 7).Draw(t, "crash") == 0 {
				if err := r.log.Close(); err != nil {
					t.Fatal(err)
				}
				r.start(t)
			}
			prefixes(t, seats)
			if int(r.next) >= len(w.Attempts) { // it has everything: the others catch up
				for _, r := range seats {
					for int(r.next) < len(w.Attempts) {
						r.take(t, w.Attempts[r.next])
						todo--
					}
				}
			}
		}
		for _, r := range seats {
			for i, v := range w.Verdicts {
				if r.said[i] != transcript.Say(v) {
					t.Fatalf("attempt %d: %s here, %s there", i, transcript.Say(v), r.said[i])
				}
			}
			if r.state.Hash() != w.State.Hash() {
				t.Fatal("states differ")
			}
		}
		if seats[0].audited(t, filepath.Join(base, "out"), w.Key("convener")) != w.State.Hash() {
			t.Fatal("the auditor has another state")
		}
	})
}

// prefixes holds every two logs against each other at the size that both have.
func prefixes(t rapid.TB, seats []*seat) {
	for i, a := range seats {
		for _, b := range seats[:i] {
			n := min(a.log.Size(), b.log.Size())
			x, err := a.log.RootAt(n)
			if err != nil {
				t.Fatal(err)
			}
			y, err := b.log.RootAt(n)
			if err != nil || x != y {
				t.Fatalf("two logs differ in their first %d entries: %v", n, err)
			}
		}
	}
}
