package replica

import (
	"fmt"
	"path/filepath"

	"github.com/tacet-health/tacet/governance/entry"
)

// forkProof is what is left on disk when somebody shows this replica another history: both sides, for people to look at. Entries are signed by
// their authors and checkpoints by the convener, so the file proves what it says without this replica's word.
type forkProof struct {
	What     string `json:"what"`
	Index    uint64 `json:"index"`    // in the ledger
	Position uint64 `json:"position"` // in raft, 0 when it did not come through raft
	Ours     []byte `json:"ours"`
	Theirs   []byte `json:"theirs"`
}

// proveFork writes the proof beside the ledger. One file per index is enough: the first one counts.
func (r *Replica) proveFork(p forkProof) {
	path := filepath.Join(r.cfg.Dir, fmt.Sprintf("fork-%d.json", p.Index))
	b, err := entry.Canonical(p)
	if err == nil {
		err = writeDurable(path, b)
	}
	r.log.Error("GOVERNANCE FORK: somebody shows this member another history than it has; do not act on this ledger, call the other members and counsel",
		"what", p.What, "index", p.Index, "proof", path, "write_error", err)
}

// halt stops this replica for good: it applies, proposes and cosigns nothing any more. r.mu is held.
func (r *Replica) halt(err error) {
	if r.stopped != nil {
		return
	}
	r.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
	r.log.Error("governance replica stops", "error", err)
	r.cancel(r.stopped)
}
