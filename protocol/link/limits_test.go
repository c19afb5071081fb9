package link

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
)

// stubborn is a handler that closes its stream and stays until release is closed.
type stubborn struct {
	running, most atomic.Int64
	release       chan struct{}
}

func (s *stubborn) handle(_ context.Context, _ string, c Conn) {
	c.Close()
	n := s.running.Add(1)
	for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
	}
	<-s.release
	s.running.Add(-1)
}

func TestStreamFlood(t *testing.T) { both(t, testStreamFlood) }

func testStreamFlood(t *testing.T) {
	const most = 4
	f := start(t, func(o *Options) { o.StreamsPerMember = most })
	for _, to := range f.all[:2] { // the convener, payer-a
		from, other := f.payers["payer-c"], f.payers["payer-b"]
		s := &stubborn{release: make(chan struct{})}
		to.Handle("stubborn", s.handle)
		to.Handle("echo", echo)
		for range most {
			c, err := from.Dial(limit(t), to.Name(), "stubborn")
			if err != nil {
				t.Fatal(err)
			}
			c.Close() // the stream ends, its handler does not
		}
		eventually(t, "all handlers have begun", func() bool { return s.running.Load() == most }) // a stream is answered before that
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		_, err := from.Dial(ctx, to.Name(), "echo")
		cancel()
		if !errors.Is(err, ErrBusy) {
			t.Fatalf("stream %d to %s: %v", most+1, to.Name(), err)
		}
		if got, err := ask(t, other, to.Name(), "echo", "x"); err != nil || got != "payer-b:x" {
			t.Fatalf("another member is shut out of %s: %q, %v", to.Name(), got, err)
		}
		close(s.release)
		eventually(t, "streams are free again", func() bool {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			c, err := from.Dial(ctx, to.Name(), "echo")
			if err == nil {
				c.Close()
			}
			return err == nil
		})
		if s.most.Load() != most {
			t.Errorf("%s ran %d handlers of one member at once, want %d", to.Name(), s.most.Load(), most)
		}
	}
}

// TestRapidReset opens and resets streams as fast as QUIC lets it: handlers
// that still run count, so resetting gains nothing.
func TestRapidReset(t *testing.T) {
	const most = 4
	o := options(t, "convener")
	o.StreamsPerMember = most
	h := listen(t, "127.0.0.1:0", o)
	s := &stubborn{release: make(chan struct{})}
	h.Handle("stubborn", s.handle)
	conn, err := rawDial(t, h.Addr(), rawConfig(t, leaf(t, "payer-a", "")))
	if err != nil {
		t.Fatal(err)
	}
	if err := rawHello(t, conn); err != nil {
		t.Fatal(err)
	}
	opened := 0
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		st, err := conn.OpenStreamSync(ctx)
		cancel()
		if err != nil {
			break // no credit left
		}
		if opened++; opened > 100 {
			break
		}
		writeHeader(st, header{kindDirect, 0, "stubborn", "convener"})
		readAnswer(st)
		st.CancelRead(1)
		st.CancelWrite(1)
	}
	if opened > most || s.most.Load() > most {
		t.Errorf("%d streams opened, %d handlers at once, want at most %d", opened, s.most.Load(), most)
	}
	close(s.release)
}

// TestSlowHeader: who opens a stream and does not say for what loses it.
func TestSlowHeader(t *testing.T) {
	o := options(t, "convener")
	o.HeaderTimeout = 100 * time.Millisecond
	h := listen(t, "127.0.0.1:0", o)
	for name, first := range map[string]string{
		"one byte": "\x01", "half a header": "\x01\x02\x00\x04ra", "garbage": "GET / HTTP/1.1\r\n\r\n",
		"hello again": "\x01\x01\x00\x00\x08convener", "inner outside": "\x01\x04\x00\x04echo\x08convener",
		"for somebody else": "\x01\x02\x00\x04echo\x07payer-b", "relay to itself": "\x01\x03\x00\x00\x07payer-a",
	} {
		conn, err := rawDial(t, h.Addr(), rawConfig(t, leaf(t, "payer-a", "")))
		if err != nil {
			t.Fatal(err)
		}
		if err := rawHello(t, conn); err != nil {
			t.Fatal(err)
		}
		s, err := conn.OpenStreamSync(limit(t))
		if err != nil {
			t.Fatal(err)
		}
		s.SetDeadline(time.Now().Add(5 * time.Second))
		io.WriteString(s, first)
		err = readAnswer(s)
		var reset *quic.StreamError
		if !errors.Is(err, ErrRefused) && !(errors.As(err, &reset) && reset.Remote) {
			t.Errorf("%s: %v", name, err)
		}
		if conn.Context().Err() != nil {
			t.Errorf("%s: the connection was closed", name)
		}
	}
}

func TestPanicInAHandler(t *testing.T) { both(t, testPanicInAHandler) }

func testPanicInAHandler(t *testing.T) {
	log := &journal{}
	f := start(t, func(o *Options) { o.Log = log.logger() })
	for name, h := range map[string]Handler{
		"text": func(_ context.Context, _ string, c Conn) { c.Read(make([]byte, 1)); panic("numerator 4711") },
		"runtime": func(_ context.Context, _ string, c Conn) {
			c.Read(make([]byte, 1))
			_ = []int{}[len(c.LocalAddr().String())]
		},
	} {
		for _, to := range f.all[:3] {
			to.Handle(name, h)
			to.Handle("echo", echo)
			before := to.Stats().Panics
			c, err := f.payers["payer-c"].Dial(limit(t), to.Name(), name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "x")
			if _, err := io.ReadAll(c); !errors.Is(err, ErrReset) {
				t.Errorf("%s: a handler that panicked looks like one that ended: %v", to.Name(), err)
			}
			c.Close()
			eventually(t, "the panic is counted", func() bool { return to.Stats().Panics == before+1 })
			if got, err := ask(t, f.payers["payer-c"], to.Name(), "echo", "x"); err != nil || got != "payer-c:x" {
				t.Errorf("%s afterwards: %q, %v", to.Name(), got, err)
			}
		}
	}
	if log.contains("4711") || log.contains("out of range") {
		t.Error("the log shows what the panic said")
	}
	if !log.contains("PanicInAHandler") || !log.contains("type=string") {
		t.Error("the log does not show type and place")
	}
}

func TestOptionsRefused(t *testing.T) {
	good := options(t, "payer-a")
	tests := []struct {
		name   string
		change func(o *Options)
		want   string
	}{
		{"name", func(o *Options) { o.Name = "Payer" }, "member name"},
		{"directory", func(o *Options) { o.Directory = nil }, "no directory"},
		{"certificate", func(o *Options) { o.Certificate.Leaf = nil }, "no certificate"},
		{"another key", func(o *Options) { o.Certificate = leaf(t, "payer-a", "old") }, "another key"},
	}
	for _, tt := range tests {
		o := good
		tt.change(&o)
		if _, err := Listen("127.0.0.1:0", o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("hub, %s: %v", tt.name, err)
		}
		if _, err := NewPayer("convener", "127.0.0.1:1", o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("payer, %s: %v", tt.name, err)
		}
	}
	if _, err := NewPayer("payer-a", "127.0.0.1:1", good); err == nil {
		t.Error("a payer is its own convener")
	}
	if _, err := NewPayer("convener", "no port", good); err == nil {
		t.Error("an address without a port")
	}
}
