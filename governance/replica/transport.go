package replica

import (
	"context"
	"errors"
	"fmt"

	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// maxStreams is how many raft streams a peer may hold open towards us.
const maxStreams = 8

var errNotPeer = errors.New("not a member of this ledger")

// boundTransport is raft's network: one raft.NetworkTransport per peer, so that every RPC comes on a connection whose peer is
// known and can be held against its header (guard). There is no address but the member's name. Pipelining is off.
type boundTransport struct {
	endpoint Endpoint
	member   func(name string) bool // who may speak to us at this moment
	known    func(name string) bool // whom raft may speak to: its configuration can be behind the log
	refused  func(peer string, err error)
	term     func() uint64                                         // ours, now
	history  func(peer string, q *raft.AppendEntriesRequest) error // holds entries against those that are applied
	elects   func(peer string) bool                                // whose candidature this replica hears
	timeout  time.Duration
	log      hclog.Logger
	out      chan raft.RPC
	done     chan struct{}
	wg       sync.WaitGroup

	mu        sync.Mutex // guards all below
	peers     map[string]*peer
	heartbeat func(raft.RPC)
	closed    bool
}

type peer struct {
	*raft.NetworkTransport
	layer *streamLayer
}

func newTransport(e Endpoint, timeout time.Duration, log hclog.Logger, member, known func(string) bool, term func() uint64, refused func(string, error)) *boundTransport {
	return &boundTransport{endpoint: e, member: member, known: known, term: term, refused: refused, timeout: timeout, log: log,
		out: make(chan raft.RPC), done: make(chan struct{}), peers: map[string]*peer{}}
}

// peer returns the transport to a member, which it makes at first use.
func (t *boundTransport) peer(name string) (*peer, error) {
	if name == t.endpoint.Name() || !t.known(name) {
		return nil, fmt.Errorf("%q: %w", name, errNotPeer)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, raft.ErrTransportShutdown
	}
	if p := t.peers[name]; p != nil {
		return p, nil
	}
	layer := &streamLayer{endpoint: t.endpoint, peer: name, in: make(chan net.Conn), closed: make(chan struct{})}
	p := &peer{layer: layer, NetworkTransport: raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream: layer, MaxPool: 2, MaxRPCsInFlight: 1, Timeout: t.timeout, Logger: t.log})}
	if t.heartbeat != nil {
		p.SetHeartbeatHandler(t.guarded(name, t.heartbeat))
	}
	t.peers[name] = p
	t.wg.Go(func() { t.forward(name, p) })
	return p, nil
}

// forward hands a peer's requests to raft once they have passed the guard.
func (t *boundTransport) forward(name string, p *peer) {
	give := t.guarded(name, func(rpc raft.RPC) {
		select {
		case t.out <- rpc:
		case <-t.done:
		}
	})
	for {
		select {
		case rpc := <-p.Consumer():
			give(rpc)
		case <-t.done:
			return
		}
	}
}

func (t *boundTransport) guarded(name string, next func(raft.RPC)) func(raft.RPC) {
	return func(rpc raft.RPC) {
		err := guard(name, rpc, t.term())
		if q, ok := rpc.Command.(*raft.AppendEntriesRequest); ok && err == nil {
			err = t.history(name, q)
		}
		if err == nil && isVote(rpc) && !t.elects(name) {
			err = errors.New("this replica recovers, and the candidate has not shown that it is not behind")
		}
		if err == nil && !t.member(name) {
			err = errNotPeer
		}
		if err != nil {
			t.refused(name, err)
			rpc.Respond(nil, err)
			return
		}
		next(rpc)
	}
}

// serve takes an incoming stream of the raft service and returns when it is over.
func (t *boundTransport) serve(ctx context.Context, from string, conn net.Conn) {
	p, err := t.peer(from)
	if err == nil && !t.member(from) {
		err = errNotPeer
	}
	if err != nil {
		t.refused(from, err)
		return
	}
	if !p.layer.enter() {
		t.refused(from, errors.New("too many streams"))
		return
	}
	defer p.layer.leave()
	s := newStream(conn)
	defer s.Close()
	select {
	case p.layer.in <- s:
	case <-ctx.Done():
		return
	case <-t.done:
		return
	}
	select {
	case <-s.closed:
	case <-ctx.Done():
	case <-t.done:
	}
}

// Consumer implements raft.Transport.
func (t *boundTransport) Consumer() <-chan raft.RPC { return t.out }

// LocalAddr implements raft.Transport: a member's address is its name.
func (t *boundTransport) LocalAddr() raft.ServerAddress {
	return raft.ServerAddress(t.endpoint.Name())
}

// EncodePeer implements raft.Transport.
func (t *boundTransport) EncodePeer(_ raft.ServerID, a raft.ServerAddress) []byte { return []byte(a) }

// DecodePeer implements raft.Transport.
func (t *boundTransport) DecodePeer(b []byte) raft.ServerAddress { return raft.ServerAddress(b) }

// SetHeartbeatHandler implements raft.Transport.
func (t *boundTransport) SetHeartbeatHandler(f func(raft.RPC)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heartbeat = f
	for name, p := range t.peers {
		p.SetHeartbeatHandler(t.guarded(name, f))
	}
}

// Close implements raft.WithClose: it ends every stream and waits for the goroutines of this transport.
func (t *boundTransport) Close() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	close(t.done)
	var errs []error
	for _, p := range t.peers {
		errs = append(errs, p.Close())
		p.CloseStreams()
	}
	t.mu.Unlock()
	t.wg.Wait()
	return errors.Join(errs...)
}

var (
	_ raft.WithPreVote = (*boundTransport)(nil)
	_ raft.WithClose   = (*boundTransport)(nil)
)
