package driver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// do carries out one piece of work; it runs in the machine's goroutine and
// leaves everything slow to others.
func (d *Driver) do(ctx context.Context, w run.Work) {
	switch w := w.(type) {
	case run.Arm:
		d.armed = w.Step.Index
		d.timer.Reset(d.cfg.Manifest.Deadlines.Of(w.Step.Kind))
	case run.Compute:
		if !d.dies(run.Entered, w.Step) {
			d.jobs <- w // one step's worth fits
		}
	case run.Absorb:
		d.jobs <- w
	case run.Sign:
		d.sign(ctx, w)
	case run.Publish:
		d.meter.add(w.Commit.Body().Step, len(w.Commit.Bytes()), 0)
		d.board.Publish(w.Commit)
		d.dies(run.Sent, d.journal.steps[w.Commit.Body().Step]) // the machine may be further by now
	case run.Upload:
		if d.dies(run.Agreed, w.Step) {
			return
		}
		if h := d.cfg.Hooks.Reveal; h != nil {
			h(w.Step)
		}
		d.wg.Go(func() { d.upload(ctx, w) })
	case run.Fetch:
		d.wg.Go(func() { d.fetch(ctx, w) })
	case run.Refuse:
		d.cfg.Log.Warn("message refused", "run", d.cfg.Manifest.Run, "why", w.Text)
	case run.End:
		d.over(w)
	}
}

// sign makes the commit and journals it. The object it names is durable since
// before Computed.
func (d *Driver) sign(ctx context.Context, w run.Sign) {
	c, err := wire.SignCommit(d.cfg.Keys, w.Commit)
	if err == nil {
		err = d.journal.commit(c, d.machine.Step())
	}
	if err != nil {
		d.tell(ctx, notice{event: run.Failed{Step: w.Commit.Step, Code: wire.Storage}, err: err})
		return
	}
	if !d.dies(run.Bound, d.machine.Step()) {
		d.tell(ctx, notice{event: run.Signed{Commit: c}})
	}
}

// over keeps the evidence and then tells everybody.
func (d *Driver) over(w run.End) {
	d.end = &w
	if d.cause == nil && w.Announce && w.Void.Code == wire.Restored && len(w.Evidence) > 0 {
		d.cause = restored(w.Void.Run, d.journal.steps[w.Evidence[len(w.Evidence)-1].Step])
	}
	files, err := d.journal.evidence(w.Evidence)
	d.kept = files
	if err != nil && d.cause == nil {
		d.cause = err
	}
	if w.Void == nil || !w.Announce {
		return
	}
	v, err := wire.SignVoid(d.cfg.Keys, *w.Void)
	if err != nil {
		if d.cause == nil {
			d.cause = err
		}
		return
	}
	d.board.Publish(v)
}

func (d *Driver) upload(ctx context.Context, w run.Upload) {
	o := wire.Object{Run: d.cfg.Manifest.Run, Manifest: d.cfg.Manifest.Hash, Step: w.Step.Index, Member: d.self, Hash: w.Object, Size: w.Size}
	if err := d.board.Put(ctx, o, d.journal.object(w.Step)); err != nil {
		if ctx.Err() == nil {
			d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.Storage}, err: err})
		}
		return
	}
	if d.dies(run.Revealed, w.Step) {
		return
	}
	d.moved(w.Step.Index, w.Size, 0)
	d.post(notice{event: run.Uploaded{Step: w.Step.Index}})
}

func (d *Driver) fetch(ctx context.Context, w run.Fetch) {
	o := wire.Object{Run: d.cfg.Manifest.Run, Manifest: d.cfg.Manifest.Hash, Step: w.Step.Index, Member: w.Member, Hash: w.Object, Size: w.Size}
	path, err := d.board.Get(ctx, o, d.journal.fetched(w.Step, w.Member))
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return
	case errors.Is(err, objects.ErrWrong):
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.BadObject, Member: w.Member}})
		return
	default:
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.Storage}, err: err})
		return
	}
	d.mu.Lock()
	d.files[w.Member] = path
	d.mu.Unlock()
	d.moved(w.Step.Index, 0, w.Size)
	d.post(notice{event: run.Fetched{Step: w.Step.Index, Member: w.Member}})
}

// compute is the goroutine of all heavy work.
func (d *Driver) compute(ctx context.Context) {
	for {
		select {
		case w := <-d.jobs:
			switch w := w.(type) {
			case run.Compute:
				d.computeStep(ctx, w)
			case run.Absorb:
				d.absorb(ctx, w)
			}
		case <-ctx.Done():
			return
		}
	}
}

