package link

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// air is a network of two sockets in virtual time: every packet takes its turn on
// a line of 100 Mbit/s, then the delay, and is lost at random.
type air struct {
	delay time.Duration
	loss  float64
	mu    sync.Mutex // guards rand
	rand  *rand.Rand
}

type airConn struct {
	air   *air
	own   net.Addr
	peer  *airConn
	in    chan []byte
	line  chan []byte
	done  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup
	mu    sync.Mutex // guards the rest
	until time.Time
	moved chan struct{}
}

func newAir(delay time.Duration, loss float64) (a, b *airConn) {
	n := &air{delay: delay, loss: loss, rand: rand.New(rand.NewPCG(7, 7))}
	mk := func(port int) *airConn {
		return &airConn{air: n, own: &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: port}, in: make(chan []byte, 1<<14),
			line: make(chan []byte, 2000), done: make(chan struct{}), moved: make(chan struct{})}
	}
	a, b = mk(1), mk(2)
	a.peer, b.peer = b, a
	a.wg.Go(a.run)
	b.wg.Go(b.run)
	return a, b
}

func (c *airConn) run() {
	for {
		select {
		case p := <-c.line:
			time.Sleep(time.Duration(len(p)) * 80 * time.Nanosecond)
			c.air.mu.Lock()
			lost := c.air.rand.Float64() < c.air.loss
			c.air.mu.Unlock()
			if !lost {
				time.AfterFunc(c.air.delay/2, func() {
					select {
					case c.peer.in <- p:
					default:
					}
				})
			}
		case <-c.done:
			return
		}
	}
}

func (c *airConn) WriteTo(b []byte, _ net.Addr) (int, error) {
	select {
	case c.line <- append([]byte(nil), b...):
	case <-c.done:
		return 0, net.ErrClosed
	default: // the bottleneck's queue is full
	}
	return len(b), nil
}

func (c *airConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		c.mu.Lock()
		until, moved := c.until, c.moved
		c.mu.Unlock()
		var timer <-chan time.Time
		if !until.IsZero() {
			if !time.Now().Before(until) {
				return 0, nil, os.ErrDeadlineExceeded
			}
			timer = time.After(time.Until(until))
		}
		select {
		case p := <-c.in:
			return copy(b, p), c.peer.own, nil
		case <-timer:
		case <-moved:
		case <-c.done:
			return 0, nil, net.ErrClosed
		}
	}
}

func (c *airConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = t
	close(c.moved)
	c.moved = make(chan struct{})
	return nil
}

func (c *airConn) Close() error {
	c.once.Do(func() { close(c.done) })
	c.wg.Wait()
	return nil
}

func (c *airConn) LocalAddr() net.Addr              { return c.own }
func (c *airConn) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *airConn) SetWriteDeadline(time.Time) error { return nil }

// over moves bytes from the convener to a payer and returns how long that took
// in virtual time.
func over(t *testing.T, delay time.Duration, loss float64, repair bool, size int64) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAir(delay, loss)
		defer a.Close()
		defer b.Close()
		ho, po := options(t, "convener"), options(t, "payer-a")
		ho.PacketConn, po.PacketConn = a, b
		ho.Transport, po.Transport = TransportQUIC, TransportQUIC
		po.NoRepair = !repair
		h, err := Listen("10.0.0.1:1", ho)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		h.Handle("bulk", func(_ context.Context, _ string, c Conn) {
			io.CopyN(c, zeros{}, size)
			c.CloseWrite()
		})
		p, err := NewPayer("convener", "10.0.0.1:1", po)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := p.WaitConnected(ctx); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		c, err := p.Dial(ctx, "convener", "bulk")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		n, err := io.Copy(io.Discard, c)
		if err != nil || n != size {
			t.Fatalf("%d of %d bytes: %v", n, size, err)
		}
		took = time.Since(began)
	})
	return took
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestLossyPath: with 5 % loss at 80 ms a transfer takes at most twice as long as
// without loss. In virtual time, so that it does not depend on the machine.
func TestLossyPath(t *testing.T) {
	const size = 16 << 20
	rate := func(d time.Duration) float64 { return size / 1e6 / d.Seconds() }
	near := over(t, time.Millisecond, 0, true, size)
	clean := over(t, 80*time.Millisecond, 0, true, size)
	var all []time.Duration
	for range 3 { // one in some seventy loses several probes in a row, and waits: the middle one of three is judged
		all = append(all, over(t, 80*time.Millisecond, 0.05, true, size))
	}
	slices.Sort(all)
	lossy := all[1]
	t.Logf("16 MiB at 100 Mbit/s: 1 ms %v (%.1f MB/s); 80 ms %v (%.1f MB/s); 80 ms and 5%% loss %v (%.1f MB/s), %.2f times",
		near, rate(near), clean, rate(clean), lossy, rate(lossy), lossy.Seconds()/clean.Seconds())
	if lossy > 2*clean {
		t.Errorf("%v with loss, %v without", lossy, clean)
	}
	if !testing.Short() {
		const less = 1 << 20
		bare := over(t, 80*time.Millisecond, 0.05, false, less)
		t.Logf("without repair: 1 MiB in %v (%.2f MB/s)", bare, less/1e6/bare.Seconds())
	}
}
