package node

import (
	"context"
	"net"

	"github.com/tacet-health/tacet/protocol/link"
)

// streams is the link as the governance replica sees it: the same streams, without the link's own types, which governance must
// not know.
type streams struct{ link.Endpoint }

func (s streams) Dial(ctx context.Context, member, service string) (net.Conn, error) {
	return s.Endpoint.Dial(ctx, member, service)
}

func (s streams) Handle(service string, h func(ctx context.Context, from string, conn net.Conn)) {
	s.Endpoint.Handle(service, func(ctx context.Context, from string, conn link.Conn) { h(ctx, from, conn) })
}
