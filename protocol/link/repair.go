package link

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	probes    = 100                    // packets that measure a path, there and back
	lossy     = 2                      // of them lost: the path needs repair
	probeGap  = time.Millisecond       // between ten of them and the next
	probeMost = 600 * time.Millisecond // until the last is given up
)

// repair is a second QUIC transport on the socket of the first, whose packets go
// through a fecConn. QUIC hands us the packets that are not its own.
type repair struct {
	fec *fecConn
	tr  *quic.Transport
	wg  sync.WaitGroup
	end context.CancelFunc

	mu    sync.Mutex // guards heard
	heard map[uint32]bool
	news  chan struct{} // capacity 1
}

// repaired starts it.
func (s *socket) repaired() *repair {
	r := &repair{heard: map[uint32]bool{}, news: make(chan struct{}, 1)}
	r.fec = newFECConn(s.tr.Conn.LocalAddr(), s.tr.WriteTo)
	key := *s.tr.StatelessResetKey
	r.tr = &quic.Transport{Conn: r.fec, StatelessResetKey: &key, DisableVersionNegotiationPackets: true,
		VerifySourceAddress: s.tr.VerifySourceAddress, ConnContext: s.tr.ConnContext}
	ctx, cancel := context.WithCancel(context.Background())
	r.end = cancel
	r.wg.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := s.tr.ReadNonQUICPacket(ctx, buf)
			if err != nil {
				return
			}
			if h, _, err := parseFEC(buf[:n]); err == nil && h.kind == fecEcho {
				r.echo(h.group)
				continue
			}
			r.fec.arrived(append([]byte(nil), buf[:n]...), from)
		}
	})
	return r
}

func (r *repair) close() {
	r.tr.Close()
	r.fec.Close()
	r.end()
	r.wg.Wait()
}

func (r *repair) echo(n uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n < probes {
		r.heard[n] = true
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func (r *repair) echoes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.heard)
}

// lost sends probes and returns how many of them did not come back; 0 also when
// none did: then the other side does not answer probes, or is not there.
func (r *repair) lost(ctx context.Context, to net.Addr, most time.Duration) int {
	most = min(most, probeMost)
	began := time.Now()
	limit := time.NewTimer(most)
	defer limit.Stop()
	pad := make([]byte, fecProbePad)
	for i := range probes {
		r.fec.send(append(fecHead{kind: fecProbe, group: uint32(i)}.append(nil), pad...), to)
		if i%10 == 9 {
			time.Sleep(probeGap)
		}
	}
	var trip time.Duration
	for r.echoes() < probes {
		// Once one has made the trip, the rest has as long again and a little.
		wait := most
		if r.echoes() > 0 {
			if trip == 0 {
				trip = time.Since(began)
			}
			wait = trip/2 + 20*time.Millisecond
		}
		pause := time.NewTimer(wait)
		select {
		case <-r.news:
			pause.Stop()
			continue
		case <-pause.C:
		case <-limit.C:
		case <-ctx.Done():
		}
		pause.Stop()
		break
	}
	if n := r.echoes(); n > 0 {
		return probes - n
	}
	return 0
}
