package party

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// farewell is how long an ended payer tries to tell the convener so.
const farewell = 3 * time.Second

// Config is a payer's part in one run.
type Config struct {
	Keys      *identity.Keys
	Endpoint  link.Endpoint
	Authority run.Authority
	Run       string
	Dir       string // journals; this run's is Dir/<run>

	// Vector gives the payer's numerators and denominators in cell order; it may
	// wait for the operator's consent as long as the manifest's Prepare deadline.
	// An error ends the run for everyone (declined) before any key exists; its
	// text stays with this member. It is called once.
	Vector func(context.Context, *run.Manifest) (num, den []int64, err error)
	// Table makes the canonical bytes of the release table from the opened values
	// in cell order: the same bytes at every recipient.
	Table func(*run.Manifest, []predicate.Value) ([]byte, error)

	Progress func(run.Progress) // may be nil; called from one goroutine, must not block
	// Compute bounds heavy work of members in one process: its capacity is the
	// number of computations at a time (each sends a token before and receives it
	// afterwards). Nil: no bound.
	Compute chan struct{}
	// Sealing keeps the payer's secrets over a restart, sealed in its journal. Nil:
	// in memory only.
	Sealing *objects.Sealing
	// Bind: see driver.Config. Nil: no record in the log.
	Bind func(ctx context.Context, step string, digest wire.Hash) error
	// Memory bounds the member's part of the run, in bytes (predicate.Plan.Memory);
	// what waits beyond it waits in the run's folder. 0: no bound.
	Memory int64
	Log    *slog.Logger // nil: none
	Hooks  run.Hooks
}

// Run takes part in a run until it is certified or void. The outcome is nil
// only when the run could not be begun (no manifest, no journal, or
// driver.ErrEnded: see driver.Past). With an outcome, the error is set when the run is void for
// a reason found by this member alone: its vector, its disk, its computation,
// ctx. Cancelling ctx voids the run for everyone; with Sealing it stops this
// payer and nothing else: the outcome is nil, the error driver.ErrStopped, and
// Run on the same folder goes on where it was.
func Run(ctx context.Context, c Config) (*run.Outcome, error) {
	m, err := c.Authority.Manifest(ctx, c.Run)
	if err != nil {
		return nil, fmt.Errorf("run %s: manifest: %w", c.Run, err)
	}
	name := c.Keys.Name()
	switch {
	case m.Run != c.Run:
		return nil, fmt.Errorf("run %s: the authority answered with the manifest of run %s", c.Run, m.Run)
	case !slices.Contains(m.Payers, name) || c.Endpoint.Name() != name:
		return nil, fmt.Errorf("run %s: member %s (link %s) is no payer of it", c.Run, name, c.Endpoint.Name())
	case c.Vector == nil || c.Table == nil:
		return nil, fmt.Errorf("run %s: a payer needs Vector and Table", c.Run)
	}
	members, err := driver.Members(c.Authority, m)
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d, err := driver.New(driver.Config{
		Config: lockstep.Config{Manifest: m, Keys: c.Keys, Members: members, Vector: c.Vector, Table: c.Table, Hooks: c.Hooks, Memory: c.Memory},
		Dir:    c.Dir, Progress: c.Progress, Compute: c.Compute, Sealing: c.Sealing, Bind: c.Bind, Log: c.Log,
	})
	if err != nil {
		return nil, err
	}
	// The streams outlive ctx by the farewell: a cancelled payer still says that
	// it is.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s := newStreams(c.Endpoint, m, members, d, c.Log)
	var wg sync.WaitGroup
	wg.Go(func() { s.control(life) })
	outcome, err := d.Run(ctx, s)
	if outcome == nil { // stopped: no farewell, it comes back
		end()
		wg.Wait()
		return nil, err
	}
	s.close()
	stop := time.AfterFunc(farewell, end)
	wg.Wait()
	stop.Stop()
	end()
	return outcome, err
}
