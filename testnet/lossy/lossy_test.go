package lossy

import (
	"net"
	"testing"
	"time"
)

// TestRelay: what passes comes late, and some does not pass, each way.
func TestRelay(t *testing.T) {
	echo, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for buf := make([]byte, 100); ; {
			n, from, err := echo.ReadFromUDP(buf)
			if err != nil {
				return
			}
			echo.WriteToUDP(buf[:n], from)
		}
	}()
	p, err := ParsePath("delay 10ms loss 20%")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(p, echo.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := net.Dial("udp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	came := 0
	const sent = 200
	for i := range byte(sent) {
		began := time.Now()
		c.Write([]byte{i})
		c.SetReadDeadline(began.Add(100 * time.Millisecond))
		for b := make([]byte, 10); ; {
			if n, err := c.Read(b); err != nil {
				break
			} else if n != 1 || b[0] != i {
				continue // of an earlier one, on a machine that was busy
			}
			if took := time.Since(began); took < 20*time.Millisecond {
				t.Fatalf("a round trip of %v", took)
			}
			came++
			break
		}
		if came >= 5 && int(i)+1 > came {
			return // both were seen
		}
	}
	t.Fatalf("%d of %d came back", came, sent)
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]Path{
		"delay 40ms loss 5%": {80 * time.Millisecond, 0.05}, "loss 1%": {0, 0.01}, "delay 1s": {2 * time.Second, 0},
		"": {}, "delay": {}, "delay x": {}, "loss 100%": {}, "loss -1%": {}, "loss NaN%": {}, "delay -1s": {}, "jitter 1ms": {},
	} {
		if got, err := ParsePath(text); got != want || (err == nil) == (want == Path{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}
