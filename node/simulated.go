package node

import (
	"context"
	"fmt"
	"net"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node/admin"
)

// Simulated is the world of a member in virtual time, where waiting for a real socket would stop the clock for everybody: its UDP
// socket is Socket, its figures come from Rows instead of a database, and its operator is a function call away ([Service.Operator])
// instead of behind a socket in its directory. Everything else is the service as it is.
type Simulated struct {
	Socket net.PacketConn
	Rows   func(*measures.Spec) []measures.Row
}

// Operator is the service as its local interface drives it.
func (s *Service) Operator() admin.Member { return operator{s} }

// Authorised returns nil when the log here has the run under a checkpoint that the convener and every contributor have cosigned, which is what
// this member must have seen before it acts in the run.
func (s *Service) Authorised(ctx context.Context, name string) error {
	var r rules.Run
	ok := false
	s.replica.View(func(st *rules.State) { r, ok = st.Run(name) })
	if !ok {
		return fmt.Errorf("run %s is not in the log", name)
	}
	_, err := s.replica.WaitCosigned(ctx, r.Index, append([]string{s.cfg.Convener}, r.Body.Contributors...))
	return err
}

// Interrupt begins the end of the service without waiting for it: what follows is as behind a crash. Close must follow.
func (s *Service) Interrupt() { s.cancel() }
