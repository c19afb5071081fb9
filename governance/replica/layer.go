package replica

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

// streamLayer is the raft.StreamLayer towards one peer.
type streamLayer struct {
	endpoint Endpoint
	peer     string
	in       chan net.Conn
	once     sync.Once
	closed   chan struct{}
	open     atomic.Int32
}

// enter counts an incoming stream and says whether it may stay.
func (l *streamLayer) enter() bool {
	if l.open.Add(1) > maxStreams {
		l.open.Add(-1)
		return false
	}
	return true
}

func (l *streamLayer) leave() { l.open.Add(-1) }

// Accept implements net.Listener.
func (l *streamLayer) Accept() (net.Conn, error) {
	select {
	case c := <-l.in:
		return c, nil
	case <-l.closed:
		return nil, io.EOF
	}
}

// Close implements net.Listener.
func (l *streamLayer) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *streamLayer) Addr() net.Addr { return name(l.endpoint.Name()) }

// Dial implements raft.StreamLayer. A replication address is a member's name, and this layer reaches one member alone.
func (l *streamLayer) Dial(a raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	if string(a) != l.peer {
		return nil, fmt.Errorf("dial %q: not the address of %q", a, l.peer)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	go func() { // ends with the call
		select {
		case <-l.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return l.endpoint.Dial(ctx, l.peer, serviceRaft)
}

// name is a net.Addr.
type name string

func (name) Network() string  { return "member" }
func (n name) String() string { return string(n) }
