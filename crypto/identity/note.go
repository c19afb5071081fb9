package identity

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// NoteSigner signs notes under the given key name (a log's origin, a
// cosigner's name) with the member's Ed25519 key. A name that is not a C2SP key
// name (empty, with white space or +) gives a signer whose Sign fails.
func (k *Keys) NoteSigner(origin string) note.Signer {
	v, err := k.public.NoteVerifier(origin)
	if err != nil {
		return &noteSigner{name: origin, err: err}
	}
	return &noteSigner{name: origin, hash: v.KeyHash(), key: k.ed}
}

// NoteVerifier verifies notes this member signed under the given key name.
func (p Public) NoteVerifier(origin string) (note.Verifier, error) {
	vkey, err := p.NoteKey(origin)
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("note key of %s under the name %q: %w", p.Name, origin, err)
	}
	return v, nil
}

// NoteKey is the encoded verifier key ("vkey", c2sp.org/signed-note) that
// other programs are configured with.
func (p Public) NoteKey(origin string) (string, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, p.Ed25519)
	if err != nil {
		return "", fmt.Errorf("note key of %s: %w", p.Name, err)
	}
	return vkey, nil
}

type noteSigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
	err  error
}

func (s *noteSigner) Name() string    { return s.name }
func (s *noteSigner) KeyHash() uint32 { return s.hash }

// Sign signs note text only, so that the key's other use, hybrid signatures,
// whose input is never text, stays out of reach.
func (s *noteSigner) Sign(msg []byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	if len(msg) == 0 || msg[len(msg)-1] != '\n' || !utf8.Valid(msg) {
		return nil, errors.New("signing a note: not text that ends in a newline")
	}
	for _, c := range msg {
		if c < 0x20 && c != '\n' {
			return nil, errors.New("signing a note: control character")
		}
	}
	return ed25519.Sign(s.key, msg), nil
}

// Format hides the key under every verb.
func (s *noteSigner) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "note key %s+%08x", s.name, s.hash) }
