package testnet

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/node/admin"
)

// watch turns the members' progress events into one line per protocol step: a step is done when the last member is done with it.
type watch struct {
	p       *progress
	members int
	wg      sync.WaitGroup
	mu      sync.Mutex // guards the rest
	steps   map[string]*timing
	last    time.Time // when the step before was done by all
}

func newWatch(p *progress, members int) *watch {
	return &watch{p: p, members: members, steps: map[string]*timing{}, last: time.Now()}
}

func (w *watch) follow(ctx context.Context, c *admin.Client) {
	w.wg.Go(func() { c.Events(ctx, w.event) })
}

func (w *watch) wait() { w.wg.Wait() }

func (w *watch) event(e admin.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.steps[e.Step]
	if t == nil {
		t = &timing{Step: e.Step, Sent: map[string]uint64{}, Received: map[string]uint64{}}
		w.steps[e.Step] = t
		w.p.working(e.Step)
	}
	if e.Phase != "done" {
		return
	}
	t.Sent[e.Member], t.Received[e.Member] = e.Sent, e.Received
	if len(t.Sent) == w.members {
		now := time.Now()
		t.Seconds, w.last = now.Sub(w.last).Seconds(), now
		t.PeakRSS = w.p.rss()
		w.p.record(*t)
		w.p.line(e.Step, fmt.Sprintf("%5.1f s; %s sent by each payer", t.Seconds, size(largestPayer(t.Sent))))
	}
}

func largestPayer(sent map[string]uint64) uint64 {
	var v []uint64
	for m, n := range sent {
		if m != convener {
			v = append(v, n)
		}
	}
	if len(v) == 0 {
		return 0
	}
	return slices.Max(v)
}

func size(n uint64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
