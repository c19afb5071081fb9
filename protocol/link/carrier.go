package link

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// What a connection can run on, as Options.Transport, Transport and the status
// say it.
const (
	TransportAuto = "auto" // QUIC, else TCP
	TransportQUIC = "quic" // QUIC over UDP
	TransportTCP  = "tcp"  // TLS 1.3 over TCP, where UDP is blocked
)

// carrier is one authenticated connection to a peer. Safe for concurrent use.
type carrier interface {
	// open starts a stream; it waits until the peer allows one more.
	open(ctx context.Context) (stream, error)
	// tryOpen is open that fails with ErrBusy instead of waiting.
	tryOpen() (stream, error)
	// accept waits for a stream of the peer. It counts against the peer until
	// it is released. One caller at a time.
	accept(ctx context.Context) (stream, error)
	// Context ends with the connection; its cause says why.
	Context() context.Context
	// shut ends the connection and tells the peer a code, once.
	shut(code uint32, reason string)
	state() tls.ConnectionState
	transport() string
	remote() net.Addr
}

// stream is one stream of a carrier, with the semantics of a net.Conn.
type stream interface {
	endToEnd
	// urgency is how the stream's bytes rank among those of the connection.
	urgency(u byte)
	// meet says who is at the other end.
	meet(local, remote string)
	// stopReading tells the peer to stop writing, at the latest when our own
	// side has ended.
	stopReading()
	// stopWriting resets the sending side.
	stopWriting()
	// left ends when the peer has stopped reading or the stream is over.
	left() context.Context
	// release gives an accepted stream back to the peer's allowance.
	release()
}

// errPeerReset is the cause of a left that the peer brought about.
var errPeerReset = errors.New("the peer reads no more")

// superseded says whether a connection ended because a newer one of the same
// member took its place.
func superseded(err error) bool {
	var e *closedError
	return errors.As(err, &e) && e.code == codeSuperseded && e.remote
}

// closedError is the end of a connection that one side decided on.
type closedError struct {
	code   uint32
	remote bool
	text   string
}

func (e *closedError) Error() string { return e.text }
