package replica

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
)

// maxAlarms bounds how many proofs a peer that lies all the time can have this replica write.
const maxAlarms = 64

// contradicted refuses an append that holds another entry than the ledger at an applied index, and keeps both as a proof. What is applied is
// committed, and whoever is elected honestly has it; a leader of a past term, who may not know yet, is left to raft, which refuses it.
// The replica goes on: it has lost nothing, and one lying member must not be able to stop another.
func (r *Replica) contradicted(peer string, q *raft.AppendEntriesRequest) error {
	if q.Term < r.store.term.Load() {
		return nil
	}
	for _, e := range q.Entries {
		if e.Type != raft.LogCommand || e.Index > r.ledger.Last() {
			continue
		}
		at, ok := r.ledger.Find(e.Index)
		if !ok {
			continue // the rules refused it, so there is nothing to change
		}
		have, err := r.ledger.Entry(at)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, e.Data) {
			r.proveFork(ledger.ForkProof{Kind: ledger.ForkEntry, What: fmt.Sprintf("%s, leading, has another entry at an index that the ledger holds", peer), Index: at, Position: e.Index, Ours: have, Theirs: e.Data})
			return fmt.Errorf("raft entry %d of %q: %w", e.Index, peer, ledger.ErrFork)
		}
	}
	return nil
}
