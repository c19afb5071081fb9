package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// binding puts this payer's word in the steps of a run on record in the log.
type binding struct {
	s *Service
	a *agreed
}

// bind returns when the log has this payer's word in a step and every participant has cosigned it. A payer that finds another word of its own
// there was here before, in a life that its directory does not know. When the log ends the run meanwhile, nothing more is said about it: bind waits for ctx,
// which ends with the member's part, and the log's reason is everybody's.
func (b binding) bind(ctx context.Context, step string, digest wire.Hash) error {
	ctx, cancel := context.WithTimeout(ctx, b.a.limits.Evaluate)
	defer cancel()
	for {
		have, ok, open := b.onRecord(step)
		if !open {
			<-ctx.Done()
			return fmt.Errorf("run %s has ended in the log: %w", b.a.run, ctx.Err())
		}
		if ok {
			if have.Digest != digest.String() {
				return fmt.Errorf("entry %d of the log, by %s itself, binds it otherwise: %w", have.Index, b.s.cfg.Name, driver.ErrRestored)
			}
			if _, err := b.s.replica.WaitCosigned(ctx, have.Index, append([]string{b.s.cfg.Convener}, b.a.payers...)); err != nil {
				return fmt.Errorf("run %s: step %s on record is not cosigned by every participant: %w", b.a.run, step, err)
			}
			return nil
		}
		_, err := b.s.replica.Propose(ctx, rules.KindRunBind, rules.RunBind{Run: b.a.run, Manifest: wire.Hash(b.a.manifest).String(), Step: step, Digest: digest.String()})
		if r, refused := errors.AsType[*rules.Refusal](err); refused && (r.Code == rules.CodeBound || r.Code == rules.CodeRunClosed) {
			err = nil // it, or the run's end, stands further on in the log than this replica has read
		}
		if err != nil {
			return fmt.Errorf("run %s: step %s not put on record: %w", b.a.run, step, err)
		}
		if err := b.s.replica.Wait(ctx, func(st *rules.State) bool {
			r, known := st.Run(b.a.run)
			_, bound := r.Binding(b.s.cfg.Name, step)
			return known && (bound || r.Status != rules.RunAuthorised)
		}); err != nil {
			return fmt.Errorf("run %s: step %s on record does not arrive: %w", b.a.run, step, err)
		}
	}
}

// onRecord looks the payer's word up in a run that is still open.
func (b binding) onRecord(step string) (have rules.Binding, ok, open bool) {
	b.s.replica.View(func(st *rules.State) {
		var r rules.Run
		if r, open = st.Run(b.a.run); open {
			have, ok = r.Binding(b.s.cfg.Name, step)
			open = r.Status == rules.RunAuthorised
		}
	})
	return have, ok, open
}
