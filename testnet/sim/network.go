package sim

import (
	"encoding/binary"
	"hash/fnv"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go/testutils/simnet"
)

// port of every simulated socket.
const port = 4433

// network is the simulated Internet between the members of a scenario: quic-go's simnet carries the packets, this router decides which of
// them arrive. Every decision is a function of the seed, the link and the virtual millisecond, never of a count of packets: one packet more
// or less in an instant does not change what happens to all others behind it.
type network struct {
	simnet.PerfectRouter
	s     Scenario
	start time.Time

	mu     sync.Mutex      // guards the rest
	dead   map[string]bool // members that are down: nothing leaves them, nothing reaches them
	begun  map[string]bool // steps that members have entered: "payer-1 input"
	names  map[string]string
	links  []*simnet.SimulatedLink
	conns  []*simnet.SimConn
	passed int // packets
}

func newNetwork(s Scenario) *network {
	n := &network{s: s, start: time.Now(), dead: map[string]bool{}, begun: map[string]bool{}, names: map[string]string{}}
	for i, name := range s.Names() {
		n.names[address(i).String()] = name
	}
	return n
}

func address(member int) *net.UDPAddr {
	return &net.UDPAddr{IP: net.IPv4(10, 0, 0, byte(1+member)).To4(), Port: port}
}

// socket is a new UDP socket of a member, for one life.
func (n *network) socket(member int) *simnet.SimConn {
	at := address(member)
	link := &simnet.SimulatedLink{UploadPacket: n, LatencyFunc: n.latency}
	conn := simnet.NewBlockingSimConn(at, link)
	link.Start()
	n.AddNode(at, link) // from here on packets reach it
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links, n.conns = append(n.links, link), append(n.conns, conn)
	return conn
}

// SendPacket implements simnet.Router.
func (n *network) SendPacket(p simnet.Packet) error {
	if n.lost(p) {
		return nil
	}
	return n.PerfectRouter.SendPacket(p)
}

func (n *network) lost(p simnet.Packet) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.passed++
	from, to := n.names[p.From.String()], n.names[p.To.String()]
	if n.dead[from] || n.dead[to] {
		return true
	}
	at := time.Since(n.start)
	for _, c := range n.s.Cuts {
		if (at >= c.From && at < c.To || c.Step != "" && n.begun[c.Payer+" "+c.Step]) && (c.In && c.Payer == to || c.Out && c.Payer == from) {
			return true
		}
	}
	if n.s.Loss == 0 {
		return false
	}
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], n.s.Seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(at.Milliseconds()))
	h.Write(b[:])
	h.Write([]byte(from + ">" + to))
	return h.Sum64()>>32%1000 < uint64(n.s.Loss)
}

func (n *network) latency(p simnet.Packet) time.Duration {
	if d, ok := n.s.Delay[n.names[p.From.String()]]; ok {
		return d
	}
	return n.s.Delay[n.names[p.To.String()]]
}

// kill cuts a member off as its process dies; revive undoes it.
func (n *network) kill(name string)   { n.mark(name, true) }
func (n *network) revive(name string) { n.mark(name, false) }

// enter is told of every step that a member begins.
func (n *network) enter(name, step string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.begun[name+" "+step] = true
}

func (n *network) mark(name string, dead bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dead[name] = dead
}

func (n *network) packets() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.passed
}

// close ends all sockets and links; their goroutines end with them.
func (n *network) close() {
	n.mu.Lock()
	links, conns := n.links, n.conns
	n.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	for _, l := range links {
		l.Close()
	}
}
