package link

import (
	"container/list"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// What connections may cost before they have said whose they are.
const (
	gateTotal    = 512 // connections before the hello; each holds some 100 kB at most
	gatePrefix   = 128 // of them from one prefix (/24, /48)
	gateRate     = 20  // handshakes a second for all strangers together; each costs some 0.5 ms
	gateBurst    = 50
	gateShare    = 2   // a prefix has at most one part in so many of both
	gateMembers  = 100 // a second besides, for addresses that a member has come from
	gateKnown    = 256 // such addresses that are remembered
	gatePrefixes = 1024
	gateMemory   = 24 * time.Hour
)

// gate decides which connections may begin a handshake. Nothing here touches a
// connection that passed the hello. Members' addresses are those a member has
// authenticated from: a flood does not use up their share, except one that comes
// through the same address (NAT), and then retries get through in turn. One prefix
// does not use up the strangers' share either: a member that comes from an address
// of which nothing is known gets in beside a flood from elsewhere.
type gate struct {
	mu      sync.Mutex // guards the rest
	waiting *list.List // *entrant, oldest first
	prefix  map[netip.Prefix]int
	known   map[netip.Addr]time.Time // when a member last came from there
	tried   map[netip.Prefix]*bucket // strangers' prefixes whose bucket is not full
	open    bucket
	members bucket
	refused int64
}

// entrant is a connection before its hello.
type entrant struct {
	prefix netip.Prefix
	evict  func() // nil: it cannot be thrown out
}

// bucket is a token bucket.
type bucket struct {
	rate, burst float64
	tokens      float64
	at          time.Time
}

func newBucket(rate, burst float64, now time.Time) bucket { return bucket{rate, burst, burst, now} }

func (b *bucket) fill(now time.Time) float64 {
	b.tokens = min(b.tokens+b.rate*now.Sub(b.at).Seconds(), b.burst)
	b.at = now
	return b.tokens
}

func (b *bucket) take(now time.Time) bool {
	if b.fill(now) < 1 {
		return false
	}
	b.tokens--
	return true
}

func newGate() *gate {
	now := time.Now()
	return &gate{waiting: list.New(), prefix: map[netip.Prefix]int{}, known: map[netip.Addr]time.Time{}, tried: map[netip.Prefix]*bucket{},
		open: newBucket(gateRate, gateBurst, now), members: newBucket(gateMembers, gateMembers, now)}
}

// stranger takes a token for an address that is no member's. The caller holds mu.
func (g *gate) stranger(p netip.Prefix, now time.Time) bool {
	b := g.tried[p]
	if b == nil {
		if len(g.tried) >= gatePrefixes {
			for q, t := range g.tried {
				if t.fill(now) >= t.burst {
					delete(g.tried, q)
				}
			}
		}
		if len(g.tried) >= gatePrefixes {
			return g.open.take(now) // from everywhere: no prefix is the one to blame
		}
		fresh := newBucket(gateRate/gateShare, gateBurst/gateShare, now)
		b = &fresh
		g.tried[p] = b
	}
	return b.fill(now) >= 1 && g.open.take(now) && b.take(now)
}

// admit lets a connection begin. release must be called when it has passed the
// hello or is gone. Where there is no room the oldest that can be evicted goes:
// who is slow on purpose makes room for who is not.
func (g *gate) admit(from net.Addr, verified bool, evict func()) (release func(), ok bool) {
	addr := addrOf(from)
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	since, known := g.known[addr]
	known = known && verified && now.Sub(since) < gateMemory
	p := prefixOf(addr)
	if !(known && g.members.take(now)) && !g.stranger(p, now) {
		g.refused++
		return nil, false
	}
	if !known && (g.prefix[p] >= gatePrefix && !g.makeRoom(&p) || g.waiting.Len() >= gateTotal && !g.makeRoom(nil)) {
		g.refused++
		return nil, false
	}
	e := g.waiting.PushBack(&entrant{p, evict})
	g.prefix[p]++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.forget(e)
	}), true
}

// makeRoom evicts the oldest entrant, of a prefix if one is given. The caller
// holds mu.
func (g *gate) makeRoom(of *netip.Prefix) bool {
	for e := g.waiting.Front(); e != nil; e = e.Next() {
		if w := e.Value.(*entrant); w.evict != nil && (of == nil || w.prefix == *of) {
			go w.evict()
			g.forget(e)
			return true
		}
	}
	return false
}

// forget takes an entrant out, once. The caller holds mu.
func (g *gate) forget(e *list.Element) {
	w := e.Value.(*entrant)
	if w == nil {
		return
	}
	g.waiting.Remove(e)
	e.Value = (*entrant)(nil)
	if g.prefix[w.prefix]--; g.prefix[w.prefix] == 0 {
		delete(g.prefix, w.prefix)
	}
}

// remember notes that a member came from an address.
func (g *gate) remember(from net.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	addr := addrOf(from)
	if _, ok := g.known[addr]; !ok && len(g.known) >= gateKnown {
		oldest := addr
		for a, t := range g.known {
			if oldest == addr || t.Before(g.known[oldest]) {
				oldest = a
			}
		}
		delete(g.known, oldest)
	}
	g.known[addr] = time.Now()
}

// turnedAway is how many connections were refused so far.
func (g *gate) turnedAway() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused
}

// releaseKey is where a QUIC connection's context carries its release.
type releaseKey struct{}

var errGate = errors.New("too many handshakes")

// admitQUIC is the gate as quic.Transport.ConnContext. An address that nobody
// has verified counts as one, whatever it says: above a rate all are verified
// first (see attempts).
func (g *gate) admitQUIC(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	release, ok := g.admit(info.RemoteAddr, info.AddrVerified, nil)
	if !ok {
		return nil, errGate
	}
	context.AfterFunc(ctx, release) // handshakes that fail
	return context.WithValue(ctx, releaseKey{}, release), nil
}

func addrOf(a net.Addr) netip.Addr {
	var ip netip.Addr
	switch a := a.(type) {
	case *net.UDPAddr:
		ip = a.AddrPort().Addr()
	case *net.TCPAddr:
		ip = a.AddrPort().Addr()
	default:
		if p, err := netip.ParseAddrPort(a.String()); err == nil {
			ip = p.Addr()
		}
	}
	return ip.Unmap().WithZone("")
}

// prefixOf is what one attacker has at least.
func prefixOf(a netip.Addr) netip.Prefix {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: they share one limit
	}
	return p
}
