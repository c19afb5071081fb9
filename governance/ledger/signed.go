package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// MaxNote is the longest signed checkpoint: a text and some hundred signature lines.
const MaxNote = 32 << 10

// Verifiers knows whose signatures count: the log's and those of the members.
type Verifiers struct {
	Origin string
	keys   map[string][]note.Verifier // by key name; a member that has changed its keys has several
	member map[string]string          // key name to member
	known  *Signed                    // nil: none
}

// NewVerifiers starts with the log's own key, whose name is the origin.
func NewVerifiers(origin string, log note.Verifier) *Verifiers {
	return &Verifiers{Origin: origin, keys: map[string][]note.Verifier{origin: {log}}, member: map[string]string{}}
}

// Add lets a member's cosignatures count, under this key beside those added before.
func (v *Verifiers) Add(member string, key note.Verifier) {
	name := KeyName(v.Origin, member)
	v.keys[name], v.member[name] = append(v.keys[name], key), member
}

// Verifier implements note.Verifiers.
func (v *Verifiers) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, k := range v.keys[name] {
		if k.KeyHash() == hash && k.Name() == name {
			if v.known != nil {
				k = knowing{k, v.known}
			}
			return k, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// Signed is a checkpoint with the signatures that were verified.
type Signed struct {
	Checkpoint
	Log     bool            // the convener signed it as the log
	Members map[string]bool // who cosigned it
	note    note.Note
}

// OpenSigned verifies a note and keeps the signatures that v knows; it fails when one of them is wrong, when none is known, or
// when the text is no checkpoint of the origin.
func OpenSigned(msg []byte, v *Verifiers) (*Signed, error) {
	if len(msg) > MaxNote {
		return nil, errors.New("signed checkpoint is too long")
	}
	n, err := note.Open(msg, v)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	c, err := ParseCheckpoint([]byte(n.Text))
	if err != nil {
		return nil, err
	}
	if c.Origin != v.Origin {
		return nil, fmt.Errorf("checkpoint of %q, want %q", c.Origin, v.Origin)
	}
	s := &Signed{Checkpoint: c, Members: map[string]bool{}, note: note.Note{Text: n.Text, Sigs: n.Sigs}}
	for _, sig := range n.Sigs {
		if sig.Name == v.Origin {
			s.Log = true
		} else {
			s.Members[v.member[sig.Name]] = true
		}
	}
	return s, nil
}

// Merge adds the signatures of o, which must be of the same checkpoint, and says whether one was new. It returns a new value.
func (s *Signed) Merge(o *Signed) (*Signed, bool, error) {
	if s.Checkpoint != o.Checkpoint {
		return nil, false, errors.New("merge: not the same checkpoint")
	}
	out := &Signed{Checkpoint: s.Checkpoint, Log: s.Log, Members: map[string]bool{}, note: note.Note{Text: s.note.Text}}
	out.note.Sigs = append(out.note.Sigs, s.note.Sigs...)
	have := map[string]bool{}
	for _, sig := range s.note.Sigs {
		have[sig.Name] = true
	}
	for m := range s.Members {
		out.Members[m] = true
	}
	added := false
	for _, sig := range o.note.Sigs {
		if !have[sig.Name] {
			out.note.Sigs, added = append(out.note.Sigs, sig), true
		}
	}
	out.Log = out.Log || o.Log
	for m := range o.Members {
		out.Members[m] = true
	}
	return out, added, nil
}

// Note is the checkpoint as a signed note with the signatures held.
func (s *Signed) Note() ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: s.note.Text, Sigs: s.note.Sigs})
	if err != nil {
		return nil, fmt.Errorf("encode checkpoint: %w", err)
	}
	return bytes.Clone(msg), nil
}
