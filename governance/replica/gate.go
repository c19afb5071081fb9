package replica

import (
	"context"
	"log/slog"
	"net"
	"sync"
)

// gate counts the calls that come from outside (streams, proposals), so that Close can wait for them and none starts after it.
type gate struct {
	log *slog.Logger

	mu   sync.Mutex // guards open
	open bool
	wg   sync.WaitGroup
}

func (g *gate) start(log *slog.Logger) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log, g.open = log, true
}

// enter says whether a call may begin; leave ends it.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		g.wg.Add(1)
	}
	return g.open
}

func (g *gate) leave() { g.wg.Done() }

func (g *gate) close() {
	g.mu.Lock()
	g.open = false
	g.mu.Unlock()
	g.wg.Wait()
}

// wrap makes a stream's handler end with the replica: when ctx is done the stream is closed, which ends any read or write on it.
// A panic ends its stream and not the process: the bytes came from a peer.
func (g *gate) wrap(ctx context.Context, h func(context.Context, string, net.Conn)) func(context.Context, string, net.Conn) {
	return func(outer context.Context, from string, conn net.Conn) {
		if !g.enter() {
			return
		}
		defer g.leave()
		inner, cancel := context.WithCancel(outer)
		defer cancel()
		stop := context.AfterFunc(ctx, func() { cancel(); conn.Close() })
		defer stop()
		defer func() {
			if p := recover(); p != nil {
				g.log.Error("a stream's handler failed", "from", from) // the panic's text may hold the peer's bytes
			}
		}()
		h(inner, from, conn)
	}
}
