package link

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Payer is a payer's endpoint. It only ever opens connections, to the
// convener. Safe for concurrent use.
type Payer struct {
	endpoint
	convener, addr string
	fellBack       fallback // the session goroutine's, and retryQUIC's while that waits

	// Guarded by endpoint.mu.
	current *peer         // the connection that passed the hello, or nil
	changed chan struct{} // closed and replaced when current changes
	buffers Buffers
}

// NewPayer starts an endpoint that connects to the convener of the given name
// at a UDP address ("convener.example:4433"), and stays connected. It does not
// wait for the first connection, see WaitConnected.
func NewPayer(convener, addr string, o Options) (*Payer, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if !validMember(convener) || convener == o.Name {
		return nil, fmt.Errorf("link: %q cannot be the convener of payer %s", convener, o.Name)
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("link: address of the convener: %w", err)
	}
	p := &Payer{convener: convener, addr: addr, changed: make(chan struct{})}
	p.init(o)
	p.spawn(p.run)
	p.spawn(func() { p.follow(p.sweep) })
	return p, nil
}

// Connected reports whether the convener has answered our hello and the
// connection has not been lost since.
func (p *Payer) Connected() bool { c, _ := p.state(); return c != nil }

// WaitConnected returns nil once connected, else why the wait ended.
func (p *Payer) WaitConnected(ctx context.Context) error {
	for {
		c, changed := p.state()
		if c != nil {
			return nil
		}
		select {
		case <-changed:
		case <-p.ctx.Done():
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("waiting for a connection to %s: %w", p.convener, ctx.Err())
		}
	}
}

// Transport is what the connection runs on, TransportQUIC or TransportTCP; ""
// while there is none.
func (p *Payer) Transport() string {
	if c, _ := p.state(); c != nil {
		return c.conn.transport()
	}
	return ""
}

// UDPBuffers are the buffer sizes of the latest connection's socket.
func (p *Payer) UDPBuffers() Buffers {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buffers
}

// Close ends the connection and waits for the handlers to return. Data not
// yet delivered is lost.
func (p *Payer) Close() error {
	p.shut()
	p.wg.Wait()
	return nil
}

func (p *Payer) state() (*peer, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current, p.changed
}

func (p *Payer) set(c *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = c
	close(p.changed)
	p.changed = make(chan struct{})
}

// sweep closes the connection if the convener's key left the directory.
func (p *Payer) sweep() {
	if c, _ := p.state(); c != nil && !p.opt.Directory.is(c.name, c.pin) {
		c.conn.shut(codeDirectory, "key not in the directory")
	}
}

// stream serves one stream that the convener opened, for itself or for another payer.
func (p *Payer) stream(up *peer, q stream) {
	defer q.release()
	q.meet(p.opt.Name, up.name)
	p.guard(q, up.name, func() { p.dispatch(up, q) })
}

func (p *Payer) dispatch(up *peer, q stream) {
	q.SetDeadline(time.Now().Add(p.opt.HeaderTimeout))
	hd, err := readHeader(q)
	if err != nil {
		p.counters.refused.Add(1)
		q.abort()
		return
	}
	q.urgency(hd.urgency)
	switch {
	case hd.kind == kindDirect && hd.member == p.opt.Name:
		p.offer(up.conn.Context(), q, up.name, up.pin, hd.service)
	case hd.kind == kindRelay && hd.member != p.opt.Name && hd.member != up.name:
		p.relayed(up, q, hd)
	default:
		p.refuse(q, up.name, ErrRefused)
	}
}

// relayed accepts a stream of another payer: nothing the convener said about it
// counts until the inner handshake has shown the origin's key.
func (p *Payer) relayed(up *peer, q stream, hd header) {
	q.meet(p.opt.Name, hd.member)
	deadline := time.Now().Add(p.opt.HandshakeTimeout)
	q.SetDeadline(deadline)
	ctx, cancel := context.WithDeadline(p.ctx, deadline)
	defer cancel()
	c, pin, err := p.acceptInner(ctx, q, hd.member)
	if err != nil {
		p.counters.refused.Add(1)
		p.log.Warn("relayed stream refused", "announced", hd.member, "reason", err)
		q.Close() // not abort: it would overtake the TLS alert that says why
		return
	}
	inner, err := readHeader(c)
	if err != nil || inner.kind != kindInner || inner.member != p.opt.Name {
		p.refuse(c, hd.member, ErrRefused)
		return
	}
	q.urgency(inner.urgency)
	p.offer(up.conn.Context(), c, hd.member, pin, inner.service)
}

// Dial opens a stream to the convener or, through it, to another payer. See
// Endpoint.
func (p *Payer) Dial(ctx context.Context, member, service string) (Conn, error) {
	c, err := p.reach(ctx, member, service)
	if err != nil {
		return nil, fmt.Errorf("dialling service %s of %s: %w", service, member, err)
	}
	return c, nil
}

func (p *Payer) reach(ctx context.Context, member, service string) (Conn, error) {
	if err := p.dialable(service); err != nil {
		return nil, err
	}
	up, _ := p.state()
	if up == nil {
		return nil, fmt.Errorf("no connection to %s: %w", p.convener, ErrNotConnected)
	}
	h := header{kindDirect, p.opt.urgency(service), service, member}
	if member == p.convener {
		q, err := p.open(ctx, up.conn, member, h)
		if err != nil {
			return nil, err
		}
		c, _ := p.track(up.conn.Context(), q, member, up.pin, service)
		c.tally.dialled.Add(1)
		return c, nil
	}
	if _, ok := p.opt.Directory.Pin(member); !ok || member == p.opt.Name {
		return nil, ErrUnknownMember
	}
	q, err := p.open(ctx, up.conn, member, header{kind: kindRelay, urgency: h.urgency, member: member})
	if err != nil {
		return nil, err
	}
	h.kind = kindInner
	var inner *innerConn
	var pin [32]byte
	if err := within(ctx, q, func() (err error) {
		if inner, pin, err = p.dialInner(ctx, q, member); err != nil {
			return err
		}
		// If the other side refused our key, writing fails with a reset; what
		// there is to read says why.
		werr := writeHeader(inner, h)
		if err := readAnswer(inner); err != nil {
			return err
		}
		return werr
	}); err != nil {
		q.Close() // not abort: it would overtake our TLS alert
		return nil, refusal(err)
	}
	c, _ := p.track(up.conn.Context(), inner, member, pin, service)
	c.tally.dialled.Add(1)
	return c, nil
}
