package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"
)

// Hub is the convener's endpoint. Safe for concurrent use.
type Hub struct {
	endpoint
	socket   *socket        // nil without QUIC
	listener *quic.Listener // nil without QUIC
	repair   *repair        // nil without QUIC
	repaired *quic.Listener // of repair
	tcp      net.Listener   // nil without TCP
	gate     *gate
	serving  sync.WaitGroup               // accept and serve, which end with the listener and ctx
	peers    map[string]*peer             // connected payers; guarded by endpoint.mu
	tap      atomic.Pointer[func([]byte)] // sees what is relayed, in tests
}

// peer is a payer's connection that passed the hello.
type peer struct {
	name string
	pin  [32]byte
	conn carrier
}

// Listen starts a hub on an address ("0.0.0.0:4433", "127.0.0.1:0"): QUIC on its
// UDP port and, for payers whose network has no UDP, TLS on the TCP port of the
// same number.
func Listen(addr string, o Options) (*Hub, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Hub{peers: map[string]*peer{}, gate: newGate()}
	h.init(o)
	for tries := 0; ; tries++ {
		err := h.listen(addr)
		if err == nil {
			break
		}
		_, port, _ := net.SplitHostPort(addr)
		if port != "0" || tries == 10 { // with 0 the next choice may be free for both
			return nil, err
		}
	}
	if h.listener != nil {
		h.serving.Add(2)
		h.spawn(func() { h.accept(h.listener) })
		h.spawn(func() { h.accept(h.repaired) })
	}
	if h.tcp != nil {
		h.serving.Add(1)
		h.spawn(h.acceptTCP)
	}
	h.spawn(func() { h.follow(h.sweep) })
	return h, nil
}

// listen opens the sockets, all or none.
func (h *Hub) listen(addr string) (err error) {
	o := h.opt
	if o.Transport != TransportTCP {
		if h.socket, err = o.socket(addr); err != nil {
			return err
		}
		h.socket.tr.ConnContext = h.gate.admitQUIC
		if h.listener, err = h.socket.tr.Listen(h.config(protocolOuter, ""), o.quicConfig(o.StreamsPerMember)); err != nil {
			h.socket.close()
			return fmt.Errorf("link: listening on %s: %w", addr, err)
		}
		addr = h.listener.Addr().String()
		h.repair = h.socket.repaired()
		if h.repaired, err = h.repair.tr.Listen(h.config(protocolOuter, ""), o.quicConfig(o.StreamsPerMember)); err != nil {
			h.listener.Close()
			h.repair.close()
			h.socket.close()
			return fmt.Errorf("link: listening on %s: %w", addr, err)
		}
	}
	if o.Transport != TransportQUIC && (o.PacketConn == nil || o.Listener != nil) {
		if h.tcp, err = o.listenTCP(addr); err != nil {
			if h.listener != nil {
				h.listener.Close()
				h.repaired.Close()
				h.repair.close()
				h.socket.close()
			}
			return err
		}
	}
	return nil
}

// Addr is the address the hub listens on.
func (h *Hub) Addr() string {
	if h.listener == nil {
		return h.tcp.Addr().String()
	}
	return h.listener.Addr().String()
}

// UDPBuffers are the socket's buffer sizes.
func (h *Hub) UDPBuffers() Buffers {
	if h.socket == nil {
		return Buffers{}
	}
	return h.socket.buffers()
}

// Transports says of each connected payer what its connection runs on.
func (h *Hub) Transports() map[string]string {
	all := map[string]string{}
	for _, p := range h.peerList() {
		all[p.name] = p.conn.transport()
	}
	return all
}

// Stats adds what the gate turned away.
func (h *Hub) Stats() Stats {
	s := h.endpoint.Stats()
	s.TurnedAway = h.gate.turnedAway()
	return s
}

// Connected are the names of the connected payers, sorted.
func (h *Hub) Connected() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for n := range h.peers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Close ends all connections and waits for the handlers to return. Data not
// yet delivered is lost.
func (h *Hub) Close() error {
	if !h.shut() {
		h.wg.Wait()
		return nil
	}
	// Every connection is told before the socket goes, those too that are on
	// their way to the hello: a payer that is not told waits for a timeout.
	var err error
	if h.listener != nil {
		h.listener.Close()
		h.repaired.Close()
	}
	if h.tcp != nil {
		err = h.tcp.Close()
	}
	h.serving.Wait()
	if h.socket != nil {
		h.repair.close()
		err = errors.Join(err, h.socket.close())
	}
	h.wg.Wait()
	return err
}

func (h *Hub) peerList() []*peer {
	h.mu.Lock()
	defer h.mu.Unlock()
	var l []*peer
	for _, p := range h.peers {
		l = append(l, p)
	}
	return l
}

// sweep closes connections whose key left the directory.
func (h *Hub) sweep() {
	for _, p := range h.peerList() {
		if !h.opt.Directory.is(p.name, p.pin) {
			h.log.Warn("connection closed: the key is no longer in the directory", "payer", p.name)
			p.conn.shut(codeDirectory, "key not in the directory")
		}
	}
}

// peer is the connection of a member of the directory.
func (h *Hub) peer(name string) (*peer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.peers[name]; p != nil {
		return p, nil
	}
	if _, ok := h.opt.Directory.Pin(name); !ok || name == h.opt.Name {
		return nil, ErrUnknownMember
	}
	return nil, ErrNotConnected
}

// Dial opens a stream to a connected payer. See Endpoint.
func (h *Hub) Dial(ctx context.Context, member, service string) (Conn, error) {
	c, err := h.dial(ctx, member, service)
	if err != nil {
		return nil, fmt.Errorf("dialling service %s of %s: %w", service, member, err)
	}
	return c, nil
}

func (h *Hub) dial(ctx context.Context, member, service string) (Conn, error) {
	if err := h.dialable(service); err != nil {
		return nil, err
	}
	p, err := h.peer(member)
	if err != nil {
		return nil, err
	}
	q, err := h.open(ctx, p.conn, p.name, header{kindDirect, h.opt.urgency(service), service, member})
	if err != nil {
		return nil, err
	}
	c, _ := h.track(p.conn.Context(), q, p.name, p.pin, service)
	c.tally.dialled.Add(1)
	return c, nil
}
