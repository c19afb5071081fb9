package linkbench

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
)

const (
	runs    = 50 // concurrent runs whose members are connected besides
	perRun  = 5  // members of one
	workers = 64 // strangers at a time
)

// Run measures everything and says whether it is as it has to be: over a path
// with loss at most twice the time of the same path without; under a flood no
// member
// loses its connection and 99 of 100 questions are answered within 5 s (strangers
// and members share the processors here).
func Run(ctx context.Context, o Options) (Figures, error) {
	if o.Object == 0 {
		o.Object = 32 << 20
	}
	if o.Delay == 0 {
		o.Delay = 80 * time.Millisecond
	}
	if o.Loss == 0 {
		o.Loss = 0.05
	}
	if o.Flood == 0 {
		o.Flood = 1000
	}
	if o.For == 0 {
		o.For = 5 * time.Second
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	var f Figures
	var err error
	if f.Transfers, err = transfers(ctx, o); err != nil {
		return f, err
	}
	if r := f.Transfers[len(f.Transfers)-1].Ratio; r > 2 {
		err = fmt.Errorf("%w: a transfer with loss takes %.2f times as long as without", ErrMissed, r)
	}
	names := []string{"payer-1", "payer-2"}
	for i := range runs * perRun {
		names = append(names, fmt.Sprintf("member-%d", i+1))
	}
	s, serr := newScene(min(o.Object, 8<<20), names...)
	if serr != nil {
		return f, serr
	}
	defer s.hub.Close()
	for _, d := range []struct {
		while   string
		disturb func(context.Context) int64
	}{
		{"nothing else", func(context.Context) int64 { return 0 }},
		{fmt.Sprintf("%d strangers a second", o.Flood), func(ctx context.Context) int64 { return flood(ctx, s, o) }},
		{fmt.Sprintf("the members of %d runs", runs), func(ctx context.Context) int64 { crowd(ctx, s, names[2:]); return 0 }},
	} {
		v, serr := service(ctx, s, o, d.while, d.disturb)
		if serr != nil {
			return f, serr
		}
		f.Services = append(f.Services, v)
		if v.P99 > 5000 && err == nil {
			err = fmt.Errorf("%w: during %s an answer takes %.0f ms", ErrMissed, d.while, v.P99)
		}
	}
	return f, err
}

// flood lets strangers connect, over QUIC and TCP in equal parts: each begins a
// real handshake, which costs the hub its part, and is away before it is refused.
func flood(ctx context.Context, s *scene, o Options) int64 {
	var begun atomic.Int64
	var wg sync.WaitGroup
	stranger, err := newMember("stranger")
	if err != nil {
		return 0
	}
	every := time.Second * workers * 2 / time.Duration(o.Flood)
	for w := range workers {
		wg.Go(func() {
			opt := s.options("convener")
			opt.Name, opt.Certificate = stranger.name, stranger.cert
			opt.NoRepair, opt.HandshakeTimeout = true, 20*time.Millisecond
			select {
			case <-time.After(every * time.Duration(w) / workers):
			case <-ctx.Done():
			}
			for tick := time.NewTicker(every); ctx.Err() == nil; {
				link.Probe(ctx, "convener", s.hub.Addr(), opt)
				begun.Add(2)
				select {
				case <-tick.C:
				case <-ctx.Done():
					tick.Stop()
				}
			}
		})
	}
	wg.Wait()
	return begun.Load()
}

// crowd connects members, each of whom asks something every second.
func crowd(ctx context.Context, s *scene, names []string) {
	var wg sync.WaitGroup
	for _, n := range names {
		wg.Go(func() {
			p, err := s.payer(ctx, n, s.hub.Addr())
			if err != nil {
				return
			}
			defer p.Close()
			c, err := p.Dial(ctx, "convener", "raft")
			if err != nil {
				return
			}
			defer c.Close()
			defer context.AfterFunc(ctx, func() { c.Close() })()
			for b := make([]byte, 64); ctx.Err() == nil; {
				if _, err := c.Write(b); err != nil {
					return
				}
				if _, err := io.ReadFull(c, b); err != nil {
					return
				}
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
			}
		})
	}
	wg.Wait()
}
