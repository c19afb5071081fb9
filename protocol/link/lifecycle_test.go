package link

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
)

func TestReconnectAfterHubRestart(t *testing.T) { both(t, testReconnectAfterHubRestart) }

func testReconnectAfterHubRestart(t *testing.T) {
	f := start(t, nil)
	addr := f.hub.Addr()
	a := f.payers["payer-a"]
	for i := range 2 {
		if err := f.hub.Close(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "payers notice", func() bool { return !a.Connected() })
		if _, err := a.Dial(limit(t), "convener", "echo"); !errors.Is(err, ErrNotConnected) {
			t.Fatalf("dial while the hub is away: %v", err)
		}
		f.hub = listen(t, addr, options(t, "convener"))
		f.hub.Handle("echo", echo)
		if err := a.WaitConnected(limit(t)); err != nil {
			t.Fatal(err)
		}
		if got, err := ask(t, a, "convener", "echo", "x"); err != nil || got != "payer-a:x" {
			t.Fatalf("after restart %d: %q, %v", i+1, got, err)
		}
	}
	eventually(t, "all are back", func() bool { return len(f.hub.Connected()) == 3 })
}

// TestHubCrash: the hub is gone without a word, and a new one answers at its
// address. With the reset key it says at the next packet that it does not know
// the connection; the idle timeout, a minute here, plays no part.
func TestHubCrash(t *testing.T) {
	key := [32]byte{7}
	crash := func(o *Options) { o.ResetKey, o.IdleTimeout = key, time.Minute }
	f := start(t, crash)
	a, addr := f.payers["payer-a"], f.hub.Addr()
	f.hub.socket.tr.Conn.Close() // nothing is sent any more
	f.hub.Close()
	o := options(t, "convener")
	crash(&o)
	again := listen(t, addr, o)
	again.Handle("echo", echo)
	eventually(t, "payer-a is connected anew", func() bool {
		// A packet to be answered: keep-alives alone back off while nothing comes back.
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if c, err := a.Dial(ctx, "convener", "echo"); err == nil {
			c.Close()
		}
		return a.Stats().Connections >= 2 && a.Connected()
	})
	if got, err := ask(t, a, "convener", "echo", "x"); err != nil || got != "payer-a:x" {
		t.Fatalf("%q, %v", got, err)
	}
}

// TestSupersede: of two nodes with the same keys the hub talks to the later.
func TestSupersede(t *testing.T) { both(t, testSupersede) }

func testSupersede(t *testing.T) {
	log := &journal{}
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	o := options(t, "payer-a")
	o.Log, o.ReconnectMax = log.logger(), time.Hour
	first := connect(t, h.Addr(), o)
	say := func(text string) Handler {
		return func(_ context.Context, _ string, c Conn) { io.Copy(io.Discard, c); io.WriteString(c, text) }
	}
	first.Handle("who", say("first"))
	if err := first.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	second := connect(t, h.Addr(), options(t, "payer-a"))
	second.Handle("who", say("second"))
	if err := second.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first is told", func() bool { return log.contains("superseded") && !first.Connected() })
	if got, err := ask(t, h, "payer-a", "who", ""); err != nil || got != "second" {
		t.Fatalf("payer-a is %q: %v", got, err)
	}
	if got := h.Connected(); len(got) != 1 {
		t.Fatalf("connected: %v", got)
	}
}

// TestDirectoryChanges: a key that leaves the directory loses its connection
// and, at the payers, its relayed streams, even if the convener keeps them.
func TestDirectoryChanges(t *testing.T) { both(t, testDirectoryChanges) }

func testDirectoryChanges(t *testing.T) {
	hubDir, bDir := options(t, "convener").Directory, options(t, "payer-b").Directory
	f := start(t, func(o *Options) {
		switch o.Name {
		case "convener":
			o.Directory = hubDir
		case "payer-b":
			o.Directory = bDir
		}
	})
	a, b := f.payers["payer-a"], f.payers["payer-b"]
	b.Handle("echo", echo)
	f.hub.Handle("echo", echo)

	c, err := a.Dial(limit(t), "payer-b", "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	bDir.Remove("payer-a") // payer-b learns it first
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadAll(c); !errors.Is(err, ErrReset) {
		t.Fatalf("open stream of a removed member: %v", err)
	}
	if _, err := ask(t, a, "payer-b", "echo", ""); !errors.Is(err, ErrRefused) && !errors.Is(err, ErrReset) {
		t.Fatalf("new stream of a removed member: %v", err)
	}

	hubDir.Set(Member{"payer-a", [32]byte{1}}) // rotated to a key this node does not have
	eventually(t, "the hub lets go of payer-a", func() bool { return !a.Connected() && len(f.hub.Connected()) == 2 })
	hubDir.Set(Member{"payer-a", pin(leaf(t, "payer-a", ""))})
	if err := a.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, a, "convener", "echo", "x"); err != nil || got != "payer-a:x" {
		t.Fatalf("after the key came back: %q, %v", got, err)
	}
}

