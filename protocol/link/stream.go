package link

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// memberAddr is the address of a stream's end: a member's name.
type memberAddr string

func (a memberAddr) Network() string { return "tacet" }
func (a memberAddr) String() string  { return string(a) }

// quicStream is a QUIC stream with the semantics of a net.Conn.
type quicStream struct {
	s             *quic.Stream
	local, remote memberAddr
	wmu           sync.Mutex // held while writing: quic-go's Close must not run beside Write
	once          sync.Once
}

func newStream(s *quic.Stream, local, remote string, urgency byte) *quicStream {
	s.SetPriority(int8(urgency), true)
	return &quicStream{s: s, local: memberAddr(local), remote: memberAddr(remote)}
}

func (q *quicStream) Read(p []byte) (int, error) {
	n, err := q.s.Read(p)
	return n, streamError(err)
}

func (q *quicStream) Write(p []byte) (int, error) {
	q.wmu.Lock()
	defer q.wmu.Unlock()
	n, err := q.s.Write(p)
	return n, streamError(err)
}

// CloseWrite ends the sending side; the peer reads EOF after the data. A peer
// that has stopped reading is no error: one that answers and leaves before our
// end reached it would otherwise look like a failure at random.
func (q *quicStream) CloseWrite() error {
	q.wmu.Lock()
	defer q.wmu.Unlock()
	if q.s.Close() != nil && q.gone() {
		return ErrClosed
	}
	return nil
}

// gone reports whether the sending side was reset here.
func (q *quicStream) gone() bool {
	var reset *quic.StreamError
	return errors.As(context.Cause(q.s.Context()), &reset) && !reset.Remote
}

// Close ends both sides. What was written is still delivered, unless a Write
// is in progress: that one is interrupted and the stream reset.
func (q *quicStream) Close() error {
	q.once.Do(func() {
		q.s.CancelRead(codeClosed)
		if q.wmu.TryLock() {
			q.s.Close()
			q.wmu.Unlock()
		} else {
			q.s.CancelWrite(codeAborted)
		}
	})
	return nil
}

// abort resets both sides at once. It may run beside anything. Writing goes
// first: a reader that wakes with an error must not be able to end the stream
// as if it were complete.
func (q *quicStream) abort() {
	q.s.CancelWrite(codeAborted)
	q.s.CancelRead(codeAborted)
}

func (q *quicStream) LocalAddr() net.Addr                { return q.local }
func (q *quicStream) RemoteAddr() net.Addr               { return q.remote }
func (q *quicStream) SetDeadline(t time.Time) error      { return q.s.SetDeadline(t) }
func (q *quicStream) SetReadDeadline(t time.Time) error  { return q.s.SetReadDeadline(t) }
func (q *quicStream) SetWriteDeadline(t time.Time) error { return q.s.SetWriteDeadline(t) }
