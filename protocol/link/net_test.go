package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// leaf makes a member's certificate; the same name and salt give the same key.
func leaf(t testing.TB, name, salt string) tls.Certificate {
	t.Helper()
	seed := sha256.Sum256([]byte(name + salt))
	key := ed25519.NewKeyFromSeed(seed[:])
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(nil, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: l}
}

func pin(c tls.Certificate) [32]byte { return sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo) }

func options(t testing.TB, name string) Options {
	t.Helper()
	d := NewDirectory()
	for _, n := range []string{"convener", "payer-a", "payer-b", "payer-c"} {
		d.Set(Member{n, pin(leaf(t, n, ""))})
	}
	return Options{Name: name, Certificate: leaf(t, name, ""), Directory: d, Transport: carried,
		ReconnectMin: 5 * time.Millisecond, ReconnectMax: 50 * time.Millisecond}
}

// carried is what the endpoints of a test use.
var carried = TransportAuto

// both runs a test over QUIC and over TCP.
func both(t *testing.T, f func(*testing.T)) {
	for _, c := range []string{TransportQUIC, TransportTCP} {
		carried = c
		t.Run(c, f)
	}
	carried = TransportAuto
}

// within limits every wait of the tests.
func limit(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// federation is a hub and three connected payers.
type federation struct {
	hub    *Hub
	payers map[string]*Payer
	all    []Endpoint
}

func listen(t testing.TB, addr string, o Options) *Hub {
	t.Helper()
	h, err := Listen(addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func connect(t testing.TB, addr string, o Options) *Payer {
	t.Helper()
	p, err := NewPayer("convener", addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func start(t testing.TB, change func(*Options)) *federation {
	t.Helper()
	opt := func(name string) Options {
		o := options(t, name)
		if change != nil {
			change(&o)
		}
		return o
	}
	f := &federation{hub: listen(t, "127.0.0.1:0", opt("convener")), payers: map[string]*Payer{}}
	f.all = append(f.all, f.hub)
	for _, n := range []string{"payer-a", "payer-b", "payer-c"} {
		p := connect(t, f.hub.Addr(), opt(n))
		f.payers[n] = p
		f.all = append(f.all, p)
	}
	for _, p := range f.payers {
		if err := p.WaitConnected(limit(t)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// echo answers with what it reads, after naming the one who sent it.
func echo(_ context.Context, from string, c Conn) {
	fmt.Fprintf(c, "%s:", from)
	io.Copy(c, c)
	c.CloseWrite()
}

// ask sends text and returns the whole answer.
func ask(t testing.TB, e Endpoint, member, service, text string) (string, error) {
	t.Helper()
	c, err := e.Dial(limit(t), member, service)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	if err := c.CloseWrite(); err != nil {
		return "", err
	}
	b, err := io.ReadAll(c)
	return string(b), err
}

// eventually waits for something without an event to wait for.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ctx := limit(t)
	for tick := time.NewTicker(2 * time.Millisecond); !cond(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			t.Fatalf("not in time: %s", what)
		}
	}
}

// journal is a log that a test can read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) contains(s string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.b.String(), s)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }
