package ledger

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// counting counts how often a key is asked.
type counting struct {
	note.Verifier
	n *int
}

func (c counting) Verify(msg, sig []byte) bool { *c.n++; return c.Verifier.Verify(msg, sig) }

// TestKnownSignatures: what was verified counts again, and nothing else does: not under another text, not changed, not by a key that no
// longer counts.
func TestKnownSignatures(t *testing.T) {
	l := filled(t, 20)
	logS, logV := key(t, origin)
	aS, aV := key(t, KeyName(origin, "payer-a"))
	_, newV := key(t, KeyName(origin, "payer-a"))
	asked := 0
	with := func(a note.Verifier, known *Signed) *Verifiers {
		v := NewVerifiers(origin, counting{logV, &asked})
		v.Add("payer-a", counting{a, &asked})
		v.Known(known)
		return v
	}
	c, err := l.Checkpoint(origin)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, logS, aS)
	if err != nil {
		t.Fatal(err)
	}
	first, err := OpenSigned(msg, with(aV, nil))
	if err != nil || asked != 2 {
		t.Fatal(err, asked)
	}
	again, err := OpenSigned(msg, with(aV, first))
	if err != nil || asked != 2 || !again.Log || !again.Members["payer-a"] {
		t.Fatalf("%v; keys asked %d times; %+v", err, asked, again)
	}
	if s, err := OpenSigned(msg, with(newV, first)); err != nil || s.Members["payer-a"] || !s.Log {
		t.Errorf("a key that was exchanged: %v %+v", err, s)
	}
	if _, err := OpenSigned([]byte(strings.Replace(string(msg), "\n20\n", "\n21\n", 1)), with(aV, first)); err == nil {
		t.Error("another text")
	}
	lines := strings.Split(strings.TrimSuffix(string(msg), "\n"), "\n")
	last := []byte(lines[len(lines)-1])
	at := len(last) - 10 // inside the signature
	last[at] ^= 1
	if last[at] == '=' || last[at] < '+' {
		last[at] ^= 2
	}
	lines[len(lines)-1] = string(last)
	if _, err := OpenSigned([]byte(strings.Join(lines, "\n")+"\n"), with(aV, first)); err == nil {
		t.Error("a changed signature")
	}
}
