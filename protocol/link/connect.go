package link

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// connected is a connection whose handshake is done, and what belongs to it.
type connected struct {
	carrier
	buffers Buffers // of its UDP socket
	close   func()  // after the carrier: its socket
}

// dial makes a connection the way this payer's network allows: QUIC, or, when
// that is not there after a short while, TCP beside it; the first whose handshake
// ends is taken. Where TCP won the last time, both begin at once until
// RetryQUIC has passed: the network is likely to be the same.
func (p *Payer) dial(ctx context.Context) (*connected, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*p.opt.HandshakeTimeout)
	defer cancel()
	type result struct {
		c   *connected
		err error
	}
	results := make(chan result, 2)
	begun := 0
	begin := func(f func(context.Context) (*connected, error)) {
		begun++
		go func() {
			c, err := f(ctx)
			results <- result{c, err}
		}()
	}
	head := p.opt.HeadStart
	if p.fellBack.after(p.opt.RetryQUIC) {
		head = 0
	}
	var timer <-chan time.Time
	if p.opt.Transport != TransportTCP {
		begin(p.dialQUIC)
	}
	switch p.opt.Transport {
	case TransportTCP:
		begin(p.tcp)
	case TransportAuto:
		timer = time.After(head)
	}
	var errs []error
	var won *connected
	for begun > 0 || timer != nil {
		select {
		case <-timer:
			timer = nil
			begin(p.tcp)
		case r := <-results:
			begun--
			switch {
			case r.err != nil:
				errs = append(errs, r.err)
				if timer != nil { // no need to wait for what has failed already
					timer = nil
					begin(p.tcp)
				}
			case won == nil:
				won = r.c
				timer = nil
				cancel()
			default:
				r.c.shut(codeClosed, "not needed")
				r.c.close()
			}
		}
	}
	if won == nil {
		return nil, fmt.Errorf("connecting: %w", errors.Join(errs...))
	}
	p.fellBack.note(won.transport() == TransportTCP)
	return won, nil
}

func (p *Payer) tcp(ctx context.Context) (*connected, error) {
	c, err := p.dialTCP(ctx)
	if err != nil {
		return nil, fmt.Errorf("over TCP: %w", err)
	}
	return &connected{carrier: c, close: func() {}}, nil
}

// dialQUIC makes a connection with its own socket: one that the system broke
// (sleep, a changed network) is not met again.
func (p *Payer) dialQUIC(ctx context.Context) (*connected, error) {
	addr, err := resolve(ctx, p.addr)
	if err != nil {
		return nil, fmt.Errorf("resolving the convener's address: %w", err)
	}
	socket, err := p.opt.socket(":0")
	if err != nil {
		return nil, err
	}
	tr, end := socket.tr, func() { socket.close() }
	if !p.opt.NoRepair {
		r := socket.repaired()
		end = func() { r.close(); socket.close() }
		if n := r.lost(ctx, addr, p.opt.HandshakeTimeout/4); n >= lossy {
			p.log.Info("the path loses packets; sending with repair", "convener", p.convener, "lost", n, "of", probes)
			tr = r.tr
		}
	}
	c, err := tr.Dial(ctx, addr, p.config(protocolOuter, p.convener), p.opt.quicConfig(incomingOfPayer))
	if err != nil {
		end()
		return nil, fmt.Errorf("over QUIC: %w", err)
	}
	return &connected{quicCarrier{c}, socket.buffers(), end}, nil
}

// fallback remembers that TCP was needed.
type fallback struct{ at time.Time }

// after says whether TCP won less than d ago.
func (f *fallback) after(d time.Duration) bool { return !f.at.IsZero() && time.Since(f.at) < d }

// note keeps the first time of a row.
func (f *fallback) note(tcp bool) {
	switch {
	case !tcp:
		f.at = time.Time{}
	case f.at.IsZero():
		f.at = time.Now()
	}
}

// retryQUIC looks, while the payer is connected over TCP, from time to time
// whether QUIC works now. If so, and no stream but those that come back by
// themselves is open, the connection ends and the next one is QUIC.
func (p *Payer) retryQUIC(ctx context.Context, end func()) {
	for {
		select {
		case <-time.After(p.opt.RetryQUIC/2 + rand.N(p.opt.RetryQUIC)):
		case <-ctx.Done():
			return
		}
		if p.busy() {
			continue
		}
		try, cancel := context.WithTimeout(ctx, p.opt.HandshakeTimeout)
		c, err := p.dialQUIC(try)
		cancel()
		if err != nil {
			continue
		}
		c.shut(codeClosed, "probe")
		c.close()
		if !p.busy() {
			p.fellBack.note(false)
			p.log.Info("QUIC works again; reconnecting", "convener", p.convener)
			end()
			return
		}
	}
}

// busy says whether a stream of a service that is not urgent is open.
func (p *Payer) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.live {
		if p.opt.urgency(c.service) > 0 {
			return true
		}
	}
	return false
}
