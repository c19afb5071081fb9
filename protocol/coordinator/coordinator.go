package coordinator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/wire"
)

// Config is the convener's part in one run.
type Config struct {
	Keys      *identity.Keys
	Endpoint  link.Endpoint
	Authority run.Authority
	Run       string
	Dir       string // journals and boards; this run's are Dir/<run> and Dir/<run>.board

	// Table makes the canonical bytes of the release table; needed when the
	// convener is a recipient.
	Table func(*run.Manifest, []predicate.Value) ([]byte, error)

	Progress func(run.Progress) // may be nil; called from one goroutine, must not block
	Compute  chan struct{}      // bound of heavy work, see party.Config
	Log      *slog.Logger       // nil: none

	// Linger is how long the board stays up for payers that have not finished
	// when the convener has. Default 30 s; 5 s at most when the run is void.
	Linger time.Duration
	Hooks  run.Hooks
}

// Run serves a run until it is certified or void and every payer has taken what
// it needs. Outcome and error are as of party.Run.
func Run(ctx context.Context, c Config) (*run.Outcome, error) {
	m, err := c.Authority.Manifest(ctx, c.Run)
	if err != nil {
		return nil, fmt.Errorf("run %s: manifest: %w", c.Run, err)
	}
	name := c.Keys.Name()
	switch {
	case m.Run != c.Run:
		return nil, fmt.Errorf("run %s: the authority answered with the manifest of run %s", c.Run, m.Run)
	case m.Convener != name || c.Endpoint.Name() != name:
		return nil, fmt.Errorf("run %s: member %s (link %s) is not its convener", c.Run, name, c.Endpoint.Name())
	case c.Table == nil && slices.Contains(m.Recipients, name):
		return nil, fmt.Errorf("run %s: a recipient needs Table", c.Run)
	}
	members, err := driver.Members(c.Authority, m)
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Linger <= 0 {
		c.Linger = 30 * time.Second
	}
	d, err := driver.New(driver.Config{
		Config: lockstep.Config{Manifest: m, Keys: c.Keys, Members: members, Table: c.Table, Hooks: c.Hooks},
		Dir:    c.Dir, Progress: c.Progress, Compute: c.Compute, Log: c.Log,
	})
	if err != nil {
		return nil, err
	}
	b, err := newBoard(filepath.Join(c.Dir, m.Run+".board"))
	if err != nil {
		return nil, err
	}
	v := &convener{m: m, members: members, driver: d, log: c.Log, relay: newRelay(m, d.Terms().Sizes), board: b}
	v.life, v.end = context.WithCancel(context.WithoutCancel(ctx))
	services := map[string]link.Handler{wire.ServiceCommit: v.control, wire.ServicePut: v.put, wire.ServiceGet: v.get}
	for s, h := range services {
		c.Endpoint.Handle(s, v.serving(h))
	}
	outcome, err := d.Run(ctx, v)
	if outcome == nil { // it died: nobody is told, and its board stays as it is
		for s := range services {
			c.Endpoint.Handle(s, nil)
		}
		v.close()
		return nil, err
	}
	v.linger(ctx, c.Linger, outcome.Certified())
	for s := range services {
		c.Endpoint.Handle(s, nil)
	}
	v.close()
	outcome.Steps = d.Totals()
	return outcome, errors.Join(err, os.RemoveAll(b.dir))
}

// convener is the Board of the convener's driver and the handler of the
// payers' streams.
type convener struct {
	m       *run.Manifest
	members map[string]identity.Public
	driver  *driver.Driver
	log     *slog.Logger
	relay   *relay
	board   *board

	life context.Context // of all handlers
	end  context.CancelFunc

	mu     sync.Mutex // guards closed, and wg.Go against wg.Wait
	closed bool
	wg     sync.WaitGroup
}

// Publish relays a statement of the convener itself.
func (v *convener) Publish(m wire.Message) {
	switch m := m.(type) {
	case *wire.SignedCommit:
		v.relay.commit(m)
	case *wire.SignedVoid:
		v.relay.void(m)
	}
}

// Put copies the convener's own object to the board.
func (v *convener) Put(_ context.Context, o wire.Object, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	if err := v.board.receive(o, f); err != nil {
		return err
	}
	v.relay.posted(o)
	return nil
}

// Get waits until a payer has revealed an object. Its bytes were checked when
// they came.
func (v *convener) Get(ctx context.Context, o wire.Object, _ string) (string, error) {
	return v.board.wait(ctx, o.Hash)
}

// linger waits until every payer has said that it has ended; not longer than
// limit or, when the run is certified, ctx.
func (v *convener) linger(ctx context.Context, limit time.Duration, certified bool) {
	if !certified {
		limit = min(limit, 5*time.Second)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		changed := v.relay.changed()
		if v.relay.finished() {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			if certified {
				return
			}
			ctx = context.WithoutCancel(ctx) // an abort is still told, within the limit
		}
	}
}

// serving runs a handler within the convener's life and closes its stream when
// that ends.
func (v *convener) serving(h link.Handler) link.Handler {
	return func(ctx context.Context, from string, conn link.Conn) {
		v.mu.Lock()
		if v.closed {
			v.mu.Unlock()
			return
		}
		v.wg.Add(1)
		v.mu.Unlock()
		defer v.wg.Done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(v.life, cancel)()
		defer context.AfterFunc(v.life, func() { conn.Close() })()
		h(ctx, from, conn)
	}
}

func (v *convener) close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.end()
	v.wg.Wait()
}
