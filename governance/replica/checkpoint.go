package replica

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/tacet-health/tacet/governance/ledger"
)

const checkpointName = "checkpoint"

// checkpoints is the newest signed checkpoint that this replica has verified and found to be a state of its own ledger.
type checkpoints struct {
	mu     sync.Mutex // guards newest
	newest *ledger.Signed
}

func (c *checkpoints) get() *ledger.Signed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest
}

// learn takes a checkpoint that is newer, or has more signatures, and says whether it was.
func (c *checkpoints) learn(s *ledger.Signed) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.newest == nil || s.Size > c.newest.Size {
		c.newest = s
		return true, nil
	}
	if s.Size < c.newest.Size {
		return false, nil
	}
	merged, added, err := c.newest.Merge(s)
	if err != nil {
		return false, err
	}
	c.newest = merged
	return added, nil
}

// openCheckpoints reads the checkpoint kept from last time. It is a convenience: what does not verify is forgotten and comes
// again from the convener.
func (r *Replica) openCheckpoints() error {
	b, err := os.ReadFile(filepath.Join(r.cfg.Dir, checkpointName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := r.openSigned(b)
	if err != nil || !s.Log {
		r.log.Warn("the checkpoint kept from last time does not verify and is forgotten", "error", err)
		return nil
	}
	if root, err := r.ledger.RootAt(s.Size); err != nil || root != s.Root {
		r.log.Warn("the checkpoint kept from last time is not one of this ledger and is forgotten", "size", s.Size)
		return nil
	}
	_, err = r.checkpoints.learn(s)
	return err
}

func (r *Replica) saveCheckpoint() error {
	s := r.checkpoints.get()
	if s == nil {
		return nil
	}
	b, err := s.Note()
	if err != nil {
		return err
	}
	return writeDurable(filepath.Join(r.cfg.Dir, checkpointName), b)
}

// bind puts this member's name to a checkpoint, under the deadline of every write.
func (r *Replica) bind(cosign func() ([]byte, error)) (signed []byte, err error) {
	err = withLimit(r.cfg.WriteLimit, r.cfg.Fatal, "cosigned checkpoint", func() error {
		signed, err = cosign()
		return err
	})
	return signed, err
}

// Checkpoint returns the newest checkpoint that is a state of this ledger, signed by the convener, with the cosignatures that
// have come so far: a C2SP signed note. It fails with ledger.ErrRange before the first.
func (r *Replica) Checkpoint() ([]byte, error) {
	s := r.checkpoints.get()
	if s == nil {
		return nil, fmt.Errorf("no checkpoint yet: %w", ledger.ErrRange)
	}
	return s.Note()
}

// WaitCosigned returns when one checkpoint that covers the entry at index is signed by the convener and cosigned by every member
// named (the convener's name stands for its own signature). It is the gate before every action: who acts after it knows that
// all the named have the same history, this entry in it, on their disks. It returns that checkpoint's signed note.
func (r *Replica) WaitCosigned(ctx context.Context, index uint64, members []string) ([]byte, error) {
	s, err := r.waitCosigned(ctx, index, members)
	if err != nil {
		return nil, err
	}
	return s.Note()
}

// ProveCosigned waits as WaitCosigned does and proves the entry against that very checkpoint: a newer one may have fewer cosignatures,
// and a proof that is kept must stand on its own.
func (r *Replica) ProveCosigned(ctx context.Context, index uint64, members []string) (signed []byte, proof []ledger.Hash, checkpoint []byte, err error) {
	s, err := r.waitCosigned(ctx, index, members)
	if err != nil {
		return nil, nil, nil, err
	}
	return r.proveTo(s, index)
}

// Missing is who of members has not cosigned a checkpoint over an entry, as far as this replica knows.
func (r *Replica) Missing(index uint64, members []string) []string {
	s := r.checkpoints.get()
	if !covers(s, index) {
		return members
	}
	return r.missing(s, members)
}

// missing is who of members has not cosigned s. The convener's signature is the log's own.
func (r *Replica) missing(s *ledger.Signed, members []string) (out []string) {
	for _, m := range members {
		if m != r.cfg.Genesis.Convener.Name && !s.Members[m] {
			out = append(out, m)
		}
	}
	return out
}

// covers says whether the convener has signed a state of the log that has the entry.
func covers(s *ledger.Signed, index uint64) bool { return s != nil && s.Size > index && s.Log }

func (r *Replica) waitCosigned(ctx context.Context, index uint64, members []string) (*ledger.Signed, error) {
	var found *ledger.Signed
	missing := members
	err := r.wait(ctx, func() bool {
		s := r.checkpoints.get()
		if !covers(s, index) {
			return false
		}
		found, missing = s, r.missing(s, members)
		return len(missing) == 0
	})
	if err != nil {
		return nil, fmt.Errorf("wait for a checkpoint of entry %d cosigned by %q: %w", index, missing, err)
	}
	return found, nil
}

// meet takes a checkpoint signed by the convener: it waits until this ledger is that long, compares the roots, and remembers it. The
// convener's signature under another root is the proof of a fork, and this replica stops.
func (r *Replica) meet(ctx context.Context, s *ledger.Signed, note []byte) error {
	if err := r.wait(ctx, func() bool { return r.ledger.Size() >= s.Size }); err != nil {
		return err
	}
	root, err := r.ledger.RootAt(s.Size)
	if err != nil {
		return err
	}
	if root != s.Root {
		ours := ledger.Checkpoint{Origin: s.Origin, Size: s.Size, Root: root}
		r.proveFork(ledger.ForkProof{Kind: ledger.ForkCheckpoint, Stops: true, What: "the convener signed another root at this size", Index: s.Size, Ours: ours.Text(), Theirs: note})
		err := fmt.Errorf("checkpoint of size %d: %w", s.Size, ledger.ErrFork)
		r.mu.Lock()
		r.halt(err)
		r.mu.Unlock()
		return err
	}
	added, err := r.checkpoints.learn(s)
	if added {
		r.turn.wake()
	}
	return err
}
