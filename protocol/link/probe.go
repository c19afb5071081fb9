package link

import (
	"context"
	"sync"
	"time"
)

// Reach says how a member reaches the convener from where it is.
type Reach struct {
	QUIC, TCP         error         // nil: the handshake worked, with the convener's pinned key
	QUICTime, TCPTime time.Duration // how long it took
	Proxy             string        // host of the CONNECT proxy that TCP goes through, "" for none
	Buffers           Buffers       // of a UDP socket here
}

// Probe tries both transports, for `tacet doctor`. It makes handshakes only: a
// running node of the same member is not disturbed. ctx and HandshakeTimeout
// bound it.
func Probe(ctx context.Context, convener, addr string, o Options) Reach {
	var r Reach
	o, err := o.withDefaults()
	if err != nil {
		return Reach{QUIC: err, TCP: err}
	}
	p := &Payer{convener: convener, addr: addr}
	p.init(o)
	defer p.cancel()
	if u, err := o.proxyFor(addr); err == nil && u != nil {
		r.Proxy = u.Host
	}
	try := func(f func(context.Context) (*connected, error)) (took time.Duration, err error) {
		ctx, cancel := context.WithTimeout(ctx, o.HandshakeTimeout)
		defer cancel()
		began := time.Now()
		c, err := f(ctx)
		if err != nil {
			return 0, err
		}
		took = time.Since(began)
		if c.transport() == TransportQUIC {
			r.Buffers = c.buffers
		}
		c.shut(codeClosed, "probe")
		c.close()
		return took, nil
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.QUICTime, r.QUIC = try(p.dialQUIC) })
	wg.Go(func() { r.TCPTime, r.TCP = try(p.tcp) })
	wg.Wait()
	return r
}
