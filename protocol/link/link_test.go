package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestEveryDirection(t *testing.T) { both(t, testEveryDirection) }

func testEveryDirection(t *testing.T) {
	f := start(t, nil)
	for _, e := range f.all {
		e.Handle("echo", echo)
	}
	if got := strings.Join(f.hub.Connected(), " "); got != "payer-a payer-b payer-c" {
		t.Fatalf("connected: %s", got)
	}
	var wg sync.WaitGroup
	for _, from := range f.all {
		for _, to := range f.all {
			if from == to {
				continue
			}
			wg.Go(func() {
				for _, text := range []string{"", "hello", strings.Repeat("0123456789abcdef", 20000)} {
					got, err := ask(t, from, to.Name(), "echo", text)
					if want := from.Name() + ":" + text; err != nil || got != want {
						t.Errorf("%s to %s: %d bytes, want %d: %v", from.Name(), to.Name(), len(got), len(want), err)
					}
				}
			})
		}
	}
	wg.Wait()
}

func TestRelayIsOpaque(t *testing.T) { both(t, testRelayIsOpaque) }

func testRelayIsOpaque(t *testing.T) {
	f := start(t, nil)
	var mu sync.Mutex
	var seen bytes.Buffer
	tap := func(p []byte) {
		mu.Lock()
		defer mu.Unlock()
		seen.Write(p)
	}
	f.hub.tap.Store(&tap)
	f.payers["payer-b"].Handle("secret-service", echo)
	f.hub.Handle("direct", echo)
	text := strings.Repeat("numerator", 1000)
	if got, err := ask(t, f.payers["payer-a"], "payer-b", "secret-service", text); err != nil || got != "payer-a:"+text {
		t.Fatalf("got %d bytes: %v", len(got), err)
	}
	mu.Lock()
	defer mu.Unlock()
	if seen.Len() < 2*len(text) {
		t.Fatalf("the tap saw %d bytes, fewer than were relayed", seen.Len())
	}
	for _, s := range []string{"numerator", "secret-service", "payer-a:"} {
		if bytes.Contains(seen.Bytes(), []byte(s)) {
			t.Errorf("the convener can read %q", s)
		}
	}
	if got := f.hub.Stats().Relayed; got != int64(seen.Len()) {
		t.Errorf("relayed %d, the tap saw %d", got, seen.Len())
	}
}

func TestDialErrors(t *testing.T) { both(t, testDialErrors) }

func testDialErrors(t *testing.T) {
	f := start(t, nil)
	a, b := f.payers["payer-a"], f.payers["payer-b"]
	b.Handle("echo", echo)
	f.payers["payer-c"].Close()
	eventually(t, "payer-c gone", func() bool { return len(f.hub.Connected()) == 2 })
	tests := []struct {
		name            string
		e               Endpoint
		member, service string
		want            error
	}{
		{"unknown service of the convener", a, "convener", "nothing", ErrUnknownService},
		{"unknown service of a payer", a, "payer-b", "nothing", ErrUnknownService},
		{"unknown service, from the convener", f.hub, "payer-b", "nothing", ErrUnknownService},
		{"unknown member", a, "payer-x", "echo", ErrUnknownMember},
		{"unknown member, from the convener", f.hub, "payer-x", "echo", ErrUnknownMember},
		{"itself", a, "payer-a", "echo", ErrUnknownMember},
		{"the convener itself", f.hub, "convener", "echo", ErrUnknownMember},
		{"absent payer", a, "payer-c", "echo", ErrNotConnected},
		{"absent payer, from the convener", f.hub, "payer-c", "echo", ErrNotConnected},
		{"closed endpoint", f.payers["payer-c"], "payer-b", "echo", ErrClosed},
		{"malformed service", a, "payer-b", "No Service", errHeader},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ask(t, tt.e, tt.member, tt.service, ""); !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
		})
	}
	b.Handle("echo", nil)
	if _, err := ask(t, a, "payer-b", "echo", ""); !errors.Is(err, ErrUnknownService) {
		t.Fatalf("withdrawn service: %v", err)
	}
}

// TestUrgency reads, as payer-b, the headers of streams that the hub opens.
func TestUrgency(t *testing.T) {
	f := start(t, nil)
	f.payers["payer-b"].Close()
	conn, err := rawDial(t, f.hub.Addr(), rawConfig(t, leaf(t, "payer-b", "")))
	if err != nil {
		t.Fatal(err)
	}
	if err := rawHello(t, conn); err != nil {
		t.Fatal(err)
	}
	for _, from := range f.all[:2] {
		for service, want := range map[string]byte{"raft": 0, "propose": 0, "run/object": 5} {
			ctx, cancel := context.WithCancel(limit(t))
			done := make(chan struct{})
			go func() { from.Dial(ctx, "payer-b", service); close(done) }()
			s, err := conn.AcceptStream(ctx)
			if err != nil {
				t.Fatal(err)
			}
			h, err := readHeader(s)
			if err != nil || h.urgency != want {
				t.Errorf("%s for %s: urgency %d, want %d: %v", from.Name(), service, h.urgency, want, err)
			}
			if h.kind == kindRelay && (h.member != from.Name() || h.service != "") {
				t.Errorf("relayed header %+v", h)
			}
			cancel()
			<-done
		}
	}
}

func TestStats(t *testing.T) { both(t, testStats) }

func testStats(t *testing.T) {
	f := start(t, nil)
	a, b := f.payers["payer-a"], f.payers["payer-b"]
	b.Handle("sink", func(_ context.Context, _ string, c Conn) {
		n, _ := io.Copy(io.Discard, c)
		if n == 1000 {
			io.WriteString(c, "done")
		}
	})
	f.hub.Handle("sink", func(_ context.Context, _ string, c Conn) { io.Copy(io.Discard, c) })
	if got, err := ask(t, a, "payer-b", "sink", strings.Repeat("x", 1000)); err != nil || got != "done" {
		t.Fatalf("got %q: %v", got, err)
	}
	if _, err := ask(t, a, "convener", "sink", strings.Repeat("x", 500)); err != nil {
		t.Fatal(err)
	}
	sa, sb := a.Stats(), b.Stats()
	if want := (Traffic{Sent: 1500, Received: 4, Dialled: 2}); sa.Traffic != want || sa.Services["sink"] != want {
		t.Errorf("payer-a: %+v", sa)
	}
	if want := (Traffic{Sent: 4, Received: 1000, Accepted: 1}); sb.Traffic != want || sb.Services["sink"] != want {
		t.Errorf("payer-b: %+v", sb)
	}
	if f.hub.Stats().Connections != 3 || sa.Connections != 1 {
		t.Errorf("connections: hub %d, payer-a %d", f.hub.Stats().Connections, sa.Connections)
	}
	if f.hub.Stats().Relayed < 1000 {
		t.Errorf("relayed %d", f.hub.Stats().Relayed)
	}
	if carried == TransportTCP {
		return
	}
	if w := f.hub.UDPBuffers(); w.Receive == 0 || w.Want != 7<<20 {
		t.Errorf("buffers %+v", w)
	}
	if w := a.UDPBuffers(); w.Receive == 0 {
		t.Errorf("buffers %+v", w)
	}
}
