package link

import (
	"context"
	"fmt"
	"time"

	"github.com/quic-go/quic-go"
)

// accept ends when the listener is closed and its queue is empty.
func (h *Hub) accept(l *quic.Listener) {
	defer h.serving.Done()
	for {
		c, err := l.Accept(context.Background())
		if err != nil {
			return // closed: quic-go has no other error here
		}
		release, _ := c.Context().Value(releaseKey{}).(func())
		h.serving.Add(1)
		if !h.spawn(func() { defer h.serving.Done(); h.serve(quicCarrier{c}, release) }) {
			c.CloseWithError(codeClosed, "closed")
			h.serving.Done()
		}
	}
}

// serve is the life of one connection. release is for when it has said whose it is.
func (h *Hub) serve(c carrier, release func()) {
	defer release()
	name, pin, err := h.authenticate(c.state(), protocolOuter, "")
	if err != nil {
		h.log.Warn("connection refused", "reason", err)
		c.shut(codeRefused, "refused")
		return
	}
	p := &peer{name: name, pin: pin, conn: c}
	defer h.forget(p)
	if err := h.hello(p); err != nil {
		if h.ctx.Err() != nil {
			c.shut(codeClosed, "closed")
			return
		}
		h.log.Warn("connection refused", "payer", name, "reason", err)
		c.shut(codeRefused, "refused")
		return
	}
	release()
	h.log.Info("payer connected", "payer", name, "transport", c.transport())
	for {
		s, err := c.accept(h.ctx)
		if err != nil {
			break
		}
		if !h.spawn(func() { h.stream(p, s) }) {
			break
		}
	}
	c.shut(codeClosed, "closed")
	h.log.Info("payer disconnected", "payer", name, "reason", context.Cause(c.Context()))
}

// forget takes the connection out, unless a newer one is in its place.
func (h *Hub) forget(p *peer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.peers[p.name] == p {
		delete(h.peers, p.name)
	}
}

// hello waits for the payer's first stream, registers the connection in place
// of an older one, and only then answers: from the answer on both sides agree.
func (h *Hub) hello(p *peer) error {
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.HeaderTimeout)
	defer cancel()
	q, err := p.conn.accept(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the hello: %w", err)
	}
	defer q.release()
	q.meet(h.opt.Name, p.name)
	defer q.Close()
	q.SetDeadline(time.Now().Add(h.opt.HeaderTimeout))
	var hd header
	if err := within(ctx, q, func() (err error) { hd, err = readHeader(q); return err }); err != nil {
		return err
	}
	if hd.kind != kindHello || hd.member != h.opt.Name {
		return fmt.Errorf("first stream is no hello to %s: %w", h.opt.Name, errHeader)
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return ErrClosed
	}
	old := h.peers[p.name]
	h.peers[p.name] = p
	h.mu.Unlock()
	// Checked after registering: a change before is seen here, one after by sweep.
	if !h.opt.Directory.is(p.name, p.pin) {
		return ErrUnknownMember
	}
	if old != nil {
		h.spawn(func() { old.conn.shut(codeSuperseded, "superseded") })
	}
	h.counters.connections.Add(1)
	h.gate.remember(p.conn.remote())
	return writeAnswer(q, nil)
}

// stream serves one stream that a payer opened.
func (h *Hub) stream(p *peer, q stream) {
	defer q.release()
	q.meet(h.opt.Name, p.name)
	h.guard(q, p.name, func() { h.dispatch(p, q) })
}

func (h *Hub) dispatch(p *peer, q stream) {
	q.SetDeadline(time.Now().Add(h.opt.HeaderTimeout))
	hd, err := readHeader(q)
	if err != nil {
		h.counters.refused.Add(1)
		q.abort()
		return
	}
	q.urgency(hd.urgency)
	switch {
	case hd.kind == kindDirect && hd.member == h.opt.Name:
		h.offer(p.conn.Context(), q, p.name, p.pin, hd.service)
	case hd.kind == kindRelay && hd.member != p.name:
		h.relay(p, q, hd)
	default:
		h.refuse(q, p.name, ErrRefused)
	}
}
