package replica

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// ErrStopped says that this replica has stopped for good in this process; the error around it says why.
var ErrStopped = errors.New("governance replica has stopped")

// outcome is what raft.Apply's future carries back to the leader.
type outcome struct {
	verdict rules.Verdict
	err     error
}

// machine is raft's FSM: it judges entries and writes what the rules accept into the ledger.
type machine Replica

// Apply implements raft.FSM.
func (m *machine) Apply(l *raft.Log) any { return m.ApplyBatch([]*raft.Log{l})[0] }

// ApplyBatch implements raft.BatchingFSM: one fsync for the batch. The state is changed first and shown to nobody before the
// ledger has the batch; when the ledger fails, the process ends and the state with it.
func (m *machine) ApplyBatch(logs []*raft.Log) []any {
	r := (*Replica)(m)
	out := make([]any, len(logs))
	var records []ledger.Record
	prepared := r.prepare(logs)
	r.mu.Lock()
	defer r.announce()
	defer r.mu.Unlock()
	for i, l := range logs {
		if r.stopped != nil {
			out[i] = outcome{err: r.stopped}
			continue
		}
		if l.Type != raft.LogCommand {
			continue
		}
		r.delivered.Store(max(r.delivered.Load(), l.Index))
		if l.Index <= r.ledger.Last() {
			if err := r.compare(l); err != nil {
				r.halt(err)
			}
			out[i] = outcome{err: r.stopped}
			continue
		}
		v := r.state.ApplyPrepared(prepared[i])
		if v.Refusal == nil && !v.Duplicate {
			records = append(records, ledger.Record{Position: l.Index, Data: l.Data})
		}
		out[i] = outcome{verdict: v}
	}
	if len(records) > 0 {
		r.noteMembers()
		if err := r.append(records); err != nil {
			r.halt(err)
			r.cfg.Fatal(err)
			for i := range out {
				out[i] = outcome{err: r.stopped}
			}
		}
		select {
		case r.applied <- struct{}{}:
		default: // spread knows
		}
	}
	return out
}

// append writes into the ledger under the deadline.
func (r *Replica) append(records []ledger.Record) error {
	return withLimit(r.cfg.WriteLimit, r.cfg.Fatal, "ledger", func() error { return r.ledger.Append(records) })
}

// compare holds an entry that raft delivers again (after a restart) against what the ledger remembers at its index. An index
// without an entry in the ledger was refused by the rules then.
func (r *Replica) compare(l *raft.Log) error {
	at, ok := r.ledger.Find(l.Index)
	if !ok {
		return nil
	}
	have, err := r.ledger.Entry(at)
	if err != nil {
		return err
	}
	if bytes.Equal(have, l.Data) {
		return nil
	}
	r.proveFork(ledger.ForkProof{Kind: ledger.ForkEntry, Stops: true, What: "raft delivered another entry at an index that the ledger holds", Index: at, Position: l.Index, Ours: have, Theirs: l.Data})
	return fmt.Errorf("raft entry %d: %w", l.Index, ledger.ErrFork)
}

// ownSnapshot is a snapshot of this replica: a size and a root.
type ownSnapshot struct {
	size uint64
	root ledger.Hash
}

// Snapshot implements raft.FSM.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	size, root, err := m.ledger.Root()
	return &ownSnapshot{size, root}, err
}

// Persist implements raft.FSMSnapshot. The ledger is on disk already.
func (s *ownSnapshot) Persist(sink raft.SnapshotSink) error {
	k, ok := sink.(*snapshotSink)
	if !ok {
		return fmt.Errorf("snapshot into a %T", sink)
	}
	return k.local(s.size, s.root)
}

// Release implements raft.FSMSnapshot.
func (s *ownSnapshot) Release() {}

// Restore implements raft.FSM: it takes the entries that are missing here from a snapshot that was verified when it came. It never takes
// anything away. A crash in between leaves a beginning of the snapshot in the ledger; the next start restores the rest.
func (m *machine) Restore(source io.ReadCloser) error {
	r := (*Replica)(m)
	r.mu.Lock()
	defer r.announce()
	defer r.mu.Unlock()
	if r.stopped != nil {
		return r.stopped
	}
	had := r.ledger.Size()
	var batch []ledger.Record // one fsync for many
	take := func() error {
		if err := applyAll(r.state, batch); err != nil {
			return err
		}
		err := r.append(batch)
		batch = nil
		return err
	}
	size, root, err := readExport(source, func(i uint64, rec ledger.Record) error {
		if i < had {
			return r.same(i, rec)
		}
		if batch = append(batch, rec); len(batch) < replayBatch {
			return nil
		}
		return take()
	})
	if err == nil && len(batch) > 0 {
		err = take()
	}
	r.noteMembers()
	if err == nil {
		var have ledger.Hash
		if have, err = r.ledger.RootAt(size); err == nil && have != root {
			err = fmt.Errorf("snapshot of size %d: %w", size, ledger.ErrFork)
		}
	}
	if err != nil {
		// State and ledger may differ now: only a new process may go on from what the disk says.
		r.halt(err)
		if errors.Is(err, ledger.ErrBroken) {
			r.cfg.Fatal(err)
		}
		return err
	}
	return r.snapshots.taken()
}

// same holds an entry of a snapshot against the ledger's.
func (r *Replica) same(i uint64, rec ledger.Record) error {
	have, err := r.ledger.Entry(i)
	if err != nil {
		return err
	}
	pos, err := r.ledger.Position(i)
	if err != nil {
		return err
	}
	if bytes.Equal(have, rec.Data) && pos == rec.Position {
		return nil
	}
	r.proveFork(ledger.ForkProof{Kind: ledger.ForkEntry, What: "a snapshot holds another entry", Index: i, Position: rec.Position, Ours: have, Theirs: rec.Data})
	return fmt.Errorf("entry %d of the snapshot: %w", i, ledger.ErrFork)
}

// verifySnapshot reads a leader's snapshot before it is accepted: it must be at least as long as this ledger, equal to it as
// far as it goes, accepted by the rules entry by entry from the genesis on, and have the root it claims.
func (r *Replica) verifySnapshot(source io.Reader) (uint64, ledger.Hash, error) {
	var none ledger.Hash
	fresh, err := rules.New(r.cfg.Genesis)
	if err != nil {
		return 0, none, err
	}
	var tree ledger.Accumulator
	if err := tree.Add(r.genesis); err != nil {
		return 0, none, err
	}
	last := uint64(0)
	var batch []ledger.Record
	size, root, err := readExport(source, func(i uint64, rec ledger.Record) error {
		if i < r.ledger.Size() {
			if err := r.same(i, rec); err != nil {
				return err
			}
		}
		if rec.Position <= last {
			return fmt.Errorf("positions go back at entry %d", i)
		}
		last = rec.Position
		if batch = append(batch, rec); len(batch) == replayBatch {
			if err := applyAll(fresh, batch); err != nil {
				return err
			}
			batch = nil
		}
		return tree.Add(rec.Data)
	})
	if err == nil {
		err = applyAll(fresh, batch)
	}
	if err != nil {
		return 0, none, err
	}
	have, err := tree.Root()
	if err != nil {
		return 0, none, err
	}
	if have != root {
		return 0, none, errors.New("the entries do not have the root that the snapshot claims")
	}
	if n := r.ledger.Size(); size < n {
		return 0, none, fmt.Errorf("size %d would take entries away from this ledger of size %d: %w", size, n, ledger.ErrFork)
	}
	return size, root, nil
}
