package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// firewall is a UDP socket whose packets may be swallowed, both ways.
type firewall struct {
	net.PacketConn
	blocked atomic.Bool
}

func (f *firewall) WriteTo(p []byte, a net.Addr) (int, error) {
	if f.blocked.Load() {
		return len(p), nil
	}
	return f.PacketConn.WriteTo(p, a)
}

func (f *firewall) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, a, err := f.PacketConn.ReadFrom(p)
		if err != nil || !f.blocked.Load() {
			return n, a, err
		}
	}
}

// behind is a payer's options with a firewall in front of its UDP.
func behind(t *testing.T, name string) (Options, *firewall) {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	f := &firewall{PacketConn: pc}
	o := options(t, name)
	o.PacketConn, o.HeadStart = f, 300*time.Millisecond
	return o, f
}

// TestFallback: a payer whose UDP is blocked uses TCP, one that loses UDP on
// the way as well, and QUIC is found again when it is there again.
func TestFallback(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	h.Handle("echo", echo)
	h.Handle("run/commit", echo)
	o, wall := behind(t, "payer-a")
	wall.blocked.Store(true)
	o.RetryQUIC, o.HandshakeTimeout = 50*time.Millisecond, time.Second
	p := connect(t, h.Addr(), o)
	p.Handle("echo", echo)
	if err := p.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	if p.Transport() != TransportTCP || h.Transports()["payer-a"] != TransportTCP {
		t.Fatalf("over %q, says the hub %q", p.Transport(), h.Transports()["payer-a"])
	}
	if got, err := ask(t, p, "convener", "echo", "x"); err != nil || got != "payer-a:x" {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := ask(t, h, "payer-a", "echo", "x"); err != nil || got != "convener:x" {
		t.Fatalf("%q, %v", got, err)
	}
	wall.blocked.Store(false)
	eventually(t, "QUIC is found again", func() bool { return p.Transport() == TransportQUIC })
	wall.blocked.Store(true)
	eventually(t, "TCP takes over", func() bool { // long before the idle timeout: the test asks for it
		if c, _ := p.state(); c != nil && c.conn.transport() == TransportQUIC {
			c.conn.shut(codeClosed, "test")
		}
		return p.Transport() == TransportTCP
	})
}

// TestFallbackIsRemembered: after TCP has won, the next connection does not wait
// for QUIC first.
func TestFallbackIsRemembered(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	o, wall := behind(t, "payer-a")
	wall.blocked.Store(true)
	o.RetryQUIC = time.Hour
	p := connect(t, h.Addr(), o)
	if err := p.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	if !p.fellBack.after(p.opt.RetryQUIC) {
		t.Error("not remembered")
	}
	f := fallback{at: time.Now().Add(-time.Minute)}
	if f.after(time.Second) || !f.after(time.Hour) {
		t.Error("the memory does not end with RetryQUIC")
	}
	f.note(true)
	if !f.after(time.Hour) || f.after(time.Second) {
		t.Error("a second fallback makes the first younger")
	}
	if f.note(false); f.after(time.Hour) {
		t.Error("QUIC that worked does not end it")
	}
}

// TestOnlyOne: a hub and payers that are told to use one transport use no other.
func TestOnlyOne(t *testing.T) {
	for _, only := range []string{TransportQUIC, TransportTCP} {
		o := options(t, "convener")
		o.Transport = only
		h := listen(t, "127.0.0.1:0", o)
		p := connect(t, h.Addr(), options(t, "payer-a")) // auto
		if err := p.WaitConnected(limit(t)); err != nil {
			t.Fatal(err)
		}
		if p.Transport() != only {
			t.Errorf("over %s, want %s", p.Transport(), only)
		}
		o = options(t, "payer-b")
		o.Transport, o.HandshakeTimeout = TransportQUIC, 100*time.Millisecond
		if only == TransportQUIC {
			o.Transport = TransportTCP
		}
		other := connect(t, h.Addr(), o)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		if other.WaitConnected(ctx) == nil {
			t.Errorf("a payer over %s reaches a hub that has %s only", o.Transport, only)
		}
		cancel()
	}
	if _, err := NewPayer("convener", "127.0.0.1:1", Options{Name: "payer-a", Transport: "udp"}); err == nil {
		t.Error("transport udp is accepted")
	}
}

// TestTCPSession: the fallback's TLS is as strict as QUIC's.
func TestTCPSession(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	for name, c := range map[string]struct {
		spoil func(*tls.Config)
		want  string
	}{
		"payer-a's key":          {func(*tls.Config) {}, ""},
		"no certificate":         {func(c *tls.Config) { c.Certificates = nil }, "certificate required"},
		"a key nobody knows":     {func(c *tls.Config) { c.Certificates[0] = leaf(t, "payer-a", "other") }, "bad certificate"},
		"the convener's own key": {func(c *tls.Config) { c.Certificates[0] = leaf(t, "convener", "") }, "bad certificate"},
		"classical key exchange": {func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, "handshake failure"},
		"TLS 1.2":                {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, "protocol version"},
		"other protocol":         {func(c *tls.Config) { c.NextProtos = []string{protocolInner} }, "no application protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			offered := &tickets{}
			conf := rawConfig(t, leaf(t, "payer-a", ""))
			conf.ClientSessionCache = offered
			c.spoil(conf)
			raw, err := net.Dial("tcp", h.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			raw.SetDeadline(time.Now().Add(5 * time.Second))
			s := tls.Client(raw, conf)
			err = s.Handshake()
			if err == nil && c.want != "" { // the server's verdict on our certificate comes later
				_, err = s.Read(make([]byte, 1))
			}
			if err == nil {
				o, _ := options(t, "payer-a").withDefaults()
				m, merr := newMux(s, true, 16, o)
				if merr != nil {
					t.Fatal(merr)
				}
				defer m.shut(codeClosed, "")
				e := &endpoint{}
				e.init(o)
				_, err = e.open(limit(t), m, "convener", header{kind: kindHello, member: "convener"})
				if st := m.state(); st.CurveID != tls.X25519MLKEM768 || st.Version != tls.VersionTLS13 || st.DidResume || offered.offered.Load() != 0 {
					t.Errorf("session %v, version %#x, resumed %v, %d tickets", st.CurveID, st.Version, st.DidResume, offered.offered.Load())
				}
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
		})
	}
}

// proxy is an HTTP proxy that tunnels for one user.
type proxy struct {
	net.Listener
	wg      sync.WaitGroup
	tunnels atomic.Int64
	say     string // instead of serving
}

func newProxy(t *testing.T, say string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, say: say}
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); p.wg.Wait() })
	return p
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil || r.Method != http.MethodConnect {
		return
	}
	if p.say != "" {
		io.WriteString(c, p.say)
		return
	}
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("plan:secret")) {
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return
	}
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer up.Close()
	p.tunnels.Add(1)
	io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	p.wg.Go(func() { io.Copy(up, c); up.Close() })
	io.Copy(c, up)
}
