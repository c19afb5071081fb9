package link

import (
	"context"
	"io"
	"testing"
	"time"
)

// TestBulk moves 200 MB in each direction of transfer and logs the rate. It
// fails only on loss: rates belong to the machine.
func TestBulk(t *testing.T) { both(t, testBulk) }

func testBulk(t *testing.T) {
	total := int64(200 << 20)
	if testing.Short() || raceEnabled {
		total = 8 << 20
	}
	f := start(t, nil)
	a, b := f.payers["payer-a"], f.payers["payer-b"]
	for _, e := range f.all {
		e.Handle("bulk", func(_ context.Context, _ string, c Conn) {
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, c, make([]byte, bufferSize))
			if err != nil || n != total {
				t.Errorf("received %d of %d bytes: %v", n, total, err)
				return
			}
			c.Write([]byte("whole"))
		})
	}
	for _, tt := range []struct {
		name string
		from Endpoint
		to   string
	}{
		{"payer to convener", a, "convener"},
		{"convener to payer", f.hub, "payer-a"},
		{"payer to payer", a, b.Name()},
	} {
		c, err := tt.from.Dial(limit(t), tt.to, "bulk")
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(time.Minute))
		buf := make([]byte, bufferSize)
		for i := range buf {
			buf[i] = byte(i * 7)
		}
		began := time.Now()
		for sent := int64(0); sent < total; sent += int64(len(buf)) {
			if _, err := c.Write(buf); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(c)
		if err != nil || string(answer) != "whole" {
			t.Fatalf("%s: answer %q: %v", tt.name, answer, err)
		}
		took := time.Since(began)
		t.Logf("%s: %d MB in %v: %.0f MB/s", tt.name, total>>20, took.Round(time.Millisecond), float64(total)/1e6/took.Seconds())
		c.Close()
	}
	t.Logf("UDP buffers: %+v", f.hub.UDPBuffers())
}
