package entry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/identity"
)

const (
	// MaxSize is the longest signed entry in bytes.
	MaxSize = 1 << 20
	// Context separates entry signatures from everything else a member signs.
	Context = "tacet/entry/v1"
)

// Entry is what an author signs.
type Entry struct {
	Origin  string          `json:"origin"`
	Author  string          `json:"author"`
	Seq     uint64          `json:"seq"`  // from 1
	Prev    string          `json:"prev"` // hex SHA-256 of the author's entry before, or of the genesis
	Kind    string          `json:"kind"`
	Version int             `json:"version"`
	Body    json.RawMessage `json:"body"`
}

type envelope struct {
	Entry     json.RawMessage `json:"entry"`
	Signature []byte          `json:"signature"`
}

// Signed is an entry with the bytes that were signed. Opening does not verify: Verify does.
type Signed struct {
	Entry
	raw       []byte
	signature []byte
}

// Sign prints e canonically and signs it. The keys must be the author's.
func Sign(keys *identity.Keys, e Entry) ([]byte, error) {
	if e.Author != keys.Name() {
		return nil, fmt.Errorf("sign entry: author %q, key of %q", e.Author, keys.Name())
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("sign entry: %w", err)
	}
	raw, err := Canonical(e)
	if err != nil {
		return nil, fmt.Errorf("sign entry: %w", err)
	}
	signed, err := Canonical(envelope{Entry: raw, Signature: keys.Sign(Context, raw)})
	if err != nil {
		return nil, fmt.Errorf("sign entry: %w", err)
	}
	if len(signed) > MaxSize {
		return nil, fmt.Errorf("sign entry: %d bytes, at most %d", len(signed), MaxSize)
	}
	return signed, nil
}

// Open reads a signed entry strictly. The result does not alias signed.
func Open(signed []byte) (*Signed, error) {
	var env envelope
	if err := Decode(signed, &env); err != nil {
		return nil, fmt.Errorf("open entry: %w", err)
	}
	if len(env.Signature) != identity.SignatureSize {
		return nil, fmt.Errorf("open entry: %w: signature of %d bytes", ErrForm, len(env.Signature))
	}
	s := &Signed{raw: env.Entry, signature: env.Signature}
	if err := Decode(env.Entry, &s.Entry); err != nil {
		return nil, fmt.Errorf("open entry: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("open entry: %w: %w", ErrForm, err)
	}
	return s, nil
}

// Verify checks the author's signature. pub must be the author's key in the member directory.
func (s *Signed) Verify(pub identity.Public) error {
	if pub.Name != s.Author {
		return fmt.Errorf("verify entry of %q with the key of %q", s.Author, pub.Name)
	}
	if err := pub.Verify(Context, s.raw, s.signature); err != nil {
		return fmt.Errorf("verify entry %d of %q: %w", s.Seq, s.Author, err)
	}
	return nil
}

// Hash is the SHA-256 of the signed bytes, which the author's next entry names as prev.
func (s *Signed) Hash() [32]byte { return sha256.Sum256(s.raw) }

// BodyHash is the SHA-256 of the body's bytes.
func (s *Signed) BodyHash() [32]byte { return sha256.Sum256(s.Body) }

// check holds the limits of the fields that every kind has.
func (e Entry) check() error {
	switch {
	case len(e.Origin) == 0 || len(e.Origin) > 128:
		return errors.New("origin is missing or too long")
	case len(e.Author) == 0 || len(e.Author) > 32:
		return errors.New("author is missing or too long")
	case len(e.Kind) == 0 || len(e.Kind) > 64:
		return errors.New("kind is missing or too long")
	case e.Seq == 0:
		return errors.New("sequence numbers start at 1")
	case e.Version < 1:
		return errors.New("versions start at 1")
	case !IsHash(e.Prev):
		return errors.New("prev is not a SHA-256 in lower-case hex")
	case len(e.Body) == 0 || e.Body[0] != '{':
		return errors.New("body is not an object")
	}
	return nil
}

// IsHash says whether s is 32 bytes in lower-case hex.
func IsHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == s
}
