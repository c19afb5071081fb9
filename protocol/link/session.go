package link

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
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

func (l *lostSession) superseded() bool { return superseded(l.cause) }

// session makes one connection and serves it to its end.
func (p *Payer) session() error {
	c, err := p.dial(p.ctx)
	if err != nil {
		return err
	}
	defer c.close()
	defer c.shut(codeClosed, "closed")
	_, pin, err := p.authenticate(c.state(), protocolOuter, p.convener)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.opt.HandshakeTimeout)
	defer cancel()
	q, err := p.open(ctx, c, p.convener, header{kind: kindHello, member: p.convener})
	if err != nil {
		return fmt.Errorf("the convener did not answer the hello (is this member in its directory?): %w", err)
	}
	q.Close()
	p.mu.Lock()
	p.buffers = c.buffers
	p.mu.Unlock()
	p.counters.connections.Add(1)
	up := &peer{name: p.convener, pin: pin, conn: c}
	p.set(up)
	defer p.set(nil)
	p.log.Info("connected", "convener", p.convener, "transport", c.transport())
	// Checked after set: a change before is seen here, one after by sweep.
	if !p.opt.Directory.is(up.name, up.pin) {
		return &lostSession{ErrUnknownMember}
	}
	if c.transport() == TransportTCP && p.opt.Transport == TransportAuto {
		var wg sync.WaitGroup
		defer wg.Wait()
		watch, stop := context.WithCancel(p.ctx)
		defer stop()
		wg.Go(func() { p.retryQUIC(watch, func() { c.shut(codeClosed, "to QUIC") }) })
	}
	for {
		s, err := c.accept(p.ctx)
		if err != nil {
			return &lostSession{err}
		}
		if !p.spawn(func() { p.stream(up, s) }) {
			return &lostSession{ErrClosed}
		}
	}
}
