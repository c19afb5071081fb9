// Package lossy is a UDP relay on loopback that delays packets and loses some: a network of which one end of a link takes its way, where the
// kernel has no emulation of one. It belongs to measurements and tests.
package lossy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Path is what lies between a payer and the convener: every packet takes Delay
// (there and back, half of it each way) and is lost with probability Loss.
type Path struct {
	Delay time.Duration
	Loss  float64
}

// Relay is a UDP proxy with a path's properties, for any number of sockets in front of it. Close it.
type Relay struct {
	path  Path
	front *net.UDPConn
	to    *net.UDPAddr

	mu    sync.Mutex // guards the rest
	rand  *rand.Rand
	backs map[string]*net.UDPConn
	wg    sync.WaitGroup
}

// ParsePath reads tc's words for what a packet meets in each direction, "delay 40ms loss 5%": a round trip is twice that delay.
func ParsePath(text string) (p Path, err error) {
	words := strings.Fields(text)
	for i := 0; i+1 < len(words) && err == nil; i += 2 {
		switch w := words[i+1]; words[i] {
		case "delay":
			p.Delay, err = time.ParseDuration(w)
			p.Delay *= 2
		case "loss":
			p.Loss, err = strconv.ParseFloat(strings.TrimSuffix(w, "%"), 64)
			p.Loss /= 100
		default:
			err = fmt.Errorf("no %q among them", words[i])
		}
	}
	if err == nil && (len(words) == 0 || len(words)%2 != 0 || p.Delay < 0 || !(p.Loss >= 0 && p.Loss < 1)) {
		err = errors.New("a value is missing or out of range")
	}
	if err != nil {
		return Path{}, fmt.Errorf("network %q: want delay DURATION, loss PERCENT%%, or both: %w", text, err)
	}
	return p, nil
}

// New starts a relay to a UDP address.
func New(p Path, to string) (*Relay, error) {
	addr, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		return nil, err
	}
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	front.SetReadBuffer(8 << 20)
	r := &Relay{path: p, front: front, to: addr, rand: rand.New(rand.NewPCG(1, 2)), backs: map[string]*net.UDPConn{}}
	r.wg.Go(r.forward)
	return r, nil
}

// Addr is where the relay listens.
func (r *Relay) Addr() string { return r.front.LocalAddr().String() }

func (r *Relay) lost() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.Float64() < r.path.Loss
}

// forward is the way to the convener.
func (r *Relay) forward() {
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
func (r *Relay) backward(back *net.UDPConn, to *net.UDPAddr) {
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

// Close ends it, also a second time.
func (r *Relay) Close() {
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
