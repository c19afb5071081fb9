package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-yamux/v5"
)

const (
	muxMessage   = 16 << 10 // largest frame: what an urgent one waits for
	muxIncoming  = 256      // streams of the peer at a time, those not accepted yet included
	muxOutgoing  = 512      // our own
	muxStreamMin = 256 << 10
)

// muxCarrier is a TLS connection with yamux over it, as a carrier. Yamux has
// nothing like QUIC's STOP_SENDING and one reset for both sides of a stream; the
// rest of this file makes the semantics of quicStream from it.
type muxCarrier struct {
	conn *tls.Conn
	raw  net.Conn
	s    *yamux.Session

	ctx      context.Context
	cancel   context.CancelCauseFunc
	incoming chan stream
	slots    chan struct{} // accepted streams that are not released
	own      chan struct{} // streams opened and not closed

	mu     sync.Mutex // guards closed
	closed *closedError
}

// newMux starts a carrier over a finished TLS session. incoming bounds the
// streams of the peer that are served at a time.
func newMux(conn *tls.Conn, client bool, incoming int, o Options) (*muxCarrier, error) {
	cfg := &yamux.Config{
		AcceptBacklog: 2 * muxOutgoing, PingBacklog: 8, EnableKeepAlive: true,
		KeepAliveInterval: o.KeepAlive, MeasureRTTInterval: 6 * o.KeepAlive, ConnectionWriteTimeout: o.IdleTimeout,
		MaxIncomingStreams: uint32(min(incoming+16, muxIncoming)), InitialStreamWindowSize: muxStreamMin, MaxStreamWindowSize: streamWindow,
		LogOutput: io.Discard, ReadBufSize: 64 << 10, MaxMessageSize: muxMessage,
	}
	m := &muxCarrier{conn: conn, raw: conn.NetConn(), incoming: make(chan stream),
		slots: make(chan struct{}, incoming), own: make(chan struct{}, muxOutgoing)}
	budget := &windowBudget{left: connectionWindow}
	start := yamux.Server
	if client {
		start = yamux.Client
	}
	var err error
	if m.s, err = start(conn, cfg, func() (yamux.MemoryManager, error) { return &windowSpan{budget: budget}, nil }); err != nil {
		return nil, err
	}
	m.ctx, m.cancel = context.WithCancelCause(context.Background())
	go m.pump()
	return m, nil
}

// pump hands over the peer's streams and learns why the connection ended.
func (m *muxCarrier) pump() {
	for {
		select {
		case m.slots <- struct{}{}:
		case <-m.s.CloseChan():
		}
		s, err := m.s.AcceptStream()
		if err != nil {
			m.cancel(m.why(err))
			return
		}
		t := newMuxStream(s, func() { <-m.slots })
		select {
		case m.incoming <- t:
		case <-m.s.CloseChan(): // the next accept says why
		}
	}
}

// why is the end of the connection: the code one side gave, or the failure.
func (m *muxCarrier) why(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed != nil {
		return m.closed
	}
	var away *yamux.GoAwayError
	if errors.As(err, &away) && away.Remote {
		return &closedError{away.ErrorCode - muxCode, true, away.Error()}
	}
	return err
}

// muxCode keeps our codes apart from yamux's own 0 to 2.
const muxCode = 16

func (m *muxCarrier) open(ctx context.Context) (stream, error) {
	select {
	case m.own <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-m.ctx.Done():
		return nil, context.Cause(m.ctx)
	}
	return m.start()
}

func (m *muxCarrier) tryOpen() (stream, error) {
	select {
	case m.own <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	s, err := m.start()
	if err != nil {
		return nil, ErrNotConnected
	}
	return s, nil
}

// start does not bring a context: yamux keeps a stream whose first frame a
// context interrupted. The first frame waits for the connection's writer at
// most, which has a deadline.
func (m *muxCarrier) start() (stream, error) {
	s, err := m.s.OpenStream(context.Background())
	if err != nil {
		<-m.own
		return nil, err
	}
	t := newMuxStream(s, nil)
	t.ended = func() { <-m.own }
	return t, nil
}

func (m *muxCarrier) accept(ctx context.Context) (stream, error) {
	select {
	case s := <-m.incoming:
		return s, nil
	case <-m.ctx.Done():
		return nil, context.Cause(m.ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *muxCarrier) Context() context.Context { return m.ctx }

// shut does not wait for a peer that does not read: the words have a second.
func (m *muxCarrier) shut(code uint32, reason string) {
	m.mu.Lock()
	if m.closed != nil || m.ctx.Err() != nil {
		m.mu.Unlock()
		return
	}
	m.closed = &closedError{code, false, reason}
	m.mu.Unlock()
	stop := time.AfterFunc(time.Second, func() { m.raw.Close() })
	m.s.CloseWithError(code + muxCode)
	stop.Stop()
	<-m.ctx.Done()
}

func (m *muxCarrier) state() tls.ConnectionState { return m.conn.ConnectionState() }
func (m *muxCarrier) transport() string          { return TransportTCP }
func (m *muxCarrier) remote() net.Addr           { return m.raw.RemoteAddr() }

// windowBudget bounds what all streams of a connection may hold unread beyond
// the least window of each, which the number of streams bounds.
type windowBudget struct {
	mu   sync.Mutex // guards left
	left int
}

// windowSpan is one stream's part of the budget.
type windowSpan struct {
	budget *windowBudget
	mine   int // guarded by budget.mu
}

var errWindow = errors.New("unread bytes of the connection at their limit")

// ReserveMemory grants every stream its least window, always: yamux ends the
// session otherwise.
func (w *windowSpan) ReserveMemory(size int, prio uint8) error {
	if prio == 255 {
		return nil
	}
	w.budget.mu.Lock()
	defer w.budget.mu.Unlock()
	if size > w.budget.left {
		return errWindow
	}
	w.budget.left -= size
	w.mine += size
	return nil
}

// ReleaseMemory gives part of it back.
func (w *windowSpan) ReleaseMemory(size int) {
	w.budget.mu.Lock()
	defer w.budget.mu.Unlock()
	size = min(size, w.mine)
	w.mine -= size
	w.budget.left += size
}

// Done gives everything back.
func (w *windowSpan) Done() { w.ReleaseMemory(int(^uint(0) >> 1)) }

// muxError turns an error of a yamux stream into one of ours.
func muxError(err error) error {
	var reset *yamux.StreamError
	switch {
	case err == nil || err == io.EOF:
		return err
	case err == yamux.ErrTimeout:
		return os.ErrDeadlineExceeded
	case errors.As(err, &reset):
		if reset.Remote {
			return ErrReset
		}
		return ErrClosed
	case errors.Is(err, yamux.ErrStreamClosed):
		return ErrClosed
	default:
		return lostError(err)
	}
}
