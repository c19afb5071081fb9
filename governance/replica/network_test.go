package replica

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// network is members in memory: streams are net.Pipes, and the names at their ends are right by construction, as keys make them in a real link.
type network struct {
	mu    sync.Mutex
	nodes map[string]*node
	wg    sync.WaitGroup
}

type node struct {
	net      *network
	name     string
	mu       sync.Mutex
	handlers map[string]func(context.Context, string, net.Conn)
	down     bool
	conns    map[net.Conn]bool
}

func newNetwork() *network { return &network{nodes: map[string]*node{}} }

func (n *network) node(name string) *node {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.nodes[name] == nil {
		n.nodes[name] = &node{net: n, name: name, handlers: map[string]func(context.Context, string, net.Conn){}, conns: map[net.Conn]bool{}}
	}
	return n.nodes[name]
}

// cut takes a member off the network and ends its streams; connect brings it back.
func (n *node) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = true
	for c := range n.conns {
		c.Close()
	}
}

func (n *node) connect() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = false
}

func (n *node) Name() string { return n.name }

func (n *node) Handle(service string, h func(context.Context, string, net.Conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handlers[service] = h
}

var errDown = errors.New("member cannot be reached")

func (n *node) keep(c net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		return false
	}
	n.conns[c] = true
	return true
}

func (n *node) Dial(ctx context.Context, member, service string) (net.Conn, error) {
	to := n.net.node(member)
	to.mu.Lock()
	h := to.handlers[service]
	to.mu.Unlock()
	if h == nil || ctx.Err() != nil {
		return nil, errDown
	}
	a, b := net.Pipe()
	if !n.keep(a) || !to.keep(b) {
		return nil, errDown
	}
	n.net.wg.Go(func() {
		defer b.Close()
		h(context.Background(), n.name, pipe{b, n.name})
	})
	return pipe{a, member}, nil
}

type pipe struct {
	net.Conn
	peer string
}

func (p pipe) RemoteAddr() net.Addr { return name(p.peer) }

const patience = 20 * time.Second
