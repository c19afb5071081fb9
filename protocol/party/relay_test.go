package party_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/wire"
)

// meddling is a convener's link that changes what one payer is told. Every write of the relay is a frame.
type meddling struct {
	link.Endpoint
	victim string
	act    func(conn *meddled, frame []byte) error
	mu     sync.Mutex // guards done
	done   int        // how often it has acted
}

func (m *meddling) Handle(service string, h link.Handler) {
	if service == wire.ServiceCommit && h != nil {
		inner := h
		h = func(ctx context.Context, from string, conn link.Conn) {
			if from == m.victim {
				c := &meddled{Conn: conn, m: m}
				defer c.flush()
				conn = c
			}
			inner(ctx, from, conn)
		}
	}
	m.Endpoint.Handle(service, h)
}

// acted counts, and says how often before.
func (m *meddling) acted() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done++
	return m.done - 1
}

type meddled struct {
	link.Conn
	m    *meddling
	mu   sync.Mutex // guards the rest and writing
	held []byte
}

// flush lets go what was held back.
func (c *meddled) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.release()
}

// release is flush with mu held.
func (c *meddled) release() error {
	b := c.held
	c.held = nil
	if b == nil {
		return nil
	}
	_, err := c.Conn.Write(b)
	return err
}

func (c *meddled) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.release()
	if err == nil && wire.Kind(b[0]) == wire.KindCommit {
		err = c.m.act(c, bytes.Clone(b))
	} else if err == nil {
		_, err = c.Conn.Write(b)
	}
	return len(b), err
}

// pass writes frames as they are.
func (c *meddled) pass(frames ...[]byte) error {
	_, err := c.Conn.Write(bytes.Join(frames, nil))
	return err
}

func commitOf(t *testing.T, frame []byte) wire.Commit {
	s, err := wire.DecodeCommit(frame[5:])
	if err != nil {
		t.Error(err)
		return wire.Commit{}
	}
	return s.Body()
}

// What a convener does to the relay of statements changes no outcome: what is repeated, late, out of order, forged or too large is as if it had not
// been said, or had been said in time.
func TestHostileRelay(t *testing.T) {
	for name, act := range map[string]func(c *meddled, frame []byte) error{
		"reorder and delay": func(c *meddled, frame []byte) error {
			c.m.acted()
			c.held = frame // until the next frame, which goes first
			time.AfterFunc(20*time.Millisecond, c.flush)
			return nil
		},
		"replay and forge": func(c *meddled, frame []byte) error {
			c.m.acted()
			other := bytes.Replace(frame, []byte(`"member":"`+commitOf(t, frame).Member), []byte(`"member":"`+strings.Repeat("x", len(commitOf(t, frame).Member))), 1)
			changed := bytes.Clone(frame)
			changed[len(changed)-10] ^= 1
			return c.pass(other, changed, frame, frame)
		},
		"oversize": func(c *meddled, frame []byte) error {
			if c.m.acted() == 0 { // this stream is over; the next one tells everything again
				return c.pass([]byte{byte(wire.KindCommit), 0xff, 0xff, 0xff, 0xff})
			}
			return c.pass(frame)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if underRace && name != "reorder and delay" {
				t.Skip("the goroutines are the same")
			}
			n := newNetwork(t, 3, 1)
			m := &meddling{Endpoint: n.members[hub].endpoint, victim: n.payers[0], act: act}
			n.members[hub].endpoint = m
			for name, r := range n.run() {
				if r.err != nil || !r.Certified() {
					t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
				}
			}
			if m.done == 0 {
				t.Error("nothing was done to the relay")
			}
		})
	}
}

// A convener that keeps a payer's statements from another ends the run, in the victim's deadline, and nothing was revealed.
func TestDroppedStatements(t *testing.T) {
	n := newNetwork(t, 3, 1)
	n.manifest.Deadlines.Prepare = 300 * time.Millisecond
	n.linger = 100 * time.Millisecond
	n.members[hub].endpoint = &meddling{Endpoint: n.members[hub].endpoint, victim: n.payers[0], act: func(c *meddled, frame []byte) error {
		if commitOf(t, frame).Member == n.payers[2] {
			return nil
		}
		return c.pass(frame)
	}}
	for name, r := range n.run() {
		if r.Outcome == nil || r.Code != wire.Deadline {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
	if n.revealed["keys-1"] != nil && len(n.revealed["keys-1"]) == len(n.payers) {
		t.Errorf("the victim revealed: %v", n.revealed)
	}
}

// A convener that says one thing to everybody and another to one payer has signed the evidence.
func TestConvenerContradictsItself(t *testing.T) {
	n := newNetwork(t, 3, 1)
	n.linger = 100 * time.Millisecond
	n.members[hub].endpoint = &meddling{Endpoint: n.members[hub].endpoint, victim: n.payers[0], act: func(c *meddled, frame []byte) error {
		body := commitOf(t, frame)
		if body.Member != hub {
			return c.pass(frame)
		}
		body.State[0]++
		s, err := wire.SignCommit(loopback.Keys(hub), body)
		if err != nil {
			return err
		}
		var other bytes.Buffer
		if err := wire.Write(&other, s); err != nil {
			return err
		}
		return c.pass(frame, other.Bytes())
	}}
	out := n.run()
	if r := out[n.payers[0]]; r.Outcome == nil || r.Code != wire.Equivocation || len(r.Files) != 2 {
		t.Errorf("the victim: %+v %v", r.Outcome, r.err)
	}
	for name, r := range out {
		if r.Outcome == nil || r.Certified() || r.Code != wire.Equivocation {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
}
