package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// MaxPublicJSON bounds the encoding of a Public in bytes, white space included.
const MaxPublicJSON = 8 << 10

// Public is what others know of a member: its name and its public keys.
type Public struct {
	Name    string // [a-z0-9-], 1 to 32 characters
	Ed25519 []byte // 32 bytes: half of every signature, and a checkpoint key
	MLDSA65 []byte // 1952 bytes: the other half
	MLDSA44 []byte // 1312 bytes: the other checkpoint key, which signs nothing else
	HPKE    []byte // 1216 bytes: X-Wing encapsulation key
	TLSPin  [32]byte
}

// encoded is the JSON form of a Public; the order of the fields is the format.
type encoded struct {
	Name    string `json:"name"`
	Ed25519 []byte `json:"ed25519"`
	MLDSA65 []byte `json:"mldsa65"`
	MLDSA44 []byte `json:"mldsa44"`
	HPKE    []byte `json:"hpke"`
	TLSPin  string `json:"tls_pin"`
}

// Canonical is the one encoding of p, see the package comment.
func (p Public) Canonical() []byte {
	b, err := json.Marshal(encoded{p.Name, p.Ed25519, p.MLDSA65, p.MLDSA44, p.HPKE, hex.EncodeToString(p.TLSPin[:])})
	if err != nil {
		panic("identity: encoding a public identity: " + err.Error()) // strings and bytes always encode
	}
	return b
}

// MarshalJSON is Canonical.
func (p Public) MarshalJSON() ([]byte, error) { return p.Canonical(), nil }

// ParsePublic decodes and validates the canonical encoding and nothing else.
func ParsePublic(b []byte) (Public, error) {
	if len(b) > MaxPublicJSON {
		return Public{}, fmt.Errorf("public identity of %d bytes, want at most %d", len(b), MaxPublicJSON)
	}
	var e encoded
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return Public{}, fmt.Errorf("decoding a public identity: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Public{}, errors.New("decoding a public identity: trailing data")
	}
	p := Public{Name: e.Name, Ed25519: e.Ed25519, MLDSA65: e.MLDSA65, MLDSA44: e.MLDSA44, HPKE: e.HPKE}
	pin, err := hex.DecodeString(e.TLSPin)
	if err != nil || len(pin) != len(p.TLSPin) {
		return Public{}, errors.New("decoding a public identity: tls_pin is not 64 hexadecimal digits")
	}
	copy(p.TLSPin[:], pin)
	if err := p.Validate(); err != nil {
		return Public{}, err
	}
	// Catches what encoding/json forgives: order, repeats, case of field names,
	// escapes, line breaks inside base64, white space.
	if !bytes.Equal(b, p.Canonical()) {
		return Public{}, fmt.Errorf("public identity of %q is not in canonical form", p.Name)
	}
	return p, nil
}

// UnmarshalJSON is ParsePublic, except that white space between tokens is
// allowed: the document around it decides about its own layout.
func (p *Public) UnmarshalJSON(b []byte) error {
	if len(b) > MaxPublicJSON {
		return fmt.Errorf("public identity of %d bytes, want at most %d", len(b), MaxPublicJSON)
	}
	var c bytes.Buffer
	if err := json.Compact(&c, b); err != nil {
		return fmt.Errorf("decoding a public identity: %w", err)
	}
	q, err := ParsePublic(c.Bytes())
	if err != nil {
		return err
	}
	*p = q
	return nil
}

// Validate checks the name's grammar and that each key is one that can be
// used: lengths, no Ed25519 point of small order (under which anybody could
// sign), an encapsulation key that one can seal to.
func (p Public) Validate() error {
	if err := checkName(p.Name); err != nil {
		return err
	}
	if len(p.Ed25519) != ed25519.PublicKeySize {
		return fmt.Errorf("identity of %s: Ed25519 key has %d bytes, want %d", p.Name, len(p.Ed25519), ed25519.PublicKeySize)
	}
	if smallOrder(p.Ed25519) {
		return fmt.Errorf("identity of %s: Ed25519 key is a point of small order", p.Name)
	}
	if len(p.MLDSA65) != mldsa65.PublicKeySize {
		return fmt.Errorf("identity of %s: ML-DSA-65 key has %d bytes, want %d", p.Name, len(p.MLDSA65), mldsa65.PublicKeySize)
	}
	if len(p.MLDSA44) != mldsa44.PublicKeySize {
		return fmt.Errorf("identity of %s: ML-DSA-44 key has %d bytes, want %d", p.Name, len(p.MLDSA44), mldsa44.PublicKeySize)
	}
	if len(p.HPKE) != publicKEMSize {
		return fmt.Errorf("identity of %s: sealing key has %d bytes, want %d", p.Name, len(p.HPKE), publicKEMSize)
	}
	pk, err := kem.NewPublicKey(p.HPKE)
	if err != nil {
		return fmt.Errorf("identity of %s: sealing key: %w", p.Name, err)
	}
	// An X25519 point of small order decodes and fails only on use; found here,
	// it cannot stop a run at its release.
	if _, _, err := hpke.NewSender(pk, kdf, aead, nil); err != nil {
		return fmt.Errorf("identity of %s: sealing key: %w", p.Name, err)
	}
	if p.TLSPin == [32]byte{} {
		return fmt.Errorf("identity of %s: no link key pin", p.Name)
	}
	return nil
}

// Equal reports whether p and q are the same identity in every field.
func (p Public) Equal(q Public) bool { return bytes.Equal(p.Canonical(), q.Canonical()) }

// Digest is the SHA-256 of the canonical encoding.
func (p Public) Digest() [sha256.Size]byte { return sha256.Sum256(p.Canonical()) }

// Fingerprint is for two people to compare: 32 hexadecimal digits in groups of
// four to read aloud (128 bits of the digest), then the whole digest.
func (p Public) Fingerprint() string {
	d := p.Digest()
	return p.short() + " sha256:" + hex.EncodeToString(d[:])
}

func (p Public) short() string {
	d := p.Digest()
	var groups []string
	for i := 0; i < 16; i += 2 {
		groups = append(groups, hex.EncodeToString(d[i:i+2]))
	}
	return strings.Join(groups, "-")
}

// String is the name and the digits to read aloud.
func (p Public) String() string { return p.Name + " " + p.short() }

func (p Public) clone() Public {
	p.Ed25519, p.MLDSA65, p.MLDSA44, p.HPKE = bytes.Clone(p.Ed25519), bytes.Clone(p.MLDSA65), bytes.Clone(p.MLDSA44), bytes.Clone(p.HPKE)
	return p
}

func checkName(name string) error {
	if len(name) < 1 || len(name) > 32 {
		return fmt.Errorf("member name of %d characters, want 1 to 32 of a-z, 0-9 and -", len(name))
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("member name %q: want a-z, 0-9 and - only", name)
		}
	}
	return nil
}
