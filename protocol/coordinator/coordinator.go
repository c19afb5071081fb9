package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	Memory   int64              // see party.Config
	Log      *slog.Logger       // nil: none

	// Linger is how long the board stays up for payers that have not finished
	// when the convener has. Default 30 s; 5 s at most when the run is void.
	Linger time.Duration
	// Durable: the end of ctx stops the convener and says nothing to anybody, the
	// outcome is nil, the error driver.ErrStopped, and Run on the same folder goes
	// on. Without it the end of ctx makes the run void.
	Durable bool
	Hooks   run.Hooks
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
	dir := filepath.Join(c.Dir, m.Run+".board")
	d, err := driver.New(driver.Config{
		Config: lockstep.Config{Manifest: m, Keys: c.Keys, Members: members, Table: c.Table, Hooks: c.Hooks, Memory: c.Memory},
		Dir:    c.Dir, Progress: c.Progress, Compute: c.Compute, Durable: c.Durable, Log: c.Log,
	})
	if errors.Is(err, driver.ErrEnded) {
		return nil, errors.Join(err, aftermath(ctx, c, m, members, dir))
	}
	if err != nil {
		return nil, err
	}
	v, err := newConvener(ctx, c, m, members, d.Terms().Sizes, dir)
	if err != nil {
		return nil, err
	}
	v.driver = d
	v.open(c.Endpoint)
	history := v.relay.history()
	v.wg.Go(func() { // the machine of a later life hears first what this member's board knows
		for _, e := range append(history, run.Told{}) {
			d.Deliver(v.life, e)
		}
	})
	outcome, err := d.Run(ctx, v)
	if outcome == nil { // it stopped or died: nobody is told, and its board stays as it is
		return nil, errors.Join(err, v.close(c.Endpoint))
	}
	v.linger(ctx, c.Linger, outcome.Certified())
	outcome.Steps = d.Totals()
	return outcome, errors.Join(err, v.close(c.Endpoint), os.RemoveAll(dir))
}

// aftermath serves the board of a run that has ended for the convener, for payers
// that have not finished: the life before died in between.
func aftermath(ctx context.Context, c Config, m *run.Manifest, members map[string]identity.Public, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	past, err := driver.Past(c.Dir, m.Run)
	if err != nil {
		return err
	}
	sizes, err := m.Sizes()
	if err != nil {
		return err
	}
	v, err := newConvener(ctx, c, m, members, sizes, dir)
	if err != nil {
		return err
	}
	v.open(c.Endpoint)
	v.linger(ctx, c.Linger, past.Certified())
	return errors.Join(v.close(c.Endpoint), os.RemoveAll(dir))
}

// convener is the Board of the convener's driver and the handler of the
// payers' streams.
type convener struct {
	m       *run.Manifest
	members map[string]identity.Public
	driver  *driver.Driver // nil: the run has ended for the convener
	log     *slog.Logger
	relay   *relay
	board   *board

	life context.Context // of all handlers
	end  context.CancelFunc

	mu     sync.Mutex // guards closed, and wg.Go against wg.Wait
	closed bool
	wg     sync.WaitGroup
}

// services are what the convener answers while it is open.
func (v *convener) services() map[string]link.Handler {
	return map[string]link.Handler{wire.ServiceCommit: v.control, wire.ServicePut: v.put, wire.ServiceGet: v.get}
}

// newConvener opens the board with what earlier lives left on it.
func newConvener(ctx context.Context, c Config, m *run.Manifest, members map[string]identity.Public, sizes []int64, dir string) (*convener, error) {
	b, err := openBoard(dir)
	if err != nil {
		return nil, err
	}
	v := &convener{m: m, members: members, log: c.Log, relay: newRelay(m, sizes), board: b}
	if err := v.relay.restore(dir, members); err != nil {
		return nil, err
	}
	for _, o := range v.relay.objects() {
		v.there(o)
	}
	v.life, v.end = context.WithCancel(context.WithoutCancel(ctx))
	return v, nil
}

// open lets the payers in.
func (v *convener) open(ep link.Endpoint) {
	for s, h := range v.services() {
		ep.Handle(s, v.serving(h))
	}
}

// Publish relays a statement of the convener itself, whatever the disk says.
func (v *convener) Publish(m wire.Message) {
	switch m := m.(type) {
	case *wire.SignedCommit:
		v.relay.commit(m)
	case *wire.SignedVoid:
		v.relay.void(m)
	}
}

// there tells everybody of an object that the board holds already.
func (v *convener) there(o wire.Object) {
	if o.Size > 0 && v.board.holds(o.Hash) && v.relay.announced(o) {
		v.relay.posted(o)
	}
}

// count adds to the totals of a run that is not over.
func (v *convener) count(step int, sent, received int64) {
	if v.driver != nil {
		v.driver.Count(step, sent, received)
	}
}

// Put copies the convener's own object to the board.
func (v *convener) Put(_ context.Context, o wire.Object, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	if err := v.board.copy(o, f); err != nil {
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

// close ends all streams and waits for them. What is on the board stays.
func (v *convener) close(ep link.Endpoint) error {
	for s := range v.services() {
		ep.Handle(s, nil)
	}
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.end()
	v.wg.Wait()
	return v.relay.close()
}
