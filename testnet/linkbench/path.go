package linkbench

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Path is what lies between a payer and the convener: every packet takes Delay
// (there and back, half of it each way) and is lost with probability Loss.
type Path struct {
	Delay time.Duration
	Loss  float64
}

// relay is a UDP proxy with a path's properties, for one payer at a time behind
// each of its sockets.
type relay struct {
	path  Path
	front *net.UDPConn
	to    *net.UDPAddr

	mu    sync.Mutex // guards the rest
	rand  *rand.Rand
	backs map[string]*net.UDPConn
	done  bool
	wg    sync.WaitGroup
}

func newRelay(p Path, to string) (*relay, error) {
	addr, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		return nil, err
	}
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	front.SetReadBuffer(8 << 20)
	r := &relay{path: p, front: front, to: addr, rand: rand.New(rand.NewPCG(1, 2)), backs: map[string]*net.UDPConn{}}
	r.wg.Go(r.forward)
	return r, nil
}

func (r *relay) addr() string { return r.front.LocalAddr().String() }

func (r *relay) lost() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.Float64() < r.path.Loss
}

// forward is the way to the convener.
func (r *relay) forward() {
	ways := map[string]*delayed{}
	defer func() {
		for _, w := range ways {
			w.close()
		}
	}()
	buf := make([]byte, 2048)
	for {
		n, from, err := r.front.ReadFromUDP(buf)
		if err != nil {
			return
		}
		w := ways[from.String()]
		if w == nil {
			back, err := net.DialUDP("udp", nil, r.to)
			if err != nil {
				continue
			}
			back.SetReadBuffer(8 << 20)
			r.mu.Lock()
			r.backs[from.String()] = back
			r.mu.Unlock()
			w = newDelayed(r.path.Delay/2, func(b []byte) { back.Write(b) })
			ways[from.String()] = w
			r.wg.Go(func() { r.backward(back, from) })
		}
		if !r.lost() {
			w.push(buf[:n])
		}
	}
}

// backward is the way from the convener to one socket.
func (r *relay) backward(back *net.UDPConn, to *net.UDPAddr) {
	w := newDelayed(r.path.Delay/2, func(b []byte) { r.front.WriteToUDP(b, to) })
	defer w.close()
	buf := make([]byte, 2048)
	for {
		n, err := back.Read(buf)
		if err != nil {
			return
		}
		if !r.lost() {
			w.push(buf[:n])
		}
	}
}

func (r *relay) close() {
	r.front.Close()
	r.mu.Lock()
	for _, b := range r.backs {
		b.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// delayed passes packets on in order after a while. Its queue is a bottleneck's:
// what does not fit is lost.
type delayed struct {
	delay time.Duration
	queue chan parcel
	done  chan struct{}
}

type parcel struct {
	b  []byte
	at time.Time
}

func newDelayed(d time.Duration, send func([]byte)) *delayed {
	w := &delayed{delay: d, queue: make(chan parcel, 1<<14), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for p := range w.queue {
			if wait := time.Until(p.at); wait > 0 {
				time.Sleep(wait)
			}
			send(p.b)
		}
	}()
	return w
}

func (w *delayed) push(b []byte) {
	select {
	case w.queue <- parcel{append([]byte(nil), b...), time.Now().Add(w.delay)}:
	default:
	}
}

func (w *delayed) close() { close(w.queue); <-w.done }
