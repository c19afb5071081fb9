package link

import (
	"context"
	"net"
	"sync"
)

// Conn is a stream between two members. Reads and writes may run
// concurrently; Close interrupts both. CloseWrite ends the sending side only,
// and the other member reads io.EOF after what was sent; it is no error if that
// member has stopped reading. Data given to Write
// before Close is delivered while the connection lives. The addresses are
// member names.
type Conn = interface {
	net.Conn
	CloseWrite() error
}

// endToEnd is what a Conn is made of: a stream of the outer connection, or an
// inner session over one.
type endToEnd interface {
	Conn
	abort()
}

// conn counts payload and is known to its endpoint.
type conn struct {
	endToEnd
	peer    string
	service string
	pin     [32]byte
	tally   *tally
	done    context.CancelFunc // ends the handler's context and forgets the conn
	closed  sync.Once
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.endToEnd.Read(p)
	c.tally.received.Add(int64(n))
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.endToEnd.Write(p)
	c.tally.sent.Add(int64(n))
	return n, err
}

func (c *conn) Close() error {
	err := c.endToEnd.Close()
	c.closed.Do(c.done)
	return err
}

// track makes a conn of an authenticated stream. The returned context ends
// with parent, and when the conn is closed.
func (e *endpoint) track(parent context.Context, t endToEnd, peer string, pin [32]byte, service string) (*conn, context.Context) {
	ctx, cancel := context.WithCancel(parent)
	c := &conn{endToEnd: t, peer: peer, service: service, pin: pin, tally: e.counters.service(service)}
	c.done = cancel
	e.mu.Lock()
	e.live[c] = struct{}{}
	e.mu.Unlock()
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		delete(e.live, c)
		e.mu.Unlock()
	})
	// The directory may have changed between the handshake and this line, and
	// the sweep that followed could not see the conn yet.
	if !e.opt.Directory.is(peer, pin) {
		c.abort()
	}
	return c, ctx
}
