package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"golang.org/x/mod/sumdb/note"
)

// Under a checkpoint everybody signs twice, with Ed25519 and with ML-DSA-44: two lines of the note under one key name. Who counts a signature
// counts both or none.

// LogSigners sign checkpoints as the log: the key name is the origin.
func (k *Keys) LogSigners(origin string, at time.Time) []note.Signer {
	return []note.Signer{k.NoteSigner(origin), k.SubtreeCosigner(origin, at)}
}

// Cosigners sign checkpoints as a member that is not the log.
func (k *Keys) Cosigners(name string, at time.Time) []note.Signer {
	return []note.Signer{k.Cosigner(name, at), k.SubtreeCosigner(name, at)}
}

// LogVerifiers verify what LogSigners sign. Both must.
func (p Public) LogVerifiers(origin string) ([]note.Verifier, error) {
	return both(origin, p.NoteVerifier, p.SubtreeVerifier)
}

// CosignatureVerifiers verify what Cosigners sign. Both must.
func (p Public) CosignatureVerifiers(name string) ([]note.Verifier, error) {
	return both(name, p.CosignatureVerifier, p.SubtreeVerifier)
}

func both(name string, each ...func(string) (note.Verifier, error)) (out []note.Verifier, err error) {
	for _, f := range each {
		v, err := f(name)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// VerifierKey is a verifier key as it was read.
type VerifierKey struct {
	note.Verifier
	Log       bool   // signs as a log: Ed25519 of type 1, or ML-DSA-44
	Cosigner  bool   // signs as another: Ed25519 of type 4, or ML-DSA-44
	PublicKey []byte // without its type; two of the same are one key under two names
}

// ParseVerifierKey reads a verifier key NAME+HASH+KEY of type 1, 4 or 6 in the form in which this package prints it.
func ParseVerifierKey(vkey string) (VerifierKey, error) {
	f := strings.SplitN(vkey, "+", 3)
	if len(f) != 3 {
		return VerifierKey{}, fmt.Errorf("%.40q is not a verifier key NAME+HASH+KEY", vkey)
	}
	b, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || len(b) < 1 {
		return VerifierKey{}, fmt.Errorf("the key of %.40q is not a type and a key in base64", f[0])
	}
	k, p := VerifierKey{PublicKey: b[1:]}, Public{Name: f[0], Ed25519: b[1:], MLDSA44: b[1:]}
	var verifier func(string) (note.Verifier, error)
	var print func(string) (string, error)
	switch {
	case b[0] == typeNote && len(b) == 1+ed25519.PublicKeySize:
		k.Log, verifier, print = true, p.NoteVerifier, p.NoteKey
	case b[0] == typeCosignature && len(b) == 1+ed25519.PublicKeySize:
		k.Cosigner, verifier, print = true, p.CosignatureVerifier, p.CosignatureKey
	case b[0] == typeSubtree && len(b) == 1+mldsa44.PublicKeySize:
		k.Log, k.Cosigner, verifier, print = true, true, p.SubtreeVerifier, p.SubtreeKey
	default:
		return VerifierKey{}, fmt.Errorf("the key of %.40q is of type %d with %d bytes, want an Ed25519 key of type 1 or 4 or an ML-DSA-44 key of type 6", f[0], b[0], len(b)-1)
	}
	k.Verifier, err = verifier(f[0])
	if err != nil {
		return VerifierKey{}, err
	}
	if again, err := print(f[0]); err != nil || again != vkey {
		return VerifierKey{}, fmt.Errorf("the key of %.40q does not have the hash beside it", f[0])
	}
	return k, nil
}

// encodeKey prints a verifier key (c2sp.org/signed-note).
func encodeKey(name string, hash uint32, kind byte, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{kind}, key...)))
}

// keyHash is a key's hash, by which a signature line names it.
func keyHash(name string, kind byte, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write([]byte{kind})
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// checkKeyName holds a name to the grammar of a note's key names, and to the length that a subtree cosignature can hold.
func checkKeyName(name string) error {
	if len(name) < 1 || len(name) > 255 || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '+' || r > '~' }) {
		return errors.New("a key name is 1 to 255 visible ASCII characters without +")
	}
	return nil
}
