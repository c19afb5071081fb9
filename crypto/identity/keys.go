package identity

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

const seedSize = 32 // of each of the five keys

// seeds is everything secret about a member, and the layout of keys.json.
type seeds struct {
	Version int    `json:"version"`
	Name    string `json:"name"`
	Ed25519 []byte `json:"ed25519"`
	MLDSA65 []byte `json:"mldsa65"`
	MLDSA44 []byte `json:"mldsa44"`
	TLS     []byte `json:"tls"`
	HPKE    []byte `json:"hpke"`
}

// seedsVersion counts the layouts of keys.json; version 1 had no ML-DSA-44 seed.
const seedsVersion = 2

// Keys are the private keys of one member. They are immutable and safe for
// concurrent use. The zero value is not usable.
type Keys struct {
	seeds  seeds
	ed     ed25519.PrivateKey
	mldsa  *mldsa65.PrivateKey
	cosign *mldsa44.PrivateKey
	tls    ed25519.PrivateKey
	hpke   hpke.PrivateKey
	public Public
	signer [sha256.Size]byte // binds the halves of a signature to this key pair
}

// Generate makes new keys for a member of the given name ([a-z0-9-], 1 to 32
// characters) from the system's randomness.
func Generate(name string) (*Keys, error) {
	s := seeds{Version: seedsVersion, Name: name}
	for _, p := range []*[]byte{&s.Ed25519, &s.MLDSA65, &s.MLDSA44, &s.TLS, &s.HPKE} {
		*p = make([]byte, seedSize)
		rand.Read(*p) // never fails: the runtime stops the process instead
	}
	return derive(s)
}

// derive expands seeds into keys, and checks the result as a peer would.
func derive(s seeds) (*Keys, error) {
	if err := checkName(s.Name); err != nil {
		return nil, err
	}
	if s.Version != seedsVersion {
		return nil, errVersion(s)
	}
	for _, b := range [][]byte{s.Ed25519, s.MLDSA65, s.MLDSA44, s.TLS, s.HPKE} {
		if len(b) != seedSize {
			return nil, fmt.Errorf("identity of %s: a seed has %d bytes, want %d", s.Name, len(b), seedSize)
		}
	}
	k := &Keys{seeds: s, ed: ed25519.NewKeyFromSeed(s.Ed25519), tls: ed25519.NewKeyFromSeed(s.TLS)}
	pq, sk := mldsa65.NewKeyFromSeed((*[mldsa65.SeedSize]byte)(s.MLDSA65))
	k.mldsa = sk
	cosigning, ck := mldsa44.NewKeyFromSeed((*[mldsa44.SeedSize]byte)(s.MLDSA44))
	k.cosign = ck
	var err error
	if k.hpke, err = kem.NewPrivateKey(s.HPKE); err != nil {
		return nil, fmt.Errorf("identity of %s: sealing key: %w", s.Name, err)
	}
	spki, err := x509.MarshalPKIXPublicKey(k.tls.Public())
	if err != nil {
		return nil, fmt.Errorf("identity of %s: link key: %w", s.Name, err)
	}
	k.public = Public{
		Name:    s.Name,
		Ed25519: k.ed.Public().(ed25519.PublicKey),
		MLDSA65: pq.Bytes(),
		MLDSA44: cosigning.Bytes(),
		HPKE:    k.hpke.PublicKey().Bytes(),
		TLSPin:  sha256.Sum256(spki),
	}
	if err := k.public.Validate(); err != nil {
		return nil, err
	}
	k.signer = signerID(k.public.Ed25519, k.public.MLDSA65)
	return k, nil
}

func errVersion(s seeds) error {
	return fmt.Errorf("identity of %.32q: version %d is not known to this program, which reads version %d: use the release that wrote it", s.Name, s.Version, seedsVersion)
}

// Name is the member's name.
func (k *Keys) Name() string { return k.public.Name }

// Public is what others know of this member. The caller may change the copy.
func (k *Keys) Public() Public { return k.public.clone() }

// Format prints name and fingerprint under every verb, so that no %v, %+v,
// %#v or %x of a structure that holds keys can show a seed.
func (k Keys) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// String is the member's name and fingerprint.
func (k Keys) String() string {
	if k.public.Name == "" {
		return "identity.Keys(none)"
	}
	return "identity.Keys(" + k.public.Name + " " + k.public.short() + ")"
}

// GoString is String.
func (k Keys) GoString() string { return k.String() }

// LogValue is String.
func (k Keys) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON always fails: private keys leave a member through Save alone.
func (k Keys) MarshalJSON() ([]byte, error) {
	return nil, errors.New("private keys are not encoded: encode Public() instead")
}

// The compiler holds the redaction in place.
var (
	_ fmt.Formatter  = Keys{}
	_ slog.LogValuer = Keys{}
	_ json.Marshaler = Keys{}
)
