package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Hash is a SHA-256 value; in JSON 64 lower-case hex digits.
type Hash [32]byte

// String returns the 64 hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first 8 hex digits, for lines people read.
func (h Hash) Short() string { return hex.EncodeToString(h[:4]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*len(h) {
		return fmt.Errorf("a hash has %d hex digits, not %d", 2*len(h), len(b))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// checked is a message body that can say whether its fields are acceptable.
type checked interface{ check() error }

// encode returns the canonical bytes of v after checking it: nobody sends what
// the other side would refuse.
func encode(v checked) ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return marshal(v)
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

var errNotCanonical = errors.New("not in the canonical form")

// decode reads b into v and accepts it only when v's canonical encoding is b
// itself and v's fields are acceptable.
func decode(b []byte, limit int, v checked) error {
	if len(b) == 0 || len(b) > limit {
		return fmt.Errorf("decode: %d bytes, allowed are 1 to %d", len(b), limit)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("decode: %w: bytes behind the message", errNotCanonical)
	}
	again, err := marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, again) {
		return fmt.Errorf("decode: %w", errNotCanonical)
	}
	if err := v.check(); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// CheckMember accepts a member's name: 1 to 32 of a-z, 0-9 and '-'.
func CheckMember(name string) error {
	if len(name) < 1 || len(name) > 32 {
		return fmt.Errorf("a member's name has 1 to 32 characters, not %d", len(name))
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return errors.New("a member's name consists of a-z, 0-9 and '-'")
		}
	}
	return nil
}

// CheckRun accepts a run's identifier: 1 to 64 of a-z, A-Z, 0-9, '.', '_' and
// '-', the first a letter or digit, because it names a folder as well.
func CheckRun(run string) error {
	if len(run) < 1 || len(run) > 64 {
		return fmt.Errorf("a run's identifier has 1 to 64 characters, not %d", len(run))
	}
	for i, c := range []byte(run) {
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || c != '.' && c != '_' && c != '-') {
			return errors.New("a run's identifier consists of letters, digits, '.', '_' and '-' and starts with a letter or digit")
		}
	}
	return nil
}

// CheckText accepts at most limit printable ASCII characters. Texts cross
// between members and end up on terminals and pages.
func CheckText(s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("a text of %d characters, allowed are %d", len(s), limit)
	}
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return errors.New("a text consists of printable ASCII characters")
		}
	}
	return nil
}
