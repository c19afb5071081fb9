package party_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/wire"
)

// cutting is a payer's link that loses its first streams in the middle.
type cutting struct {
	link.Endpoint
	mu   sync.Mutex
	left int // streams still to be cut
}

var errCut = errors.New("the line was cut")

func (c *cutting) Dial(ctx context.Context, member, service string) (link.Conn, error) {
	conn, err := c.Endpoint.Dial(ctx, member, service)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || c.left == 0 {
		return conn, err
	}
	c.left--
	return &cut{Conn: conn, budget: 1000 * (1 + 37*(c.left%4))}, nil
}

type cut struct {
	link.Conn
	mu     sync.Mutex
	budget int // bytes, both ways
}

func (c *cut) spend(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.budget -= n; c.budget < 0 {
		c.Conn.Close()
		return errCut
	}
	return nil
}

func (c *cut) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, errors.Join(err, c.spend(n))
}

func (c *cut) Write(b []byte) (int, error) {
	if err := c.spend(len(b)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Lost streams are opened again and the same bytes sent again: the run ends
// certified, and nobody has seen a second object or statement.
func TestLostStreams(t *testing.T) {
	n := newNetwork(t, 3, 1)
	for _, name := range n.payers[:2] {
		n.members[name].endpoint = &cutting{Endpoint: n.members[name].endpoint, left: 12}
	}
	for name, r := range n.run() {
		if r.err != nil || !r.Certified() {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
	for _, name := range n.payers[:2] {
		if left := n.members[name].endpoint.(*cutting).left; left != 0 {
			t.Errorf("%s: %d streams were not cut", name, left)
		}
	}
}

// lying is a convener's link that changes a byte of the objects it gives out.
type lying struct {
	link.Endpoint
	mu   sync.Mutex
	left int // objects to change
}

func (l *lying) Handle(service string, h link.Handler) {
	if service == wire.ServiceGet && h != nil {
		inner := h
		h = func(ctx context.Context, from string, conn link.Conn) { inner(ctx, from, &altering{Conn: conn, l: l}) }
	}
	l.Endpoint.Handle(service, h)
}

type altering struct {
	link.Conn
	l      *lying
	writes int
}

func (a *altering) Write(b []byte) (int, error) {
	if a.writes++; a.writes == 2 { // behind the Posted frame
		a.l.mu.Lock()
		alter := a.l.left > 0
		if alter {
			a.l.left--
		}
		a.l.mu.Unlock()
		if alter {
			b = append([]byte(nil), b...)
			b[len(b)/2] ^= 0x40
		}
	}
	return a.Conn.Write(b)
}

// An object that is not the committed one is never used: asked for again, and
// when it is wrong again the run is void with the commit as evidence.
func TestAlteredObject(t *testing.T) {
	t.Run("once", func(t *testing.T) {
		if underRace {
			t.Skip("the goroutines are those of TestLostStreams")
		}
		n := newNetwork(t, 3, 1)
		l := &lying{Endpoint: n.members[hub].endpoint, left: 1}
		n.members[hub].endpoint = l
		for name, r := range n.run() {
			if r.err != nil || !r.Certified() {
				t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
			}
		}
		if l.left != 0 {
			t.Error("nothing was altered")
		}
	})
	t.Run("always", func(t *testing.T) {
		n := newNetwork(t, 3, 1)
		n.members[hub].endpoint = &lying{Endpoint: n.members[hub].endpoint, left: 1 << 20}
		for name, r := range n.run() {
			if r.Outcome == nil || r.Code != wire.BadObject || r.Step != "keys-1" || len(r.Evidence) == 0 {
				t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
			}
		}
	})
}
