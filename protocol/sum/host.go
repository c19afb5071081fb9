package sum

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// Holding is a round as the convener holds it.
type Holding struct {
	Keys    *identity.Keys
	Members map[string]identity.Public // of the round, and the convener
	Round   secagg.Round               // its Number is not used
	Proven  *bounded.Round             // not nil: bounds are proven in it, and it is the round in place of Round
	Dir     string                     // of this manifest alone

	Deadline time.Duration // of a step that too few are there for; default 15 min
	Grace    time.Duration // of a step that a threshold is there for; default 2 min
	Linger   time.Duration // for members that have not got the sum yet; default 30 s
	Attempts int           // default 3

	// Accept judges what a member says about the outcome; nil takes anything.
	Accept   func(out *Outcome, member string, word []byte) error
	Progress func(k secagg.Kind, waiting []string) // may be nil
	Log      *slog.Logger                          // nil: none
}

// Host answers for all rounds of a convener. Its methods may be called concurrently.
type Host struct {
	ep link.Endpoint

	mu    sync.Mutex
	held  map[[32]byte]*held
	wg    sync.WaitGroup
	close context.CancelFunc
	life  context.Context
}

// held is a round with the attempt at hand.
type held struct {
	c  *Holding
	at *attempt
}

// NewHost offers the service on an endpoint until Close.
func NewHost(ep link.Endpoint) *Host {
	h := &Host{ep: ep, held: map[[32]byte]*held{}}
	h.life, h.close = context.WithCancel(context.Background())
	ep.Handle(Service, h.serve)
	return h
}

// Close withdraws the service and waits for its streams.
func (h *Host) Close() {
	h.ep.Handle(Service, nil)
	h.mu.Lock()
	h.close()
	h.mu.Unlock()
	h.wg.Wait()
}

// failedFile says why an attempt is over, overFile why the round is with it.
const failedFile, overFile = "failed", "over"

// tooFew ends an attempt, and not yet the round.
type tooFew struct{ text string }

func (e tooFew) Error() string { return e.text }

// Hold holds a round to its end: the sum, or why there is none. When ctx ends, the convener stops as by a crash, and Hold on the same folder goes on.
func (h *Host) Hold(ctx context.Context, c Holding) (*Outcome, error) {
	c.Deadline, c.Grace, c.Linger = def(c.Deadline, 15*time.Minute), def(c.Grace, 2*time.Minute), def(c.Linger, 30*time.Second)
	if c.Attempts == 0 {
		c.Attempts = 3
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	name := c.Keys.Name()
	sc, err := schemeOf(&c.Round, c.Proven)
	if err != nil {
		return nil, err
	}
	for _, n := range append(slices.Clone(c.Round.Members), name) {
		if _, ok := c.Members[n]; !ok {
			return nil, fmt.Errorf("round: no keys of %s", n)
		}
	}
	e := &held{c: &c}
	if err := h.admit(c.Round.Manifest, e); err != nil {
		return nil, err
	}
	defer h.dismiss(c.Round.Manifest)
	var last error
	for n := 1; n <= c.Attempts; n++ {
		dir := filepath.Join(c.Dir, strconv.Itoa(n))
		if b, err := os.ReadFile(filepath.Join(dir, overFile)); err == nil {
			last = tooFew{string(b)} // in an earlier life
			break
		}
		if b, err := os.ReadFile(filepath.Join(dir, failedFile)); err == nil {
			last = tooFew{string(b)} // in an earlier life
			if _, err := os.Stat(filepath.Join(dir, "fixed."+sc.opening().String())); err == nil {
				break // and the round was, with it
			}
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("round: %w", err)
		}
		r := c.Round
		r.Number = uint64(n)
		a, err := openAttempt(sc, r, signing(c.Keys, c.Members), name, dir)
		if err != nil {
			return nil, err
		}
		h.mu.Lock()
		e.at = a
		h.mu.Unlock()
		out, err := a.hold(ctx, &c)
		if err == nil || ctx.Err() != nil {
			a.finish()
			return out, err
		}
		final := a.fixed[a.opening()] || n == c.Attempts || !errors.As(err, new(tooFew))
		c.Log.Warn("attempt over", "number", n, "why", err)
		file := failedFile
		if final {
			file = overFile
		}
		if err := objects.Replace(filepath.Join(dir, file), []byte(err.Error())); err != nil {
			return nil, fmt.Errorf("round: %w", err)
		}
		a.finish(refusal(final, err.Error()))
		if last = err; final {
			a.linger(ctx, min(c.Linger, 5*time.Second))
			break
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrOver, last)
}

func def(v, d time.Duration) time.Duration {
	if v > 0 {
		return v
	}
	return d
}

func (h *Host) admit(manifest [32]byte, e *held) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[manifest] != nil {
		return errors.New("round: it is held already")
	}
	h.held[manifest] = e
	return nil
}

func (h *Host) dismiss(manifest [32]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.held, manifest)
}

// hold takes one attempt through its steps.
func (a *attempt) hold(ctx context.Context, c *Holding) (*Outcome, error) {
	for _, k := range a.steps() {
		if k == secagg.KindList {
			if err := a.propose(); err != nil {
				return nil, err
			}
		}
		if _, err := os.Stat(filepath.Join(a.dir, "fixed."+k.String())); err != nil {
			if err := a.wait(ctx, c, k); err != nil {
				return nil, err
			}
		}
		if err := a.fix(k); err != nil {
			return nil, err
		}
	}
	out, err := a.conclude(a.sign, a.round, &a.got, a.vectors)
	if err != nil {
		return nil, err
	}
	a.heard(c, out)
	a.mu.Lock()
	a.outcome = out
	a.changed()
	a.mu.Unlock()
	a.linger(ctx, c.Linger)
	a.mu.Lock()
	defer a.mu.Unlock()
	out.Words = a.words
	return out, nil
}

// linger waits until all members have taken the end.
func (a *attempt) linger(ctx context.Context, limit time.Duration) {
	t := time.NewTimer(limit)
	defer t.Stop()
	for {
		a.mu.Lock()
		n, grown := len(a.done), a.grown
		a.mu.Unlock()
		if n == len(a.round.Members) {
			return
		}
		select {
		case <-grown:
		case <-t.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
