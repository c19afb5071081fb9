package link

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"
)

// TestSlowPayer: a payer that does not read what it asked for holds up its own
// streams and nobody else's, and what waits for it is bounded; its own governance
// streams go on.
func TestSlowPayer(t *testing.T) { both(t, tSlowPayer) }

func tSlowPayer(t *testing.T) {
	f := start(t, nil)
	const size = 4 << 20
	f.hub.Handle("bulk", func(_ context.Context, _ string, c Conn) {
		io.Copy(c, io.LimitReader(zeros{}, size))
		c.CloseWrite()
	})
	f.hub.Handle("endless", func(_ context.Context, _ string, c Conn) { io.Copy(c, zeros{}) })
	f.hub.Handle("raft", echo)
	slow, quick := f.payers["payer-a"], f.payers["payer-b"]
	for range 8 {
		c, err := slow.Dial(limit(t), "convener", "endless")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err != nil { // and no more
			t.Fatal(err)
		}
	}
	c, err := quick.Dial(limit(t), "convener", "bulk")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if b, err := io.ReadAll(c); err != nil || !bytes.Equal(b, make([]byte, size)) {
		t.Fatalf("the quick payer got %d of %d bytes: %v", len(b), size, err)
	}
	if got, err := ask(t, quick, "convener", "raft", "x"); err != nil || got != "payer-b:x" {
		t.Fatalf("the quick payer: %q, %v", got, err)
	}
	if carried == TransportTCP { // window by stream: the rest of the connection goes on
		if got, err := ask(t, slow, "convener", "raft", "x"); err != nil || got != "payer-a:x" {
			t.Fatalf("the slow payer's own governance: %q, %v", got, err)
		}
	}
	if sent := f.hub.Stats().Services["endless"].Sent; sent > 8*streamWindow+connectionWindow {
		t.Errorf("%d bytes were taken for a payer that reads nothing", sent)
	}
}
