package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// TestMisroutedStream: a convener that delivers to another payer than the one
// named is found out by both.
func TestMisroutedStream(t *testing.T) { both(t, testMisroutedStream) }

func testMisroutedStream(t *testing.T) {
	f := start(t, nil)
	for _, p := range f.payers {
		p.Handle("echo", echo)
	}
	f.hub.mu.Lock()
	f.hub.peers["payer-b"], f.hub.peers["payer-c"] = f.hub.peers["payer-c"], f.hub.peers["payer-b"]
	f.hub.mu.Unlock()
	_, err := ask(t, f.payers["payer-a"], "payer-b", "echo", "for payer-b only")
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "that of payer-c, want payer-b") {
		t.Fatalf("error %v", err)
	}
	eventually(t, "payer-c refused too", func() bool { return f.payers["payer-c"].Stats().Refused == 1 })
	if n := f.payers["payer-c"].Stats().Accepted; n != 0 {
		t.Errorf("payer-c accepted %d streams", n)
	}
}

// TestForgedOrigin: the convener announces payer-a to payer-b, but the inner
// session is made with another key.
func TestForgedOrigin(t *testing.T) {
	f := start(t, nil)
	b := f.payers["payer-b"]
	b.Handle("echo", echo)
	forgeAs := func(announced string, key tls.Certificate, inside header) error {
		to, err := f.hub.peer("payer-b")
		if err != nil {
			t.Fatal(err)
		}
		q, err := to.conn.tryOpen()
		if err != nil {
			t.Fatal(err)
		}
		defer q.Close()
		q.SetDeadline(time.Now().Add(5 * time.Second))
		if err := writeHeader(q, header{kind: kindRelay, member: announced}); err != nil {
			return err
		}
		c := rawConfig(t, key)
		c.NextProtos = []string{protocolInner}
		inner := tls.Client(q, c)
		werr := writeHeader(inner, inside)
		return errors.Join(readAnswer(inner), werr)
	}
	forge := func(announced string, key tls.Certificate) error {
		return forgeAs(announced, key, header{kindInner, 0, "echo", "payer-b"})
	}
	if err := forge("payer-a", leaf(t, "payer-a", "")); err != nil {
		t.Fatalf("the genuine key is refused: %v", err)
	}
	for name, key := range map[string]tls.Certificate{"payer-c": leaf(t, "payer-c", ""), "convener": leaf(t, "convener", ""), "nobody": leaf(t, "payer-a", "x"), "payer-b": leaf(t, "payer-b", "")} {
		if err := forge("payer-a", key); err == nil || !strings.Contains(err.Error(), "bad certificate") {
			t.Errorf("announced payer-a with the key of %s: %v", name, err)
		}
	}
	for _, inside := range []header{{kindInner, 0, "echo", "payer-c"}, {kindDirect, 0, "echo", "payer-b"}} {
		if err := forgeAs("payer-a", leaf(t, "payer-a", ""), inside); !errors.Is(err, ErrRefused) {
			t.Errorf("inner header %+v: %v", inside, err)
		}
	}
	// Announcing the owner of the convener's own key, or the payer itself, ends before any handshake.
	for _, announced := range []string{"convener", "payer-b"} {
		if err := forge(announced, leaf(t, announced, "")); err == nil {
			t.Errorf("relayed stream from %s accepted", announced)
		}
	}
}

// TestTamperedRelay: a convener that changes or cuts what it relays gets an
// error at the reader, never other data or an early end.
func TestTamperedRelay(t *testing.T) { both(t, testTamperedRelay) }

func testTamperedRelay(t *testing.T) {
	f := start(t, nil)
	got := make(chan error, 1)
	f.payers["payer-b"].Handle("sink", func(_ context.Context, _ string, c Conn) {
		b, err := io.ReadAll(c)
		if len(b) > 0 && strings.Trim(string(b), "x") != "" {
			err = errors.New("other data was delivered")
		}
		got <- err
	})
	c, err := f.payers["payer-a"].Dial(limit(t), "payer-b", "sink")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	flip := func(p []byte) { p[len(p)/2] ^= 1 }
	f.hub.tap.Store(&flip)
	io.WriteString(c, strings.Repeat("x", 1000))
	if err := <-got; err == nil || !strings.Contains(err.Error(), "bad record MAC") {
		t.Fatalf("reader: %v", err)
	}

	f.hub.tap.Store(nil)
	c, err = f.payers["payer-a"].Dial(limit(t), "payer-b", "sink")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "xx")
	c.(*conn).endToEnd.(*innerConn).records.stream.CloseWrite() // FIN without close_notify
	if err := <-got; !errors.Is(err, errCut) {
		t.Fatalf("reader of a cut stream: %v", err)
	}
}

// TestRelayEndsWithItsConnections: the convener lets go of a relay when either
// payer is gone, though the other neither reads, writes nor closes.
func TestRelayEndsWithItsConnections(t *testing.T) { both(t, testRelayEndsWithItsConnections) }

func testRelayEndsWithItsConnections(t *testing.T) {
	f := start(t, nil)
	in := make(chan struct{})
	hold := func(ctx context.Context, _ string, _ Conn) { in <- struct{}{}; <-ctx.Done() }
	relays := func() int {
		f.hub.limiter.mu.Lock()
		defer f.hub.limiter.mu.Unlock()
		return len(f.hub.limiter.used)
	}
	a, b, c := f.payers["payer-a"], f.payers["payer-b"], f.payers["payer-c"]
	b.Handle("hold", hold)
	for _, gone := range []*Payer{c, b} { // the dialler, then the acceptor
		from := c
		if gone == b {
			from = a
		}
		if _, err := from.Dial(limit(t), "payer-b", "hold"); err != nil {
			t.Fatal(err)
		}
		<-in
		if n := relays(); n != 1 {
			t.Fatalf("%d members have relays, want 1", n)
		}
		gone.Close()
		eventually(t, "the relay has ended", func() bool { return relays() == 0 })
	}
}
