package link

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestProxy(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	h.Handle("echo", echo)
	via := func(p *proxy, user string) Options {
		o := options(t, "payer-a")
		o.Transport = TransportTCP
		o.Proxy = func(addr string) (*url.URL, error) {
			if addr != h.Addr() {
				t.Errorf("the proxy is asked for %s", addr)
			}
			return url.Parse("http://" + user + p.Addr().String())
		}
		return o
	}
	good := newProxy(t, "")
	p := connect(t, h.Addr(), via(good, "plan:secret@"))
	if err := p.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, p, "convener", "echo", "x"); err != nil || got != "payer-a:x" || good.tunnels.Load() != 1 {
		t.Fatalf("%q, %v, %d tunnels", got, err, good.tunnels.Load())
	}
	p.Close()
	for _, tt := range []struct{ user, say, want string }{
		{"", "", "user name and password"},
		{"plan:secret@", "HTTP/1.1 403 Forbidden\r\n\r\n", "refuses the tunnel"},
		{"plan:secret@", "HTTP/1.1 200 OK\r\n\r\nhello", "before the tunnel began"},
		{"plan:secret@", "SSH-2.0\r\n", "reading its answer"},
		{"plan:secret@", strings.Repeat("x", 2*maxProxyAnswer), "reading its answer"},
	} {
		_, err := via(newProxy(t, tt.say), tt.user).connectTCP(limit(t), h.Addr())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want %q", tt.say, err, tt.want)
		}
	}
}

// TestProbe: what doctor asks.
func TestProbe(t *testing.T) {
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	o := options(t, "payer-a")
	r := Probe(limit(t), "convener", h.Addr(), o)
	if r.QUIC != nil || r.TCP != nil || r.Proxy != "" {
		t.Fatalf("%+v", r)
	}
	o, wall := behind(t, "payer-a")
	wall.blocked.Store(true)
	o.HandshakeTimeout = 100 * time.Millisecond
	if r = Probe(limit(t), "convener", h.Addr(), o); r.QUIC == nil || r.TCP != nil {
		t.Fatalf("UDP blocked: %+v", r)
	}
	if len(h.Connected()) != 0 {
		t.Error("a probe counts as a connection")
	}
}
