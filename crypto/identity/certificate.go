package identity

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"time"
)

// TLSCertificate is the member's self-signed leaf for the link. Key and bytes
// are the same each time. It has no meaningful validity period (RFC 5280,
// 4.1.2.5): a key is in force while the member directory holds its pin.
func (k *Keys) TLSCertificate() (tls.Certificate, error) { return leaf(k.Name(), k.tls) }

// OneTimeCertificate is a link leaf made from a secret that two parties share, with its pin: who holds the secret of an invitation connects
// with it. The key is the HMAC of a label under the secret, so that the secret serves nothing else by accident.
func OneTimeCertificate(name string, secret [32]byte) (c tls.Certificate, pin [32]byte, err error) {
	if err := checkName(name); err != nil {
		return c, pin, err
	}
	h := hmac.New(sha256.New, secret[:])
	h.Write([]byte("tacet/one-time-link-key/v1"))
	if c, err = leaf(name, ed25519.NewKeyFromSeed(h.Sum(nil))); err != nil {
		return c, pin, err
	}
	return c, sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo), nil
}

func leaf(name string, key ed25519.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the link certificate of %s: %w", name, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading back the link certificate of %s: %w", name, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: &leafKey{key, name}, Leaf: parsed}, nil
}

// leafKey signs handshakes. It stands between the key and fmt: a printed
// tls.Certificate would otherwise show an ed25519.PrivateKey.
type leafKey struct {
	key  ed25519.PrivateKey
	name string
}

func (l *leafKey) Public() crypto.PublicKey { return l.key.Public() }

func (l *leafKey) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return l.key.Sign(r, digest, o)
}

// Format hides the key under every verb.
func (l *leafKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "link key of "+l.name) }
