package replica

import (
	"context"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// View calls f with the state. f must not keep the state or change it, and holds up the replication while it runs.
func (r *Replica) View(f func(*rules.State)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	f(r.state)
}

// Applied is the number of entries that are in the ledger here, the genesis counted. Every index below it can be read.
func (r *Replica) Applied() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state.Size()
}

// Err is why this replica has stopped, nil while it runs.
func (r *Replica) Err() error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.stopped
}

// mayPropose fails when the replica has stopped, and with a refusal when its member has left: who is out of the replication hears of no leader that could
// refuse it.
func (r *Replica) mayPropose() error {
	if err := r.Err(); err != nil {
		return err
	}
	if me := r.cfg.Keys.Name(); r.wasMember(me) && !r.isMember(me) {
		return &rules.Refusal{Code: rules.CodeNotMember, Text: fmt.Sprintf("%q has left", me)}
	}
	return nil
}

// Wait returns when cond holds of the state, now or after some entry. It fails when ctx ends or the replica stops.
func (r *Replica) Wait(ctx context.Context, cond func(*rules.State) bool) error {
	return r.wait(ctx, func() bool {
		r.mu.RLock()
		defer r.mu.RUnlock()
		return cond(r.state)
	})
}

func (r *Replica) wait(ctx context.Context, cond func() bool) error {
	for {
		turn := r.turn.next()
		if cond() {
			return nil
		}
		if err := r.Err(); err != nil {
			return err
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		}
	}
}

// Entry returns the exact signed bytes of the entry at index; index 0 is the genesis.
func (r *Replica) Entry(index uint64) ([]byte, error) { return r.ledger.Entry(index) }

// Entries returns the signed bytes of the entries from (included) to to (excluded).
func (r *Replica) Entries(from, to uint64) ([][]byte, error) {
	if from > to || to > r.ledger.Size() {
		return nil, fmt.Errorf("entries %d to %d: %w", from, to, ledger.ErrRange)
	}
	out := make([][]byte, 0, to-from)
	for i := from; i < to; i++ {
		b, err := r.ledger.Entry(i)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// proveTo returns an entry and its inclusion proof (RFC 6962) under the signed checkpoint s, which covers it.
func (r *Replica) proveTo(s *ledger.Signed, index uint64) (signed []byte, proof []ledger.Hash, checkpoint []byte, err error) {
	if signed, err = r.ledger.Entry(index); err != nil {
		return nil, nil, nil, err
	}
	if proof, err = r.ledger.Inclusion(index, s.Size); err != nil {
		return nil, nil, nil, err
	}
	checkpoint, err = s.Note()
	return signed, proof, checkpoint, err
}

// Export writes the ledger as a static C2SP tiled log into a new folder, with the latest signed checkpoint.
func (r *Replica) Export(dir string) error {
	s := r.checkpoints.get()
	if s == nil {
		return fmt.Errorf("export: no checkpoint yet: %w", ledger.ErrRange)
	}
	note, err := s.Note()
	if err != nil {
		return err
	}
	return r.ledger.Export(dir, note, s.Size)
}

// Leader is the member that orders entries now, or empty.
func (r *Replica) Leader() string {
	_, id := r.raft.LeaderWithID()
	return string(id)
}

// Root is the root of the log's first size entries, the same on every replica: what is derived from the log (a run's reference string)
// takes it, and not a checkpoint, of which members may have seen different ones.
func (r *Replica) Root(size uint64) (ledger.Hash, error) { return r.ledger.RootAt(size) }
