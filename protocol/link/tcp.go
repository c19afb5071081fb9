package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// listenTCP opens the TCP side of a hub. With port 0 the port is the system's
// choice for UDP, which another program may have for TCP.
func (o Options) listenTCP(addr string) (net.Listener, error) {
	if o.Listener != nil {
		return o.Listener, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("link: opening a TCP socket: %w", err)
	}
	return l, nil
}

// acceptTCP ends when the listener is closed.
func (h *Hub) acceptTCP() {
	defer h.serving.Done()
	for {
		raw, err := h.tcp.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) || h.ctx.Err() != nil {
				return
			}
			// Out of file descriptors, or a connection that was gone before it was
			// taken: the next may work.
			select {
			case <-time.After(50 * time.Millisecond):
				continue
			case <-h.ctx.Done():
				return
			}
		}
		release, ok := h.gate.admit(raw.RemoteAddr(), true, func() { raw.Close() })
		if !ok {
			if t, ok := raw.(*net.TCPConn); ok {
				t.SetLinger(0) // a reset: nothing of it stays in the system
			}
			raw.Close()
			continue
		}
		h.serving.Add(1)
		if !h.spawn(func() { defer h.serving.Done(); h.handshakeTCP(raw, release) }) {
			release()
			raw.Close()
			h.serving.Done()
		}
	}
}

// handshakeTCP brings a connection to where QUIC's listener hands one over. A
// peer has HandshakeTimeout for all of it, however slowly it writes.
func (h *Hub) handshakeTCP(raw net.Conn, release func()) {
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.HandshakeTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	c := tls.Server(raw, h.config(protocolOuter, ""))
	if err := c.HandshakeContext(ctx); err != nil || !stop() {
		release()
		raw.Close()
		h.counters.unauthenticated.Add(1)
		return
	}
	m, err := newMux(c, false, h.opt.StreamsPerMember+16, h.opt)
	if err != nil {
		release()
		raw.Close()
		return
	}
	h.serve(m, release)
}

// dialTCP makes a TLS connection to the convener, through the proxy that the
// environment names for it, if any.
func (p *Payer) dialTCP(ctx context.Context) (carrier, error) {
	raw, err := p.opt.connectTCP(ctx, p.addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	c := tls.Client(raw, p.config(protocolOuter, p.convener))
	if err := c.HandshakeContext(ctx); err != nil {
		stop()
		raw.Close()
		return nil, err
	}
	if !stop() {
		return nil, ctx.Err()
	}
	m, err := newMux(c, true, muxIncoming, p.opt)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return m, nil
}

// proxies reads the environment once, as net/http does.
var proxies = sync.OnceValue(func() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
})

// proxyFor is the CONNECT proxy that the environment (HTTPS_PROXY, NO_PROXY)
// names for an address, or nil.
func (o Options) proxyFor(addr string) (*url.URL, error) {
	if o.Proxy != nil {
		return o.Proxy(addr)
	}
	return proxies()(&url.URL{Scheme: "https", Host: addr})
}

// connectTCP opens a TCP connection to an address, directly or through a proxy.
func (o Options) connectTCP(ctx context.Context, addr string) (net.Conn, error) {
	proxy, err := o.proxyFor(addr)
	if err != nil {
		return nil, fmt.Errorf("proxy of the environment (HTTPS_PROXY): %w", err)
	}
	var d net.Dialer
	d.KeepAlive = -1 // the multiplexer has its own
	if proxy == nil {
		return d.DialContext(ctx, "tcp", addr)
	}
	host := proxy.Host
	if proxy.Port() == "" {
		host = net.JoinHostPort(proxy.Hostname(), strconv.Itoa(map[string]int{"https": 443}[proxy.Scheme]))
		if proxy.Scheme == "http" {
			host = net.JoinHostPort(proxy.Hostname(), "80")
		}
	}
	raw, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("proxy %s: %w", host, err)
	}
	c, err := throughProxy(ctx, raw, proxy, addr)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("proxy %s: %w", host, err)
	}
	return c, nil
}
