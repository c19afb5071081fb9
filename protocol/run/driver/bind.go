package driver

import (
	"context"
	"errors"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// bindsBefore says whether a payer puts on record what it is bound to before it computes a step: the transcript of all steps before. Behind
// keys-1 it fixes everybody's first key shares, behind input everybody's inputs. In prepare it puts the commitment to its vector on record,
// behind the computation.
func bindsBefore(s run.Step) bool {
	return s.Kind == run.KeysTwo || s.Kind == run.Refresh && s.Stage == 1
}

// bind waits until the log has the member's word in a step, and the word is this one.
func (d *Driver) bind(ctx context.Context, s run.Step, digest wire.Hash) error {
	if d.cfg.Bind == nil {
		return nil
	}
	err := d.cfg.Bind(ctx, s.String(), digest)
	if errors.Is(err, ErrRestored) {
		return errors.Join(restored(d.cfg.Manifest.Run, s), err)
	}
	return err
}

// unbound ends the run for a member whose word the log has otherwise, or not at all. A member that is stopped meanwhile says nothing.
func (d *Driver) unbound(ctx context.Context, s run.Step, err error) {
	if ctx.Err() != nil {
		return
	}
	code := wire.Storage
	if errors.Is(err, ErrRestored) {
		code = wire.Restored
	}
	d.post(notice{event: run.Failed{Step: s.Index, Code: code}, err: err})
}
