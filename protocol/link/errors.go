package link

import (
	"errors"
	"fmt"
	"net"
)

// What Dial and streams fail with, for callers that branch (errors.Is).
var (
	ErrNotConnected   = errors.New("member is not connected")      // now; a later attempt may succeed
	ErrUnknownService = errors.New("service is not offered there") // no handler is registered (yet)
	ErrUnknownMember  = errors.New("member is not in the directory")
	ErrBusy           = errors.New("too many open streams")
	ErrRefused        = errors.New("stream refused")   // malformed, or a key that is not the member's
	ErrReset          = errors.New("stream was reset") // by the other side, or by the convener between
	ErrClosed         = net.ErrClosed                  // this endpoint or stream was closed here
)

// Application error codes of QUIC connections and streams.
const (
	codeClosed     = 0
	codeRefused    = 1
	codeSuperseded = 2
	codeDirectory  = 3 // the member's key is no longer in the directory
	codeAborted    = 4
)

// refusal marks what the other side's or our own TLS said no to as ErrRefused;
// a stream lost on the way stays what it is.
func refusal(err error) error {
	var alert *net.OpError
	if errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error") || errors.Is(err, errAuthentication) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// lostError hides the net.Error that a lost connection is, see doc.go.
func lostError(err error) error {
	return fmt.Errorf("%w: connection lost: %v", ErrNotConnected, err)
}
