package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
)

// rawConfig is what a careful client would send, for tests to spoil.
func rawConfig(t testing.TB, c ...tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: c, NextProtos: []string{protocolOuter}, InsecureSkipVerify: true,
		MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}, ServerName: "x"}
}

// rawDial connects without this package. The connection may fail later: a
// client's handshake ends before the server has judged its certificate.
func rawDial(t testing.TB, addr string, c *tls.Config) (*quic.Conn, error) {
	t.Helper()
	conn, err := quic.DialAddr(limit(t), addr, c, &quic.Config{HandshakeIdleTimeout: time.Second})
	if err == nil {
		t.Cleanup(func() { conn.CloseWithError(0, "") })
	}
	return conn, err
}

// rawHello says hello as the owner of the certificate.
func rawHello(t testing.TB, conn *quic.Conn) error {
	t.Helper()
	s, err := conn.OpenStreamSync(limit(t))
	if err != nil {
		return err
	}
	s.SetDeadline(time.Now().Add(5 * time.Second))
	if err := writeHeader(s, header{kind: kindHello, member: "convener"}); err != nil {
		return err
	}
	return readAnswer(s)
}

func TestHubRefusesClients(t *testing.T) {
	f := start(t, nil)
	good := leaf(t, "payer-a", "")
	tests := []struct {
		name string
		conf func(c *tls.Config)
		want string // part of the client's error; "" = accepted
	}{
		{"payer-a's key", func(*tls.Config) {}, ""},
		{"no certificate", func(c *tls.Config) { c.Certificates = nil }, "certificate required"},
		{"a key nobody knows", func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-a", "stolen name") }, "bad certificate"},
		{"the convener's own key", func(c *tls.Config) { c.Certificates[0] = leaf(t, "convener", "") }, "bad certificate"},
		{"classical key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, "handshake failure"},
		{"other hybrid key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.SecP256r1MLKEM768} }, "handshake failure"},
		{"other protocol", func(c *tls.Config) { c.NextProtos = []string{protocolInner} }, "no application protocol"},
		{"two certificates", func(c *tls.Config) {
			c.Certificates[0].Certificate = append(c.Certificates[0].Certificate[:1:1], leaf(t, "payer-b", "").Certificate[0])
		}, "bad certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := rawConfig(t, good)
			tt.conf(c)
			conn, err := rawDial(t, f.hub.Addr(), c)
			if err == nil {
				err = rawHello(t, conn)
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestNothingBeforeTheHello: an authenticated connection that starts with
// another stream is closed, and its member does not count as connected.
func TestNothingBeforeTheHello(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	h.Handle("echo", echo)
	for _, first := range []header{{kindDirect, 0, "echo", "convener"}, {kindRelay, 0, "", "payer-b"}, {kindHello, 0, "", "payer-b"}} {
		conn, err := rawDial(t, h.Addr(), rawConfig(t, leaf(t, "payer-a", "")))
		if err != nil {
			t.Fatal(err)
		}
		s, err := conn.OpenStreamSync(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := writeHeader(s, first); err != nil {
			t.Fatal(err)
		}
		if err := readAnswer(s); err == nil {
			t.Fatalf("first stream of kind %d was accepted", first.kind)
		}
		<-conn.Context().Done()
		var app *quic.ApplicationError
		if err := context.Cause(conn.Context()); !errors.As(err, &app) || app.ErrorCode != codeRefused {
			t.Fatalf("first stream of kind %d: connection ended with %v", first.kind, err)
		}
		if got := h.Connected(); len(got) != 0 {
			t.Fatalf("connected: %v", got)
		}
	}
}

func TestPayerRefusesServers(t *testing.T) {
	tests := []struct {
		name string
		conf func(c *tls.Config)
		want string // part of what the payer logs
	}{
		{"a key nobody knows", func(c *tls.Config) { c.Certificates[0] = leaf(t, "convener", "other") }, "not in the directory"},
		{"another member's key", func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-b", "") }, "that of payer-b, want convener"},
		{"classical key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, "handshake failure"},
		{"right key, no answer to the hello", func(*tls.Config) {}, "did not answer the hello"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := rawConfig(t, leaf(t, "convener", ""))
			c.ClientAuth = tls.RequireAnyClientCert
			tt.conf(c)
			ln, err := quic.ListenAddr("127.0.0.1:0", c, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			log := &journal{}
			o := options(t, "payer-a")
			o.Log, o.HandshakeTimeout = log.logger(), 200*time.Millisecond
			p := connect(t, ln.Addr().String(), o)
			eventually(t, "the payer says why", func() bool { return log.contains(tt.want) })
			if p.Connected() {
				t.Error("the payer counts itself connected")
			}
			if _, err := p.Dial(limit(t), "convener", "echo"); !errors.Is(err, ErrNotConnected) {
				t.Errorf("dial: %v", err)
			}
			p.Close()
		})
	}
}

// TestInnerHandshake checks the session between payers, in both roles, against
// a peer that uses crypto/tls directly.
func TestInnerHandshake(t *testing.T) {
	f := start(t, nil)
	e := &f.payers["payer-b"].endpoint
	tests := []struct {
		name string
		conf func(c *tls.Config)
		want string
	}{
		{"payer-a's key", func(*tls.Config) {}, ""},
		{"TLS 1.2", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, "version"},
		{"classical key exchange", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256} }, ""},
		{"no certificate", func(c *tls.Config) { c.Certificates = nil }, ""},
		{"a key nobody knows", func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-a", "other") }, "not in the directory"},
		{"payer-c's key", func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-c", "") }, "that of payer-c, want payer-a"},
		{"the convener's key", func(c *tls.Config) { c.Certificates[0] = leaf(t, "convener", "") }, "that of convener, want payer-a"},
		{"our own key", func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-b", "") }, "want payer-a"},
		{"outer protocol", func(c *tls.Config) { c.NextProtos = []string{protocolOuter} }, ""},
		{"no protocol", func(c *tls.Config) { c.NextProtos = nil }, "protocol"},
	}
	for _, role := range []string{"as server", "as client"} {
		for _, tt := range tests {
			t.Run(tt.name+" "+role, func(t *testing.T) {
				c := rawConfig(t, leaf(t, "payer-a", ""))
				c.NextProtos, c.ClientAuth = []string{protocolInner}, tls.RequireAnyClientCert
				c.ClientSessionCache = tls.NewLRUClientSessionCache(4)
				tt.conf(c)
				ours, theirs := net.Pipe()
				defer ours.Close()
				defer theirs.Close()
				us, them := tls.Server(ours, e.config(protocolInner, "payer-a")), tls.Client(theirs, c)
				if role == "as client" {
					us, them = tls.Client(ours, e.config(protocolInner, "payer-a")), tls.Server(theirs, c)
				}
				go func() { them.Handshake(); io.Copy(io.Discard, them) }()
				err := us.HandshakeContext(limit(t))
				if tt.name == "payer-a's key" {
					if err != nil {
						t.Fatal(err)
					}
					if got := us.ConnectionState(); got.CurveID != tls.X25519MLKEM768 || got.Version != tls.VersionTLS13 || got.DidResume {
						t.Fatalf("session %+v", got)
					}
					return
				}
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
			})
		}
	}
}