// TestCloseEndsEverything: handlers that wait on their stream or context
// return, blocked dials fail; goleak looks for what is left.
func TestCloseEndsEverything(t *testing.T) { both(t, testCloseEndsEverything) }

func testCloseEndsEverything(t *testing.T) {
	f := start(t, nil)
	in := make(chan struct{}, 8)
	ended := make(chan string, 8)
	for _, e := range f.all {
		e.Handle("read", func(_ context.Context, _ string, c Conn) {
			in <- struct{}{}
			io.Copy(io.Discard, c)
			ended <- "read"
		})
		e.Handle("wait", func(ctx context.Context, _ string, c Conn) {
			in <- struct{}{}
			<-ctx.Done()
			ended <- "wait"
		})
	}
	a := f.payers["payer-a"]
	for _, to := range []string{"convener", "payer-b"} {
		for _, service := range []string{"read", "wait"} {
			if _, err := a.Dial(limit(t), to, service); err != nil {
				t.Fatal(err)
			}
			<-in
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the two readers see their peer go; the waiters hold on to their own connections
		if got := <-ended; got != "read" && got != "wait" {
			t.Fatal(got)
		}
	}
	if err := a.WaitConnected(limit(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("waiting on a closed payer: %v", err)
	}
	f.payers["payer-b"].Close()
	f.hub.Close()
	for range 2 {
		<-ended
	}
	if err := f.hub.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if got := f.hub.Connected(); len(got) != 0 {
		t.Errorf("connected after close: %v", got)
	}
}

// TestCloseDuringTheHello: a payer that is about to say hello is told that the
// hub closes, and does not hold it up.
func TestCloseDuringTheHello(t *testing.T) {
	o := options(t, "convener")
	o.HeaderTimeout = time.Hour
	for _, first := range []string{"", "\x01"} {
		h := listen(t, "127.0.0.1:0", o)
		conn, err := rawDial(t, h.Addr(), rawConfig(t, leaf(t, "payer-a", "")))
		if err != nil {
			t.Fatal(err)
		}
		s, err := conn.OpenStreamSync(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(s, first)
		closed := make(chan error)
		go func() { closed <- h.Close() }()
		select {
		case err := <-closed:
			if err != nil {
				t.Error(err)
			}
		case <-limit(t).Done():
			t.Fatal("the hub does not close")
		}
		select {
		case <-conn.Context().Done():
		case <-limit(t).Done():
			t.Fatal("the payer is not told")
		}
		var app *quic.ApplicationError
		var tr *quic.TransportError // refused by the listener, before it was accepted
		if err := context.Cause(conn.Context()); !errors.As(err, &app) && !errors.As(err, &tr) {
			t.Errorf("the connection ended with %v", err)
		}
	}
}

// TestContexts: closing a stream ends its handler's context, and a dial ends
// with its own.
func TestContexts(t *testing.T) {
	f := start(t, nil)
	ended := make(chan struct{})
	f.hub.Handle("hand-over", func(ctx context.Context, _ string, c Conn) {
		go c.Close() // as a transport does that the stream was handed to
		<-ctx.Done()
		close(ended)
	})
	c, err := f.payers["payer-a"].Dial(limit(t), "convener", "hand-over")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	<-ended

	// A convener that takes the stream and says nothing.
	conn, err := rawDial(t, f.hub.Addr(), rawConfig(t, leaf(t, "payer-c", "")))
	if err != nil {
		t.Fatal(err)
	}
	f.payers["payer-c"].Close()
	if err := rawHello(t, conn); err != nil {
		t.Fatal(err)
	}
	for _, from := range f.all[:2] {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		_, err = from.Dial(ctx, "payer-c", "echo")
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s dials a silent member: %v", from.Name(), err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := connect(t, "127.0.0.1:1", options(t, "payer-c"))
	if err := p.WaitConnected(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: %v", err)
	}
}
