package node

import (
	"net"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node/admin"
)

// Simulated is the world of a member in virtual time, where waiting for a real socket would stop the clock for everybody: its UDP
// socket is Socket, its figures come from Rows instead of a database, and its operator is a function call away ([Service.Operator])
// instead of behind a socket in its directory. Everything else is the service as it is.
type Simulated struct {
	Socket net.PacketConn
	Rows   func(*measures.Spec) []measures.Row
	// Gate, when not nil, sees the checkpoint that let the member act in a run: over the authorising entry at index, cosigned by everybody who
	// takes part.
	Gate func(index uint64, checkpoint []byte)
}

// Operator is the service as its local interface drives it.
func (s *Service) Operator() admin.Member { return operator{s} }

// Interrupt begins the end of the service without waiting for it: what follows is as behind a crash. Close must follow.
func (s *Service) Interrupt() { s.cancel() }
