package run

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/protocol/wire"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// hashKey signs with a keyed hash; the machine gets verified messages and
// never looks at a signature.
type hashKey string

func (k hashKey) Sign(context string, msg []byte) []byte {
	h := sha256.Sum256([]byte(string(k) + context + string(msg)))
	return h[:]
}

func (k hashKey) Verify(context string, msg, sig []byte) error {
	if !bytes.Equal(k.Sign(context, msg), sig) {
		return errors.New("wrong signature")
	}
	return nil
}

func label(s string) (h wire.Hash) {
	if s != "" && s != "none" {
		copy(h[:], s)
	}
	return h
}

// sizes gives every step a different object size.
func sizes(stages int) []int64 {
	var out []int64
	for _, s := range Sequence(stages) {
		n := int64(100 + s.Index)
		if s.Kind == Prepare || s.Kind == Result {
			n = 0
		}
		out = append(out, n)
	}
	return out
}

// TestTranscripts replays the stories in testdata: a line "> event" is told to
// the machine, the lines below are the work it returned. Twice, because a
// replay must give the same bits.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got, again := replay(t, string(want)), replay(t, string(want))
			if got != again {
				t.Fatal("two replays differ")
			}
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Fatalf("the machine tells another story than %s; run with -update and read the difference\n%s", f, got)
			}
		})
	}
}

func replay(t *testing.T, script string) string {
	t.Helper()
	var out strings.Builder
	var m *Machine
	var last []Work
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			out.WriteString(line + "\n")
		case strings.HasPrefix(line, "run "):
			out.WriteString(line + "\n")
			m = begin(t, strings.TrimPrefix(line, "run "))
		case strings.HasPrefix(line, "> "):
			out.WriteString(line + "\n")
			last = m.Apply(parse(t, m, last, strings.TrimPrefix(line, "> ")))
			for _, w := range last {
				out.WriteString("    " + w.String() + "\n")
			}
			if phase, names := m.Waiting(); phase != Over && len(last) > 0 {
				fmt.Fprintf(&out, "    (%s %s: %s)\n", m.Step(), phase, strings.Join(names, " "))
			}
		}
	}
	return out.String()
}

func fields(t *testing.T, s string) map[string]string {
	f := map[string]string{}
	for w := range strings.FieldsSeq(s) {
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			t.Fatalf("%q is not key=value", w)
		}
		f[k] = v
	}
	return f
}

func begin(t *testing.T, s string) *Machine {
	f := fields(t, s)
	stages, _ := strconv.Atoi(f["stages"])
	terms := Terms{
		Run: "r-1", Manifest: label("manifest"), Convener: "hub", Payers: strings.Split(f["payers"], ","),
		Recipients: strings.Split(f["recipients"], ","), Stages: stages, Sizes: sizes(stages),
	}
	m, err := New(terms, f["self"])
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := f["at"]; ok {
		forward(t, m, at)
	}
	return m
}

// forward brings the machine to the beginning of a step with an honest past.
func forward(t *testing.T, m *Machine, at string) {
	queue := []Event{Authorised{}}
	for len(queue) > 0 {
		var e Event
		e, queue = queue[0], queue[1:]
		for _, w := range m.Apply(e) {
			switch w := w.(type) {
			case Compute:
				if w.Step.String() == at {
					return
				}
				object := func(name string) wire.Hash {
					if m.reveals(w.Step, name) || w.Step.Kind == Prepare && name != "hub" {
						return label(fmt.Sprintf("%s of %d", name, w.Step.Index))
					}
					return wire.Hash{}
				}
				queue = append(queue, Computed{Step: m.cur, State: label("same"), Object: object(m.self), Size: m.terms.Sizes[m.cur]})
				for _, name := range m.terms.Committers(w.Step) {
					c := wire.Commit{Run: "r-1", Manifest: label("manifest"), Step: m.cur, Member: name, Transcript: m.transcript, State: label("same"), Object: object(name)}
					if m.reveals(w.Step, name) {
						c.Size = m.terms.Sizes[m.cur]
					}
					if name != m.self {
						queue = append(queue, Received{Commit: signed(t, c)})
					}
				}
			case Sign:
				queue = append([]Event{Signed{Commit: signed(t, w.Commit)}}, queue...)
			case Upload:
				queue = append(queue, Uploaded{Step: m.cur})
			case Fetch:
				queue = append(queue, Fetched{Step: m.cur, Member: w.Member})
			case Absorb:
				queue = append(queue, Absorbed{Step: m.cur, Member: w.Member})
			}
		}
	}
	t.Fatalf("step %s was not reached", at)
}

func parse(t *testing.T, m *Machine, last []Work, s string) Event {
	t.Helper()
	verb, rest, _ := strings.Cut(s, " ")
	f := fields(t, rest)
	step := m.cur
	if v, ok := f["step"]; ok {
		step, _ = strconv.Atoi(v)
	}
	switch verb {
	case "authorised":
		return Authorised{}
	case "resumed": // with the commit of the first step, or with none
		var past []*wire.SignedCommit
		if f["state"] != "" {
			past = append(past, signed(t, wire.Commit{
				Run: "r-1", Manifest: label("manifest"), Member: m.self, Transcript: m.transcript, State: label(f["state"]), Object: label(f["object"]),
			}))
		}
		return Resumed{Commits: past}
	case "told":
		return Told{}
	case "computed":
		return Computed{Step: step, State: label(f["state"]), Object: label(f["object"]), Size: size(m, f, step)}
	case "signed":
		for _, w := range last {
			if w, ok := w.(Sign); ok {
				return Signed{Commit: signed(t, w.Commit)}
			}
		}
		t.Fatal("nothing was to be signed")
	case "received":
		c := wire.Commit{
			Run: "r-1", Manifest: label("manifest"), Step: step, Member: f["member"], Transcript: m.transcript,
			State: label(f["state"]), Object: label(f["object"]), Size: size(m, f, step),
		}
		if v, ok := f["run"]; ok {
			c.Run = v
		}
		if v, ok := f["manifest"]; ok {
			c.Manifest = label(v)
		}
		if v, ok := f["transcript"]; ok {
			c.Transcript = label(v)
		}
		return Received{Commit: signed(t, c)}
	case "uploaded":
		return Uploaded{Step: step}
	case "fetched":
		return Fetched{Step: step, Member: f["member"]}
	case "absorbed":
		return Absorbed{Step: step, Member: f["member"]}
	case "failed":
		return Failed{Step: step, Member: f["member"], Code: wire.Code(f["code"])}
	case "timed-out":
		return TimedOut{Step: step}
	case "voided":
		v := wire.Void{Run: "r-1", Manifest: label("manifest"), Member: f["member"], Step: step, Code: wire.Code(f["code"]), Text: "a sentence"}
		if r, ok := f["run"]; ok {
			v.Run = r
		}
		sv, err := wire.SignVoid(hashKey(v.Member), v)
		if err != nil {
			t.Fatal(err)
		}
		return Voided{Void: sv}
	}
	t.Fatalf("unknown event %q", verb)
	return nil
}

// size is the plan's when the event names an object and no size.
func size(m *Machine, f map[string]string, step int) int64 {
	if v, ok := f["size"]; ok {
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	if f["object"] == "" || step >= len(m.terms.Sizes) {
		return 0
	}
	return m.terms.Sizes[step]
}

func signed(t *testing.T, c wire.Commit) *wire.SignedCommit {
	t.Helper()
	s, err := wire.SignCommit(hashKey(c.Member), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
