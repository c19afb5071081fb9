package replica

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// Endpoint is what a replica needs of the network. Streams are authenticated: the name that Dial reaches and Handle is told is
// the holder of that member's pinned key.
type Endpoint interface {
	// Name is this member.
	Name() string
	// Dial opens a stream to a service of a member. The stream honours deadlines.
	Dial(ctx context.Context, member, service string) (net.Conn, error)
	// Handle calls h in a goroutine of its own for every stream that a member opens to a service, and closes the stream when h returns. It
	// may be called before and after streams arrive; a later h replaces an earlier one.
	Handle(service string, h func(ctx context.Context, from string, conn net.Conn))
}

// The services of a replica.
const (
	serviceRaft    = "raft"
	servicePropose = "propose"
	serviceBatch   = "propose/batch"
	serviceCosign  = "cosign"
	serviceHead    = "head"
)

var errBudget = errors.New("request is too long")

// stream is a connection that raft reads requests from. It bounds what a peer can make raft's decoder hold: between two
// responses at most limit bytes may arrive, which is enough for one request, unless the request is a snapshot's.
type stream struct {
	net.Conn
	once   sync.Once
	closed chan struct{}

	mu   sync.Mutex // guards left
	left int64      // bytes that may still come before the next response; -1: nothing of the request has come yet
}

// rpcSnapshot is raft's type byte of InstallSnapshot, the first byte of such a request.
const rpcSnapshot = 2

func newStream(c net.Conn) *stream { return &stream{Conn: c, closed: make(chan struct{}), left: -1} }

// Read implements net.Conn.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > 0 && s.left < 0 {
		s.left = maxRPC
		if b[0] == rpcSnapshot {
			s.left = maxSnapshot + maxRPC
		}
	}
	if s.left -= int64(n); n > 0 && s.left < 0 {
		s.left = 0
		return 0, errBudget
	}
	return n, err
}

// Write implements net.Conn: a response ends a request.
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	s.left = -1
	s.mu.Unlock()
	return s.Conn.Write(b)
}

// Close implements net.Conn.
func (s *stream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

var _ io.ReadWriteCloser = (*stream)(nil)
