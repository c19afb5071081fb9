package measures

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Format names the canonical form and its version inside the bytes, so that a
// later form cannot be mistaken for this one.
const Format = "tacet/measure/v1"

// MaxCanonical is the most bytes a canonical measure may have.
const MaxCanonical = 1 << 18

// envelope puts the format first without making it a field of Spec.
type envelope struct {
	Format string `json:"format"`
	Spec
}

// Canonical returns the deterministic JSON of the measure, SQL text included.
func (s *Spec) Canonical() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(envelope{Format: Format, Spec: *s}); err != nil {
		panic("measures: encoding a plain struct failed: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Hash returns the SHA-256 of the canonical bytes: the measure's identity in
// the log.
func (s *Spec) Hash() [32]byte { return sha256.Sum256(s.Canonical()) }

// ParseCanonical reads canonical bytes, which come from a peer: the size is
// checked first, unknown fields and trailing data are refused, the content is
// validated, and the result must encode to exactly the same bytes.
func ParseCanonical(data []byte) (*Spec, error) {
	if len(data) > MaxCanonical {
		return nil, fmt.Errorf("canonical measure has %d bytes, more than %d", len(data), MaxCanonical)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var e envelope
	if err := dec.Decode(&e); err != nil {
		return nil, fmt.Errorf("decode canonical measure: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode canonical measure: data after the end")
	}
	if e.Format != Format {
		return nil, fmt.Errorf("canonical measure has format %.40q, want %q", e.Format, Format)
	}
	s := e.Spec
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("canonical measure: %w", err)
	}
	if !bytes.Equal(s.Canonical(), data) {
		return nil, errors.New("measure is not in canonical form: encoding it again gives other bytes")
	}
	return &s, nil
}
