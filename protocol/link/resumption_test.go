package link

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// tickets is a client's session cache that counts what it is offered.
type tickets struct{ offered atomic.Int64 }

func (c *tickets) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (c *tickets) Put(_ string, s *tls.ClientSessionState) {
	if s != nil {
		c.offered.Add(1)
	}
}

// TestNoTickets: neither session hands out anything that a later connection
// could resume, or send 0-RTT data with.
func TestNoTickets(t *testing.T) {
	f := start(t, nil)
	outer := &tickets{}
	c := rawConfig(t, leaf(t, "payer-a", ""))
	c.ClientSessionCache = outer
	conn, err := rawDial(t, f.hub.Addr(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := rawHello(t, conn); err != nil { // tickets would come before the answer
		t.Fatal(err)
	}
	if s := conn.ConnectionState(); s.Used0RTT || s.TLS.DidResume || outer.offered.Load() != 0 {
		t.Errorf("outer session: %d tickets, resumed %v, 0-RTT %v", outer.offered.Load(), s.TLS.DidResume, s.Used0RTT)
	}

	inner := &tickets{}
	c = rawConfig(t, leaf(t, "payer-a", ""))
	c.NextProtos, c.ClientSessionCache = []string{protocolInner}, inner
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	us, them := tls.Server(ours, f.payers["payer-b"].config(protocolInner, "payer-a")), tls.Client(theirs, c)
	go io.WriteString(us, "x")
	if _, err := io.ReadFull(them, make([]byte, 1)); err != nil { // tickets would come before it
		t.Fatal(err)
	}
	if n := inner.offered.Load(); n != 0 {
		t.Errorf("inner session: %d tickets", n)
	}
}