// token waits for a permission to compute; never while waiting for a person or
// the network.
func (d *Driver) token(ctx context.Context) (release func(), err error) {
	if d.cfg.Compute == nil {
		return func() {}, nil
	}
	select {
	case d.cfg.Compute <- struct{}{}:
		return func() { <-d.cfg.Compute }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (d *Driver) computeStep(ctx context.Context, w run.Compute) {
	if bindsBefore(w.Step) {
		if err := d.bind(ctx, w.Step, w.Transcript); err != nil {
			d.unbound(ctx, w.Step, err)
			return
		}
	}
	if w.Step.Kind != run.Prepare { // there the vector may wait for an operator
		release, err := d.token(ctx)
		if err != nil {
			return
		}
		defer release()
	}
	e, failed, stored := d.result(ctx, w)
	code := wire.Evaluation
	switch {
	case ctx.Err() != nil || d.dead():
		return
	case failed == nil && stored == nil:
		if w.Step.Kind == run.Prepare {
			if err := d.bind(ctx, w.Step, e.Object); err != nil {
				d.unbound(ctx, w.Step, err)
				return
			}
		}
		d.post(notice{event: e})
		return
	case failed == nil:
		code, failed = wire.Storage, stored
	case errors.Is(failed, run.ErrQuality):
		code = wire.Quality
	case errors.Is(failed, lockstep.ErrDeclined):
		code = wire.Declined
	case errors.Is(failed, predicate.ErrSpoiled):
		code = wire.Spoiled
	}
	d.post(notice{event: run.Failed{Step: w.Step.Index, Code: code}, err: failed})
}

// result computes a step and makes what came out durable; or, in a step that an
// earlier life recorded, computes the state alone. failed is of the computation,
// stored of the disk.
func (d *Driver) result(ctx context.Context, w run.Compute) (e run.Computed, failed, stored error) {
	j := d.journal
	e.Step = w.Step.Index
	if e.Step < len(j.done) {
		past := j.done[e.Step]
		e.Object, e.Size = past.Object, past.Size
		var commitment wire.Hash
		e.State, commitment, failed = d.member.Compute(ctx, w, nil)
		if failed == nil && (e.State != past.State || !w.Object && commitment != past.Object) {
			failed = fmt.Errorf("step %s comes to another state than the journal has; start a new run", w.Step)
		}
		return e, failed, nil
	}
	if w.Object {
		e.Object, e.Size, stored = objects.Create(j.object(w.Step), func(out io.Writer) error {
			e.State, _, failed = d.member.Compute(ctx, w, out)
			return failed
		})
	} else {
		e.State, e.Object, failed = d.member.Compute(ctx, w, io.Discard)
	}
	if failed != nil || stored != nil || d.dies(run.Made, w.Step) || j.sealing == nil {
		return e, failed, stored
	}
	secrets, err := d.member.Secrets()
	if err != nil {
		return e, err, nil
	}
	defer secrets.Wipe()
	stored = j.record(w.Step, done{State: e.State, Object: e.Object, Size: e.Size}, secrets, d.member.Table())
	if stored == nil {
		d.dies(run.Recorded, w.Step)
	}
	return e, nil, stored
}

func (d *Driver) absorb(ctx context.Context, w run.Absorb) {
	path := d.journal.object(w.Step)
	if w.Member != d.self {
		d.mu.Lock()
		path = d.files[w.Member]
		d.mu.Unlock()
	}
	release, err := d.token(ctx)
	if err != nil {
		return
	}
	defer release()
	f, err := os.Open(path)
	if err != nil {
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.Storage}, err: fmt.Errorf("read the object of %s: %w", w.Member, err)})
		return
	}
	err = d.member.Absorb(w, f)
	f.Close()
	if path == d.journal.fetched(w.Step, w.Member) {
		os.Remove(path) // a left-over is removed with the journal
	}
	var disk *fs.PathError
	switch {
	case err == nil:
		d.post(notice{event: run.Absorbed{Step: w.Step.Index, Member: w.Member}})
	case errors.As(err, &disk):
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.Storage}, err: err})
	case w.Member == d.self:
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.Evaluation}, err: err})
	default:
		d.cfg.Log.Warn("object refused", "run", d.cfg.Manifest.Run, "why", err)
		d.post(notice{event: run.Failed{Step: w.Step.Index, Code: wire.BadShare, Member: w.Member}})
	}
}
