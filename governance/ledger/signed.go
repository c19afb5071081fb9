package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// MaxSignatures is the most signature lines of a note that readers take (golang.org/x/mod/sumdb/note); rules.MaxMembers is half of it.
const MaxSignatures = 100

// MaxNote is the longest signed checkpoint: a text and MaxSignatures lines, every other one an ML-DSA-44 signature.
const MaxNote = 256 << 10

// Verifiers knows whose signatures count: the log's and those of the members. Each of them has several keys, and signs with all or has not signed.
type Verifiers struct {
	Origin string
	log    *party
	keys   map[string][]*partyKey // by key name
	known  *Signed                // nil: none
}

// party is the log, or a member under one of its sets of keys.
type party struct {
	member string // "" is the log
	keys   int
}

type partyKey struct {
	note.Verifier
	of *party
}

// NewVerifiers starts with the log's own keys.
func NewVerifiers(origin string, log ...note.Verifier) *Verifiers {
	v := &Verifiers{Origin: origin, keys: map[string][]*partyKey{}}
	v.log = v.add("", log)
	return v
}

// Add lets a member's cosignatures count that are made with all of these keys. A member that has changed its keys has several sets.
func (v *Verifiers) Add(member string, keys ...note.Verifier) { v.add(member, keys) }

func (v *Verifiers) add(member string, keys []note.Verifier) *party {
	p := &party{member, len(keys)}
	for _, k := range keys {
		v.keys[k.Name()] = append(v.keys[k.Name()], &partyKey{k, p})
	}
	return p
}

func (v *Verifiers) find(name string, hash uint32) *partyKey {
	for _, k := range v.keys[name] {
		if k.KeyHash() == hash {
			return k
		}
	}
	return nil
}

// Verifier implements note.Verifiers.
func (v *Verifiers) Verifier(name string, hash uint32) (note.Verifier, error) {
	if k := v.find(name, hash); k != nil {
		if v.known != nil {
			return knowing{k, v.known}, nil
		}
		return k, nil
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

// ErrNobody says that a note has no signature by anybody who counts.
var ErrNobody = errors.New("nobody known has signed")

// OpenSigned verifies a note and keeps the signatures that v knows; it fails when one of them is wrong, when none is known (ErrNobody), when somebody has signed with
// some of its keys and not with all, or when the text is no checkpoint of the origin.
func OpenSigned(msg []byte, v *Verifiers) (*Signed, error) {
	if len(msg) > MaxNote {
		return nil, errors.New("signed checkpoint is too long")
	}
	n, err := note.Open(msg, v)
	if unknown := (*note.UnverifiedNoteError)(nil); errors.As(err, &unknown) {
		return nil, fmt.Errorf("open checkpoint: %w", ErrNobody)
	}
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
	lines := map[*party]int{}
	for _, sig := range n.Sigs {
		lines[v.find(sig.Name, sig.Hash).of]++
	}
	for _, sig := range n.Sigs { // in the note's order, so that the error is the same every time
		p := v.find(sig.Name, sig.Hash).of
		switch {
		case lines[p] < p.keys:
			return nil, fmt.Errorf("checkpoint: %q has signed with %d of its %d keys", sig.Name, lines[p], p.keys)
		case p == v.log:
			s.Log = true
		default:
			s.Members[p.member] = true
		}
	}
	return s, nil
}

// Merge adds the signatures of o, which must be of the same checkpoint, and says whether one was new. It returns a new value. Of one name it keeps the
// signatures it has: whoever signs again, with other keys perhaps, adds nothing.
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

// Since is the note with the signatures that were added to an earlier form of the same checkpoint; the whole note when before is nil or of another, nil when
// nothing was added. A signature under ML-DSA-44 has 3.3 kB: sending all to all whenever one comes in would be most of the traffic.
func (s *Signed) Since(before *Signed) ([]byte, error) {
	if before == nil || before.Checkpoint != s.Checkpoint {
		return s.Note()
	}
	had := map[string]bool{}
	for _, sig := range before.note.Sigs {
		had[sig.Name] = true
	}
	fresh := &Signed{note: note.Note{Text: s.note.Text}}
	for _, sig := range s.note.Sigs {
		if !had[sig.Name] {
			fresh.note.Sigs = append(fresh.note.Sigs, sig)
		}
	}
	if len(fresh.note.Sigs) == 0 {
		return nil, nil
	}
	return fresh.Note()
}

// Note is the checkpoint as a signed note with the signatures held.
func (s *Signed) Note() ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: s.note.Text, Sigs: s.note.Sigs})
	if err != nil {
		return nil, fmt.Errorf("encode checkpoint: %w", err)
	}
	return bytes.Clone(msg), nil
}
