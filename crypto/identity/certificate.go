package identity

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
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
func (k *Keys) TLSCertificate() (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: k.Name()},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.tls.Public(), k.tls)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the link certificate of %s: %w", k.Name(), err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading back the link certificate of %s: %w", k.Name(), err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: &leafKey{k.tls, k.Name()}, Leaf: leaf}, nil
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
