package node

import (
	"context"
	"sync"

	"github.com/tacet-health/tacet/node/admin"
)

// events keeps a member's progress events of this process, so that a follower that comes late sees them all: a few dozen a run.
// Safe for concurrent use.
type events struct {
	mu    sync.Mutex // guards the rest
	all   []admin.Event
	fresh chan struct{} // closed and replaced at every event
	last  admin.Event
}

func newEvents() *events { return &events{fresh: make(chan struct{})} }

func (e *events) add(ev admin.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
	e.last = ev
	close(e.fresh)
	e.fresh = make(chan struct{})
}

// latest is the newest event, zero when there is none.
func (e *events) latest() admin.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

// follow calls f for every event from the first on, until ctx ends or f fails.
func (e *events) follow(ctx context.Context, f func(admin.Event) error) error {
	for i := 0; ; {
		e.mu.Lock()
		batch, fresh := e.all[i:], e.fresh
		e.mu.Unlock()
		for _, ev := range batch {
			if err := f(ev); err != nil {
				return err
			}
		}
		i += len(batch)
		if len(batch) > 0 {
			continue
		}
		select {
		case <-fresh:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
