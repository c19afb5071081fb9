package node

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/governance/rules/transcript"
	"github.com/tacet-health/tacet/node/vault"
)

// TestSettle: a text that may have been opened is on record, or it is not and a person decides; before the log has the sitting it is neither said again nor lost.
func TestSettle(t *testing.T) {
	w := transcript.New(t)
	w.Play("convener room.open")
	m := matter{Room: "room-1"}
	const text = "Attribution needs a second look."
	opening := func(said string) slip {
		var x slip
		x.put(said)
		x.State, x.Opening = slipOpening, 1
		x.settle(w.State, m)
		return x
	}
	a := sitting{matter: m, Number: 2}
	if x := opening(text); x.State != slipOpening || x.text() != text {
		t.Errorf("before the log has it: %s", x.State)
	} else if said, err := x.says(a, silence.Sitting{}); said != "" || err != nil {
		t.Error("it would be said a second time")
	}
	w.Play("convener statement.post")
	if x := opening(text); x.State != slipSaid || x.Size != 0 || x.Said != 1 {
		t.Errorf("on record: %+v", x.State)
	}
	if x := opening("Another one."); x.State != slipUnclear || x.text() != "Another one." {
		t.Errorf("not on record: %s %q", x.State, x.text())
	} else if said, _ := x.says(a, silence.Sitting{}); said != "" {
		t.Error("what is unclear is said again by itself")
	}
	var waiting slip
	waiting.put(text)
	waiting.State = slipWaiting
	waiting.settle(w.State, m)
	if said, _ := waiting.says(a, silence.Sitting{}); said != text {
		t.Errorf("what waits is not said: %q", said)
	}
}

// TestSittingsOfTheLog: a member takes part in what its own log has now and in nothing else, whatever the convener announces.
func TestSittingsOfTheLog(t *testing.T) {
	w := transcript.New(t)
	w.Play("join orthopaedics provider\nconvener room.open members=[\"orthopaedics\",\"payer-a\",\"payer-b\",\"payer-c\"]\nconvener statement.post")
	if w.State.Size() < 4 {
		t.Fatal(w.Verdicts)
	}
	dir := payerConfig(filepath.Join(t.TempDir(), "m"))
	dir.Name = "payer-a"
	s := &Service{cfg: dir, keys: &identity.Keys{}}
	if _, err := Init(dir); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.dir, err = vault.Open(dir.Dir); err != nil {
		t.Fatal(err)
	}
	defer s.dir.Close()
	good := sitting{matter: matter{Room: "room-1"}, Number: 2, Attempt: 1, Present: []string{"orthopaedics", "payer-a", "payer-b"}}
	c, _, err := s.config(w.State, good)
	if err != nil || len(c.Members) != 4 || c.Sitting.MaxText != 400 {
		t.Fatal(c.Members, err)
	}
	ids := map[[32]byte]bool{c.Sitting.ID: true}
	for what, f := range map[string]func(*sitting){
		"another attempt": func(a *sitting) { a.Attempt = 2 },
		"another number":  func(a *sitting) { a.Number = 3 },
		"more present":    func(a *sitting) { a.Present = []string{"orthopaedics", "payer-a", "payer-b", "payer-c"} },
	} {
		a := good
		f(&a)
		if c, _, err := s.config(w.State, a); err != nil || ids[c.Sitting.ID] {
			t.Errorf("%s: %v; or it has the name of another one", what, err)
		} else {
			ids[c.Sitting.ID] = true
		}
	}
	for what, f := range map[string]func(*sitting){
		"another room":         func(a *sitting) { a.Room = "room-2" },
		"on record":            func(a *sitting) { a.Number = 1 },
		"beyond the last":      func(a *sitting) { a.Number = 5 },
		"no attempt":           func(a *sitting) { a.Attempt = 0 },
		"too few":              func(a *sitting) { a.Present = a.Present[:2] },
		"somebody else":        func(a *sitting) { a.Present = []string{"payer-a", "payer-b", "payer-d"} },
		"one twice":            func(a *sitting) { a.Present = []string{"payer-a", "payer-b", "payer-b"} },
		"in another order":     func(a *sitting) { a.Present = []string{"payer-b", "payer-a", "orthopaedics"} },
		"a vote not asked for": func(a *sitting) { a.Room, a.Number, a.Ballot.Motion = "", 1, "m1" },
	} {
		a := good
		f(&a)
		if _, _, err := s.config(w.State, a); err == nil {
			t.Errorf("%s: it would take part", what)
		}
	}
	r, _ := w.State.Room("room-1")
	at := func(seconds int64) time.Time { return time.Unix(r.First+seconds, 0) }
	for _, x := range []struct {
		seconds int64
		due     bool
	}{{0, false}, {86400 - 6, false}, {86400 - 4, true}, {86400 + 100, true}, {2 * 86400, false}} {
		if got := good.due(w.State, at(x.seconds)); got != x.due {
			t.Errorf("sitting 2 after %d s: due %v", x.seconds, got)
		}
	}
	if next := nextSitting(r, at(2*86400+5)); next != r.First+2*86400 {
		t.Errorf("next sitting %d s after the first", next-r.First)
	}
}
