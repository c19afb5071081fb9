package replica

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// replayBatch is how many entries are read and verified together when a ledger or a snapshot is replayed.
const replayBatch = 256

// ordering remembers the entries that this replica, leading, has verified and put to raft, so that they are not verified a second time when they
// come back. It holds no more than the proposals that are under way.
type ordering struct {
	mu       sync.Mutex // guards prepared
	prepared map[[32]byte]*rules.Prepared
}

func (o *ordering) put(signed []byte, p *rules.Prepared) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.prepared == nil {
		o.prepared = map[[32]byte]*rules.Prepared{}
	}
	o.prepared[sha256.Sum256(signed)] = p
}

// take gives an entry out, once: a Prepared belongs to one goroutine.
func (o *ordering) take(signed []byte) *rules.Prepared {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := sha256.Sum256(signed)
	p := o.prepared[id]
	delete(o.prepared, id)
	return p
}

// prepare reads and verifies the entries that raft delivers, all at once, before they are judged in their order. It runs in raft's FSM goroutine,
// the only one that changes the state, so the state holds still without r.mu.
func (r *Replica) prepare(logs []*raft.Log) []*rules.Prepared {
	out := make([]*rules.Prepared, len(logs))
	var at []int
	var fresh [][]byte
	last := r.ledger.Last()
	for i, l := range logs {
		if l.Type != raft.LogCommand || l.Index <= last {
			continue
		}
		if out[i] = r.ordering.take(l.Data); out[i] == nil {
			at, fresh = append(at, i), append(fresh, l.Data)
		}
	}
	for i, p := range r.state.Prepare(fresh) {
		out[at[i]] = p
	}
	return out
}

// applyAll takes entries in that must all be accepted, at the indices that follow.
func applyAll(s *rules.State, records []ledger.Record) error {
	data := make([][]byte, len(records))
	for i, rec := range records {
		data[i] = rec.Data
	}
	for _, p := range s.Prepare(data) {
		i := s.Size()
		if v := s.ApplyPrepared(p); v.Refusal != nil || v.Duplicate || v.Index != i {
			return fmt.Errorf("entry %d is refused by the rules (%v)", i, v.Refusal)
		}
	}
	return nil
}
