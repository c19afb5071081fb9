package link

import (
	"sync"
	"sync/atomic"
)

// Traffic counts payload, without headers, TLS records and QUIC packets.
type Traffic struct {
	Sent, Received    int64 // bytes
	Dialled, Accepted int64 // streams
}

// Stats is a copy of an endpoint's counters since it was made.
type Stats struct {
	Traffic                        // all services together
	Services    map[string]Traffic // by service
	Relayed     int64              // bytes spliced between payers, both directions (hub)
	Connections int64              // connections that passed the hello
	Refused     int64              // streams refused: limits, unknown services, failed handshakes
	Panics      int64              // handlers that panicked
	TurnedAway  int64              // connections refused before their handshake: too many (hub)
	Strangers   int64              // TCP connections whose handshake failed (hub)
}

// tally counts one service.
type tally struct{ sent, received, dialled, accepted atomic.Int64 }

func (t *tally) traffic() Traffic {
	return Traffic{Sent: t.sent.Load(), Received: t.received.Load(), Dialled: t.dialled.Load(), Accepted: t.accepted.Load()}
}

// counters of an endpoint. Services are those this member offers or dials, so
// a peer cannot make the map grow.
type counters struct {
	relayed, connections, refused, panics, unauthenticated atomic.Int64

	mu       sync.Mutex
	services map[string]*tally
}

func (c *counters) service(name string) *tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.services[name]
	if t == nil {
		t = &tally{}
		c.services[name] = t
	}
	return t
}

func (c *counters) stats() Stats {
	s := Stats{Services: map[string]Traffic{}, Relayed: c.relayed.Load(), Connections: c.connections.Load(),
		Refused: c.refused.Load(), Panics: c.panics.Load(), Strangers: c.unauthenticated.Load()}
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, t := range c.services {
		x := t.traffic()
		s.Services[name] = x
		s.Sent += x.Sent
		s.Received += x.Received
		s.Dialled += x.Dialled
		s.Accepted += x.Accepted
	}
	return s
}

// limiter bounds how many streams of each member are served at a time.
type limiter struct {
	mu   sync.Mutex
	max  int
	used map[string]int
}

func (l *limiter) acquire(member string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used[member] >= l.max {
		return false
	}
	l.used[member]++
	return true
}

func (l *limiter) release(member string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used[member]--; l.used[member] == 0 {
		delete(l.used, member)
	}
}
