package link

import (
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func tcpAddr(s string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s + ":1")) }

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var evicted atomic.Int64
		evict := func() { evicted.Add(1) }
		var releases []func()
		for range gatePrefix { // one attacker that says nothing, as fast as it may
			r, ok := g.admit(tcpAddr("203.0.113.5"), true, evict)
			if !ok {
				t.Fatal("refused within the limits")
			}
			releases = append(releases, r)
			time.Sleep(time.Second * gateShare / gateRate)
		}
		if _, ok := g.admit(tcpAddr("203.0.113.77"), true, evict); !ok {
			t.Fatal("no room made for the newest of a full prefix")
		}
		synctest.Wait()
		if evicted.Load() != 1 || g.waiting.Len() != gatePrefix {
			t.Fatalf("%d evicted, %d wait", evicted.Load(), g.waiting.Len())
		}
		time.Sleep(time.Second)
		if _, ok := g.admit(tcpAddr("203.0.113.9"), false, nil); !ok { // QUIC: evicts one that can be
			t.Fatal("no room")
		}
		releases[0]() // was evicted: changes nothing
		if g.waiting.Len() != gatePrefix || g.prefix[prefixOf(addrOf(tcpAddr("203.0.113.1")))] != gatePrefix {
			t.Fatal("released twice")
		}

		// The rate: one prefix has half of what strangers may use, all have all of it;
		// a member's address has its own.
		g.remember(tcpAddr("198.51.100.1"))
		time.Sleep(time.Minute)
		begin := func(from ...string) (n int) {
			for i := range 1000 {
				if r, ok := g.admit(tcpAddr(from[i%len(from)]), true, evict); ok {
					n++
					r()
				}
			}
			return n
		}
		if n := begin("203.0.113.5"); n != gateBurst/gateShare {
			t.Errorf("%d of 1000 handshakes of one prefix begin, want %d", n, gateBurst/gateShare)
		}
		if r, ok := g.admit(tcpAddr("192.0.2.1"), true, evict); !ok {
			t.Error("a flood from one prefix shuts out another")
		} else {
			r()
		}
		if n := begin("192.0.2.1", "203.0.112.1", "203.0.111.1"); n != gateBurst-gateBurst/gateShare-1 {
			t.Errorf("%d of 1000 handshakes begin", n)
		}
		if _, ok := g.admit(tcpAddr("198.51.100.1"), true, evict); !ok {
			t.Error("a member's address is refused during a flood from elsewhere")
		}
		if _, ok := g.admit(tcpAddr("198.51.100.1"), false, nil); ok {
			t.Error("an address that nobody verified counts as a member's")
		}
		time.Sleep(gateMemory)
		begin("203.0.113.5", "192.0.2.1", "203.0.111.1")
		if _, ok := g.admit(tcpAddr("198.51.100.1"), true, evict); ok {
			t.Error("a member's address is remembered for ever")
		}
		time.Sleep(time.Minute)
		for i := range 2 * gatePrefixes {
			g.admit(tcpAddr(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}).String()), true, evict)
			if i%gateRate == 0 {
				time.Sleep(time.Second)
			}
		}
		if len(g.tried) > gatePrefixes {
			t.Errorf("%d prefixes are remembered", len(g.tried))
		}
		if g.turnedAway() == 0 {
			t.Error("nothing is counted")
		}
		for i := range 2 * gateKnown {
			g.remember(tcpAddr(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String()))
		}
		if len(g.known) > gateKnown {
			t.Errorf("%d addresses are remembered", len(g.known))
		}
	})
}

// TestSlowLoris: connections that send a byte now and then are thrown out after
// HandshakeTimeout, all of it together, and a payer connects beside them.
func TestSlowLoris(t *testing.T) {
	o := options(t, "convener")
	o.HandshakeTimeout = 300 * time.Millisecond
	h := listen(t, "127.0.0.1:0", o)
	var conns []net.Conn
	for range 2 * gatePrefix { // more than the gate lets in
		c, err := net.Dial("tcp", h.Addr())
		if err != nil {
			continue // beyond the rate: reset
		}
		defer c.Close()
		io.WriteString(c, "\x16")
		conns = append(conns, c)
	}
	po := options(t, "payer-a")
	po.Transport = TransportTCP
	if err := connect(t, h.Addr(), po).WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.ReadAll(c); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Fatal("a connection that says nothing stays")
			}
		}
	}
	eventually(t, "nobody waits any more", func() bool {
		h.gate.mu.Lock()
		defer h.gate.mu.Unlock()
		return h.gate.waiting.Len() == 0 && len(h.gate.prefix) == 0
	})
}
