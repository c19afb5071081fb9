package link

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

const (
	fecLinger = 3 * time.Millisecond  // how long a group waits for its next packet
	fecHold   = 60 * time.Millisecond // how long what follows a gap waits for its repair
	fecPeers  = 128                   // addresses with state; the least recent goes
	fecQueue  = 2048                  // packets not taken by QUIC yet
)

// fecConn is a packet connection on which lost packets are repaired at the other
// end, acknowledgements too (one that came past a gap would show it), without
// waiting for a round trip: on a path that loses packets at random
// QUIC's congestion control, which takes every loss for congestion, would slow
// down to almost nothing. It adds a third to what is sent, so it is used only
// where loss was measured. Nothing here is secret or authenticated; the packets
// in it are QUIC's own.
type fecConn struct {
	send func(b []byte, to net.Addr) (int, error)
	addr net.Addr
	done context.Context
	end  context.CancelFunc

	incoming chan fecIn
	mu       sync.Mutex // guards the rest
	peers    map[string]*fecPeer
	deadline time.Time
	moved    chan struct{} // closed and replaced when deadline changes
}

type fecIn struct {
	b    []byte
	from net.Addr
}

type fecPeer struct {
	addr    net.Addr
	used    time.Time
	out     fecSender
	linger  *time.Timer
	in      fecReceiver
	hold    *time.Timer
	holding bool
}

func newFECConn(addr net.Addr, send func([]byte, net.Addr) (int, error)) *fecConn {
	c := &fecConn{send: send, addr: addr, incoming: make(chan fecIn, fecQueue), peers: map[string]*fecPeer{}, moved: make(chan struct{})}
	c.done, c.end = context.WithCancel(context.Background())
	return c
}

// peer is called with mu held.
func (c *fecConn) peer(a net.Addr) *fecPeer {
	key := a.String()
	p := c.peers[key]
	if p == nil {
		if len(c.peers) >= fecPeers {
			oldest := ""
			for k, q := range c.peers {
				if oldest == "" || q.used.Before(c.peers[oldest].used) {
					oldest = k
				}
			}
			c.peers[oldest].stop()
			delete(c.peers, oldest)
		}
		p = &fecPeer{addr: a}
		c.peers[key] = p
	}
	p.used = time.Now()
	return p
}

func (p *fecPeer) stop() {
	for _, t := range []*time.Timer{p.linger, p.hold} {
		if t != nil {
			t.Stop()
		}
	}
}

// WriteTo sends a packet of QUIC's; a full group is followed by its repair.
func (c *fecConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.done.Err() != nil {
		return 0, net.ErrClosed
	}
	if len(b) == 0 || len(b) > fecPacket {
		return 0, errFEC // QUIC's are not that large
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peer(to)
	frame, full := p.out.add(b)
	_, err := c.send(frame, to)
	switch {
	case full:
		c.closeGroup(p)
	case p.linger == nil:
		p.linger = time.AfterFunc(fecLinger, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.closeGroup(p)
		})
	default:
		p.linger.Reset(fecLinger)
	}
	return len(b), err
}

// closeGroup sends the repair of what there is. The caller holds mu.
func (c *fecConn) closeGroup(p *fecPeer) {
	if c.done.Err() != nil {
		return
	}
	for _, f := range p.out.close() {
		c.send(f, p.addr) // one that is not sent is one that is lost
	}
}

// arrived takes a packet from the network; b is kept.
func (c *fecConn) arrived(b []byte, from net.Addr) {
	h, payload, err := parseFEC(b)
	if err != nil {
		return
	}
	switch h.kind {
	case fecProbe:
		c.send(append(fecHead{kind: fecEcho, group: h.group}.append(nil), payload...), from)
	case fecData, fecParity:
		c.mu.Lock()
		defer c.mu.Unlock()
		p := c.peer(from)
		c.hand(p.in.take(h, payload), from)
		c.await(p)
	}
}

// await sets the limit of a wait. The caller holds mu.
func (c *fecConn) await(p *fecPeer) {
	switch waits := p.in.waiting(); {
	case !waits:
		p.holding = false
		if p.hold != nil {
			p.hold.Stop()
		}
	case p.holding:
	case p.hold == nil:
		p.holding = true
		p.hold = time.AfterFunc(fecHold, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if p.holding {
				p.holding = false
				c.hand(p.in.flush(), p.addr)
			}
		})
	default:
		p.holding = true
		p.hold.Reset(fecHold)
	}
}

// hand gives packets to QUIC; those there is no room for are lost.
func (c *fecConn) hand(due [][]byte, from net.Addr) {
	for _, b := range due {
		select {
		case c.incoming <- fecIn{b, from}:
		default:
			return
		}
	}
}

// ReadFrom is QUIC's.
func (c *fecConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		c.mu.Lock()
		until, moved := c.deadline, c.moved
		c.mu.Unlock()
		var timer <-chan time.Time
		if !until.IsZero() {
			if !time.Now().Before(until) {
				return 0, nil, os.ErrDeadlineExceeded
			}
			t := time.NewTimer(time.Until(until))
			defer t.Stop()
			timer = t.C
		}
		select {
		case in := <-c.incoming:
			return copy(b, in.b), in.from, nil
		case <-timer:
			return 0, nil, os.ErrDeadlineExceeded
		case <-moved:
		case <-c.done.Done():
			return 0, nil, net.ErrClosed
		}
	}
}

// Close ends reading and writing; what is below stays.
func (c *fecConn) Close() error {
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.peers {
		p.stop()
	}
	return nil
}

func (c *fecConn) LocalAddr() net.Addr { return c.addr }

// SetReadDeadline interrupts a read that is under way, too.
func (c *fecConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	close(c.moved)
	c.moved = make(chan struct{})
	return nil
}

// SetDeadline is SetReadDeadline: sending does not wait.
func (c *fecConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetWriteDeadline has nothing to do.
func (c *fecConn) SetWriteDeadline(time.Time) error { return nil }
