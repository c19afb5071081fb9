package link

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	failed := errors.New("refused")
	lost := &lostSession{errors.New("idle")}
	superseded := &lostSession{&closedError{code: codeSuperseded, remote: true}}
	b := backoff{min: 1, max: 10}
	for i, step := range []struct {
		err  error
		want time.Duration
	}{{failed, 1}, {failed, 2}, {failed, 4}, {failed, 8}, {failed, 10}, {failed, 10}, {lost, 1}, {failed, 2}, {superseded, 10}, {lost, 1}} {
		if got := b.next(step.err); got != step.want {
			t.Errorf("step %d: pause %d, want %d", i, got, step.want)
		}
	}
}

// TestAttempts: the first handshakes of a second go through, the rest must
// prove their address, and everybody must until the flood is over.
func TestAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attempts{limit: 2}
		second := func(want ...bool) {
			t.Helper()
			for i, want := range want {
				if got := a.tooMany(nil); got != want {
					t.Errorf("attempt %d: %v", i+1, got)
				}
			}
			time.Sleep(time.Second)
		}
		second(false, false, true, true)
		second(true, true) // the second before was above the limit
		second(false, false, true)
		time.Sleep(time.Second)
		second(false) // long ago
	})
	// The hub itself, with every connection made to prove its address.
	h := listen(t, "127.0.0.1:0", options(t, "convener"))
	h.socket.tr.VerifySourceAddress(nil)
	for range 100 {
		h.socket.tr.VerifySourceAddress(nil)
	}
	p := connect(t, h.Addr(), options(t, "payer-a"))
	if err := p.WaitConnected(limit(t)); err != nil {
		t.Fatal(err)
	}
}
