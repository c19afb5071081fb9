package link

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-yamux/v5"
)

// muxStream is a yamux stream with the semantics of a net.Conn and of
// quicStream.
type muxStream struct {
	s             *yamux.Stream
	local, remote memberAddr
	wmu           sync.Mutex // held while writing
	gave          func()     // at release; nil for an own stream
	released      sync.Once
	ended         func() // at the end of an own stream
	over          sync.Once
	ctx           context.Context // of left
	cancel        context.CancelCauseFunc

	mu         sync.Mutex // guards the rest
	closed     bool
	unread     bool         // stopReading was asked for
	finished   bool         // our side is closed or reset
	sideClosed bool         // by CloseWrite or Close
	until      [2]time.Time // deadlines of reading and writing
}

func newMuxStream(s *yamux.Stream, gave func()) *muxStream {
	m := &muxStream{s: s, gave: gave}
	m.ctx, m.cancel = context.WithCancelCause(context.Background())
	return m
}

func (m *muxStream) meet(local, remote string) {
	m.local, m.remote = memberAddr(local), memberAddr(remote)
}

func (m *muxStream) urgency(byte) {} // bulk has connections of its own

func (m *muxStream) release() {
	if m.gave != nil {
		m.released.Do(m.gave)
	}
}

// end is called when nothing more comes of the stream on this side.
func (m *muxStream) end(cause error) {
	m.cancel(cause)
	if m.ended != nil {
		m.over.Do(m.ended)
	}
}

func (m *muxStream) Read(p []byte) (int, error) {
	if err := m.passed(0); err != nil {
		return 0, err
	}
	n, err := m.s.Read(p)
	m.mu.Lock()
	unread := m.unread
	m.mu.Unlock()
	if err == yamux.ErrTimeout && unread {
		return n, ErrClosed // by stopReading
	}
	return n, m.told(muxError(err))
}

// passed says whether a deadline is over before anything was tried; yamux looks
// only when it has to wait.
func (m *muxStream) passed(side int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u := m.until[side]; !u.IsZero() && !time.Now().Before(u) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (m *muxStream) Write(p []byte) (int, error) {
	m.wmu.Lock()
	defer m.wmu.Unlock()
	m.mu.Lock()
	over := m.sideClosed
	m.mu.Unlock()
	if over {
		return 0, ErrClosed
	}
	if err := m.passed(1); err != nil {
		return 0, err
	}
	n, err := m.s.Write(p)
	return n, m.told(muxError(err))
}

// told ends left when the peer reset the stream.
func (m *muxStream) told(err error) error {
	if err == ErrReset {
		m.end(errPeerReset)
	}
	return err
}

// CloseWrite ends the sending side; see quicStream.
func (m *muxStream) CloseWrite() error {
	m.wmu.Lock()
	defer m.wmu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || m.finished && !m.sideClosed {
		return ErrClosed
	}
	if !m.sideClosed {
		m.sideClosed, m.finished = true, true
		m.s.CloseWrite() // fails after the peer's reset only, which is no error
		m.stop()
	}
	return nil
}

// stop resets what is left of the stream once our own side has ended and
// nobody reads the other: the peer keeps what it has, and its writer is told.
// The caller holds mu.
func (m *muxStream) stop() {
	if m.unread && m.finished {
		m.s.ResetWithError(codeAborted)
		m.end(nil)
	}
}

// Close ends both sides; see quicStream. The end goes before the reset: what
// was written is delivered.
func (m *muxStream) Close() error {
	quiet := m.wmu.TryLock()
	if quiet {
		defer m.wmu.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	if quiet && !m.finished {
		m.s.CloseWrite()
	}
	m.sideClosed, m.finished, m.unread = true, true, true
	m.stop()
	return nil
}

func (m *muxStream) abort() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.finished, m.unread = true, true
	m.stop()
}

// stopReading leaves yamux's side open for the reset that tells the writer; what
// still comes is bounded by the stream's window.
func (m *muxStream) stopReading() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unread = true
	m.s.SetReadDeadline(time.Unix(1, 0)) // wakes a reader
	m.stop()
}

// stopWriting resets both sides: yamux has no other way to end one with an error.
func (m *muxStream) stopWriting() { m.abort() }

func (m *muxStream) left() context.Context { return m.ctx }

func (m *muxStream) LocalAddr() net.Addr  { return m.local }
func (m *muxStream) RemoteAddr() net.Addr { return m.remote }

// SetDeadline sets both.
func (m *muxStream) SetDeadline(t time.Time) error {
	return errors.Join(m.SetReadDeadline(t), m.SetWriteDeadline(t))
}

// SetReadDeadline is as of net.Conn.
func (m *muxStream) SetReadDeadline(t time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unread {
		return nil
	}
	m.until[0] = t
	return m.s.SetReadDeadline(t)
}

// SetWriteDeadline is as of net.Conn.
func (m *muxStream) SetWriteDeadline(t time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.until[1] = t
	return m.s.SetWriteDeadline(t)
}
