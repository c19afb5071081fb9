package wire

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Signer signs msg under a context; *identity.Keys does.
type Signer interface {
	Sign(context string, msg []byte) []byte
}

// Verifier checks a signature under a context; identity.Public does.
type Verifier interface {
	Verify(context string, msg, sig []byte) error
}

const maxSignature = 4096

// Signed is a statement with its author's signature. The zero value is not
// useful; use [SignCommit], [SignVoid] or the decoders. Immutable, so it may be
// shared between goroutines.
type Signed[T any] struct {
	body      T
	signature []byte
	statement []byte // canonical bytes of body: what is signed
	bytes     []byte // canonical bytes of body and signature: what is sent
	frame     Kind
}

// Body returns the statement.
func (s *Signed[T]) Body() T { return s.body }

// Bytes returns the message as it travels, body and signature. Callers do not
// change it.
func (s *Signed[T]) Bytes() []byte { return s.bytes }

// Hash is SHA-256 of Bytes: the name of the message as evidence.
func (s *Signed[T]) Hash() Hash { return sha256.Sum256(s.bytes) }

// Digest is SHA-256 of the statement without its signature: equal exactly when
// two messages say the same.
func (s *Signed[T]) Digest() Hash { return sha256.Sum256(s.statement) }

func (s *Signed[T]) kind() Kind               { return s.frame }
func (s *Signed[T]) payload() ([]byte, error) { return s.bytes, nil }

// envelope is the shape on the wire. T is a pointer to a checked body.
type envelope[T checked] struct {
	Body      T      `json:"body"`
	Signature []byte `json:"signature"`
}

func (e *envelope[T]) check() error {
	if len(e.Signature) == 0 || len(e.Signature) > maxSignature {
		return fmt.Errorf("a signature of %d bytes, allowed are 1 to %d", len(e.Signature), maxSignature)
	}
	// {"body":null,…} leaves a nil pointer and is its own canonical form.
	if any(e.Body) == any(*new(T)) {
		return errors.New("the body is null")
	}
	return e.Body.check()
}

func sign[T any, P interface {
	*T
	checked
}](k Kind, context string, s Signer, body T) (*Signed[T], error) {
	statement, err := encode(P(&body))
	if err != nil {
		return nil, err
	}
	sig := s.Sign(context, statement)
	b, err := encode(&envelope[P]{Body: &body, Signature: sig})
	if err != nil {
		return nil, err
	}
	return &Signed[T]{body: body, signature: sig, statement: statement, bytes: b, frame: k}, nil
}

func open[T any, P interface {
	*T
	checked
}](k Kind, b []byte) (*Signed[T], error) {
	var e envelope[P]
	if err := decode(b, Limit(k), &e); err != nil {
		return nil, err
	}
	statement, err := marshal(e.Body)
	if err != nil {
		return nil, err
	}
	return &Signed[T]{body: *e.Body, signature: e.Signature, statement: statement, bytes: append([]byte(nil), b...), frame: k}, nil
}

func (s *Signed[T]) verify(context string, v Verifier) error {
	return v.Verify(context, s.statement, s.signature)
}
