package link

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

// pipes makes pairs of connected streams, one for each way they come about.
func pipes(t testing.TB, f *federation) map[string]func() (dialled, accepted Conn) {
	accepted := make(chan Conn)
	for _, e := range f.all {
		e.Handle("pipe", func(ctx context.Context, _ string, c Conn) {
			accepted <- c
			<-ctx.Done()
		})
	}
	pair := func(from Endpoint, to string) func() (Conn, Conn) {
		return func() (Conn, Conn) {
			c, err := from.Dial(limit(t), to, "pipe")
			if err != nil {
				t.Fatal(err)
			}
			return c, <-accepted
		}
	}
	return map[string]func() (Conn, Conn){
		"to the convener":   pair(f.payers["payer-a"], "convener"),
		"from the convener": pair(f.hub, "payer-a"),
		"between payers":    pair(f.payers["payer-a"], "payer-b"),
	}
}

// TestNetConn runs the Go project's conformance tests for net.Conn.
func TestNetConn(t *testing.T) { both(t, testNetConn) }

func testNetConn(t *testing.T) {
	for name, pair := range pipes(t, start(t, nil)) {
		t.Run(name, func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				a, b := pair()
				return a, b, func() { a.Close(); b.Close() }, nil
			})
		})
	}
}

func TestConnEnds(t *testing.T) { both(t, testConnEnds) }

func testConnEnds(t *testing.T) {
	f := start(t, nil)
	all := pipes(t, f)
	each := func(name string, test func(t *testing.T, a, b Conn)) {
		for way, pair := range all {
			t.Run(name+" "+way, func(t *testing.T) {
				a, b := pair()
				defer a.Close()
				defer b.Close()
				a.SetDeadline(time.Now().Add(10 * time.Second))
				b.SetDeadline(time.Now().Add(10 * time.Second))
				test(t, a, b)
			})
		}
	}
	each("half-close", func(t *testing.T, a, b Conn) {
		if _, err := io.WriteString(a, "question"); err != nil {
			t.Fatal(err)
		}
		if err := a.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(b); err != nil || string(got) != "question" {
			t.Fatalf("read %q: %v", got, err)
		}
		if _, err := io.WriteString(b, "answer"); err != nil {
			t.Fatal(err)
		}
		b.Close()
		if got, err := io.ReadAll(a); err != nil || string(got) != "answer" {
			t.Fatalf("read %q: %v", got, err)
		}
	})
	each("a deadline passes and reading goes on", func(t *testing.T, a, b Conn) {
		a.SetReadDeadline(time.Now().Add(-time.Second))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("read: %v", err)
		}
		a.SetReadDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(b, "x")
		if _, err := io.ReadFull(a, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	})
	each("close interrupts reading", func(t *testing.T, a, b Conn) {
		done := make(chan error)
		go func() { _, err := a.Read(make([]byte, 1)); done <- err }()
		a.Close()
		if err := <-done; err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("read ended with %v", err)
		}
	})
	each("close interrupts writing against a reader that does not read", func(t *testing.T, a, b Conn) {
		done := make(chan error)
		sent := int64(0)
		go func() {
			buf := make([]byte, 1<<20)
			for {
				n, err := a.Write(buf)
				if sent += int64(n); err != nil {
					done <- err
					return
				}
			}
		}()
		// The write must block on flow control: it is over when Close says so.
		select {
		case err := <-done:
			t.Fatalf("write ended by itself: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		a.Close()
		if err := <-done; err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("write ended with %v", err)
		}
		if sent > 3*streamWindow {
			t.Errorf("%d bytes were taken from a writer whose reader reads nothing", sent)
		}
	})
	each("a reader that left stops the writer", func(t *testing.T, a, b Conn) {
		b.Close()
		buf := make([]byte, 1<<16)
		for {
			if _, err := a.Write(buf); err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal("the writer was not told")
				}
				return
			}
		}
	})
	each("an answer from one that left", func(t *testing.T, a, b Conn) {
		io.WriteString(b, "answer")
		b.Close()
		buf := make([]byte, 16)
		for { // until the stop has arrived
			if _, err := a.Write(buf); err != nil {
				if !errors.Is(err, ErrReset) {
					t.Fatal(err)
				}
				break
			}
		}
		if err := a.CloseWrite(); err != nil {
			t.Fatalf("close-write: %v", err)
		}
		if got, err := io.ReadAll(a); err != nil || string(got) != "answer" {
			t.Fatalf("read %q: %v", got, err)
		}
	})
	each("addresses are members", func(t *testing.T, a, b Conn) {
		if a.LocalAddr().String() != b.RemoteAddr().String() || a.RemoteAddr().String() != b.LocalAddr().String() || a.LocalAddr().Network() != "tacet" {
			t.Fatalf("%v-%v and %v-%v", a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
		}
	})
	for _, e := range f.all {
		eventually(t, "streams forgotten by "+e.Name(), func() bool { return liveOf(e) == 0 })
	}
}

func liveOf(e Endpoint) int {
	var p *endpoint
	switch e := e.(type) {
	case *Hub:
		p = &e.endpoint
	case *Payer:
		p = &e.endpoint
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.live)
}
