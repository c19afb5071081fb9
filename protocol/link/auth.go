package link

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
)

const (
	protocolOuter = "tacet/1"
	protocolInner = "tacet-peer/1"
)

var errAuthentication = errors.New("session not authenticated")

// config is the TLS configuration of both sides of both sessions. want is the
// one member to accept, or "" for any in the directory.
func (e *endpoint) config(protocol, want string) *tls.Config {
	return &tls.Config{
		Certificates:                []tls.Certificate{e.opt.Certificate},
		NextProtos:                  []string{protocol},
		MinVersion:                  tls.VersionTLS13,
		MaxVersion:                  tls.VersionTLS13,
		CurvePreferences:            []tls.CurveID{tls.X25519MLKEM768},
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
		ClientAuth:                  tls.RequireAnyClientCert,
		InsecureSkipVerify:          true, // names and chains mean nothing here: VerifyConnection compares keys
		VerifyConnection: func(cs tls.ConnectionState) error {
			_, _, err := e.authenticate(cs, protocol, want)
			return err
		},
	}
}

// authenticate names the member at the other end of a session, by its key. It
// runs inside the handshake, and again on the finished state.
func (e *endpoint) authenticate(cs tls.ConnectionState, protocol, want string) (name string, pin [32]byte, err error) {
	switch {
	case cs.Version != tls.VersionTLS13:
		return "", pin, fmt.Errorf("%w: session with TLS version %#x, want TLS 1.3", errAuthentication, cs.Version)
	case cs.CurveID != tls.X25519MLKEM768:
		return "", pin, fmt.Errorf("%w: session with key exchange %v, want X25519MLKEM768", errAuthentication, cs.CurveID)
	case cs.DidResume:
		return "", pin, fmt.Errorf("%w: resumed session", errAuthentication)
	case cs.NegotiatedProtocol != protocol:
		return "", pin, fmt.Errorf("%w: session for protocol %q, want %q", errAuthentication, cs.NegotiatedProtocol, protocol)
	case len(cs.PeerCertificates) != 1:
		return "", pin, fmt.Errorf("%w: peer sent %d certificates, want 1", errAuthentication, len(cs.PeerCertificates))
	}
	leaf := cs.PeerCertificates[0]
	if _, ok := leaf.PublicKey.(ed25519.PublicKey); !ok {
		return "", pin, fmt.Errorf("%w: peer's key is not Ed25519", errAuthentication)
	}
	pin = sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	name, ok := e.opt.Directory.Name(pin)
	if !ok {
		return "", pin, fmt.Errorf("%w: peer's key: %w", errAuthentication, ErrUnknownMember)
	}
	if want != "" && name != want {
		return "", pin, fmt.Errorf("%w: peer's key is that of %s, want %s", errAuthentication, name, want)
	}
	if name == e.opt.Name {
		return "", pin, fmt.Errorf("%w: peer's key is our own", errAuthentication)
	}
	return name, pin, nil
}
