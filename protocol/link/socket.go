package link

import (
	"context"
	"crypto/rand"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// wantBuffer is what quic-go asks the system for, each direction, in bytes.
const wantBuffer = 7 << 20

// Buffers are the sizes of a UDP socket's buffers in bytes as the system
// reports them; 0 is unknown. Below Want, bursts are lost and bulk transfer
// is slow: raise net.core.rmem_max and net.core.wmem_max.
type Buffers struct{ Receive, Send, Want int }

// Short reports whether one of them is known to be smaller than wanted.
func (b Buffers) Short() bool {
	return b.Receive > 0 && b.Receive < b.Want || b.Send > 0 && b.Send < b.Want
}

var quiet = sync.OnceFunc(func() {
	// The library logs to the standard logger otherwise. Setenv cannot fail
	// for this name.
	os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true")
})

// socket is a QUIC transport and, if it is ours, the UDP socket below it.
type socket struct {
	tr    *quic.Transport
	close func() error
}

func (o Options) socket(addr string) (*socket, error) {
	quiet()
	pc, closeConn := o.PacketConn, func() error { return nil }
	if pc == nil {
		var err error
		if pc, err = net.ListenPacket("udp", addr); err != nil {
			return nil, fmt.Errorf("link: opening a UDP socket: %w", err)
		}
		closeConn = pc.Close
	}
	key := quic.StatelessResetKey(o.ResetKey)
	if o.ResetKey == [32]byte{} {
		rand.Read(key[:])
	}
	t := &quic.Transport{Conn: pc, StatelessResetKey: &key, DisableVersionNegotiationPackets: true,
		VerifySourceAddress: (&attempts{limit: freely}).tooMany}
	return &socket{tr: t, close: func() error {
		err := t.Close()
		if cerr := closeConn(); err == nil {
			err = cerr
		}
		return err
	}}, nil
}

// buffers may be asked once the transport is in use.
func (s *socket) buffers() Buffers {
	r, w := socketBuffers(s.tr.Conn)
	return Buffers{Receive: r, Send: w, Want: wantBuffer}
}

// freely is how many handshakes a second from addresses nobody has verified are
// begun without Retry.
const freely = 16

// attempts counts handshakes from addresses nobody has verified. Above the
// limit in one second the sender must first show that it receives at its
// address (QUIC Retry), and everybody must until a second has passed with fewer:
// a flood with forged addresses stops there and uses up nobody's share.
type attempts struct {
	limit int

	mu    sync.Mutex
	since time.Time
	n     int
	flood bool // the second before was above the limit
}

func (a *attempts) tooMany(net.Addr) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now(); now.Sub(a.since) >= time.Second {
		a.flood = a.n > a.limit && now.Sub(a.since) < 2*time.Second
		a.since, a.n = now, 0
	}
	a.n++
	return a.flood || a.n > a.limit
}

// resolve is net.ResolveUDPAddr that ends with ctx; of several addresses it
// takes any, and the next attempt perhaps another.
func resolve(ctx context.Context, addr string) (*net.UDPAddr, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	ip := ips[mrand.IntN(len(ips))].Unmap()
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port))), nil
}
