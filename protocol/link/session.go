package link

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/quic-go/quic-go"
)

// run keeps the payer connected until Close.
func (p *Payer) run() {
	b, last := backoff{min: p.opt.ReconnectMin, max: p.opt.ReconnectMax}, ""
	for p.ctx.Err() == nil {
		err := p.session()
		if p.ctx.Err() != nil {
			return
		}
		var lost *lostSession
		switch {
		case errors.As(err, &lost):
			last = ""
			if lost.superseded() {
				p.log.Error("superseded: another node is connected with this member's keys; stop one of them")
			} else {
				p.log.Warn("connection lost", "convener", p.convener, "reason", lost.cause)
			}
		case err.Error() != last: // say each reason once, not at every attempt
			last = err.Error()
			p.log.Warn("cannot connect; trying again until it works", "convener", p.convener, "reason", err)
		}
		pause := b.next(err)
		select {
		case <-time.After(pause/2 + rand.N(pause)): // jitter: payers do not return in step
		case <-p.ctx.Done():
			return
		}
	}
}

// backoff is how long to wait between connections.
type backoff struct{ min, max, pause time.Duration }

// next is the pause after a session that ended with err: the shortest after a
// connection that worked, twice the last after an attempt that failed.
func (b *backoff) next(err error) time.Duration {
	var lost *lostSession
	switch {
	case !errors.As(err, &lost):
		b.pause = min(max(2*b.pause, b.min), b.max)
	case lost.superseded():
		// Another process uses the same keys. Without a long pause the two
		// would take turns as fast as they can connect.
		b.pause = b.max
	default:
		b.pause = b.min
	}
	return b.pause
}

// lostSession is the end of a connection that had been established.
type lostSession struct{ cause error }

func (l *lostSession) Error() string { return "connection lost: " + l.cause.Error() }

func (l *lostSession) superseded() bool {
	var app *quic.ApplicationError
	return errors.As(l.cause, &app) && app.ErrorCode == codeSuperseded
}

// session makes one connection and serves it to its end. Each has its own
// socket: one that the system broke (sleep, a changed network) is not met again.
func (p *Payer) session() error {
	ctx, cancel := context.WithTimeout(p.ctx, 2*p.opt.HandshakeTimeout)
	defer cancel()
	addr, err := resolve(ctx, p.addr)
	if err != nil {
		return fmt.Errorf("resolving the convener's address: %w", err)
	}
	socket, err := p.opt.socket(":0")
	if err != nil {
		return err
	}
	defer socket.close()
	c, err := socket.tr.Dial(ctx, addr, p.config(protocolOuter, p.convener), p.opt.quicConfig(incomingOfPayer))
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer c.CloseWithError(codeClosed, "closed")
	_, pin, err := p.authenticate(c.ConnectionState().TLS, protocolOuter, p.convener)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	ctx, cancel = context.WithTimeout(p.ctx, p.opt.HandshakeTimeout)
	defer cancel()
	q, err := p.open(ctx, c, p.convener, header{kind: kindHello, member: p.convener})
	if err != nil {
		return fmt.Errorf("the convener did not answer the hello (is this member in its directory?): %w", err)
	}
	q.Close()
	p.mu.Lock()
	p.buffers = socket.buffers()
	p.mu.Unlock()
	p.counters.connections.Add(1)
	up := &peer{p.convener, pin, c}
	p.set(up)
	defer p.set(nil)
	p.log.Info("connected", "convener", p.convener)
	// Checked after set: a change before is seen here, one after by sweep.
	if !p.opt.Directory.is(up.name, up.pin) {
		return &lostSession{ErrUnknownMember}
	}
	for {
		s, err := c.AcceptStream(p.ctx)
		if err != nil {
			return &lostSession{err}
		}
		if !p.spawn(func() { p.stream(up, s) }) {
			return &lostSession{ErrClosed}
		}
	}
}
