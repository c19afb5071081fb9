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

	"github.com/quic-go/quic-go"
)

// quicCarrier is a QUIC connection as a carrier.
type quicCarrier struct{ *quic.Conn }

func (c quicCarrier) open(ctx context.Context) (stream, error) {
	s, err := c.OpenStreamSync(ctx)
	if err != nil {
		return nil, err
	}
	return newStream(s), nil
}

func (c quicCarrier) tryOpen() (stream, error) {
	s, err := c.OpenStream()
	if err != nil {
		var limit quic.StreamLimitReachedError
		if errors.As(err, &limit) {
			return nil, ErrBusy
		}
		return nil, ErrNotConnected
	}
	return newStream(s), nil
}

func (c quicCarrier) accept(ctx context.Context) (stream, error) {
	s, err := c.AcceptStream(ctx)
	if err != nil {
		return nil, closedBy(err)
	}
	return newStream(s), nil
}

// closedBy turns QUIC's account of who ended a connection into ours.
func closedBy(err error) error {
	var app *quic.ApplicationError
	if errors.As(err, &app) {
		return &closedError{uint32(app.ErrorCode), app.Remote, err.Error()}
	}
	return err
}

func (c quicCarrier) shut(code uint32, reason string) {
	c.CloseWithError(quic.ApplicationErrorCode(code), reason)
}

func (c quicCarrier) state() tls.ConnectionState { return c.ConnectionState().TLS }
func (c quicCarrier) transport() string          { return TransportQUIC }
func (c quicCarrier) remote() net.Addr           { return c.RemoteAddr() }

// quicStream is a QUIC stream with the semantics of a net.Conn.
type quicStream struct {
	s             *quic.Stream
	local, remote memberAddr
	wmu           sync.Mutex // held while writing: quic-go's Close must not run beside Write
	once          sync.Once
}

func newStream(s *quic.Stream) *quicStream { return &quicStream{s: s} }

func (q *quicStream) meet(local, remote string) {
	q.local, q.remote = memberAddr(local), memberAddr(remote)
}

func (q *quicStream) urgency(u byte) { q.s.SetPriority(int8(u), true) }
func (q *quicStream) release()       { q.s.ReleaseStreamCredit() }

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

func (q *quicStream) stopReading() { q.s.CancelRead(codeAborted) }
func (q *quicStream) stopWriting() { q.s.CancelWrite(codeAborted) }

// left is the sending side's context: it ends with a reset as cause when the
// peer stops reading.
func (q *quicStream) left() context.Context { return q.s.Context() }

func (q *quicStream) LocalAddr() net.Addr                { return q.local }
func (q *quicStream) RemoteAddr() net.Addr               { return q.remote }
func (q *quicStream) SetDeadline(t time.Time) error      { return q.s.SetDeadline(t) }
func (q *quicStream) SetReadDeadline(t time.Time) error  { return q.s.SetReadDeadline(t) }
func (q *quicStream) SetWriteDeadline(t time.Time) error { return q.s.SetWriteDeadline(t) }

// streamError turns an error of a QUIC stream into one of ours. Deadlines pass
// through unchanged: net.Conn's users and crypto/tls test for them.
func streamError(err error) error {
	var reset *quic.StreamError
	switch {
	case err == nil || err == io.EOF || errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.As(err, &reset):
		if reset.Remote {
			return ErrReset
		}
		return ErrClosed
	case errors.Is(err, quic.ErrStreamClosed):
		return ErrClosed
	default:
		return lostError(err)
	}
}
