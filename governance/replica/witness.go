package replica

import (
	"encoding/hex"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// watchWitnesses holds the roots that members say in the log to have seen against this ledger. One that differs is an alarm: that member was shown
// another log, or says so. It stops nobody, since any member could write it.
func (r *Replica) watchWitnesses() {
	for seen := 0; ; {
		var fresh []rules.Witnessed
		if err := r.Wait(r.ctx, func(s *rules.State) bool { fresh = s.WitnessedFrom(seen); return len(fresh) > 0 }); err != nil {
			return
		}
		seen += len(fresh)
		for _, w := range fresh {
			if err := r.holdWitness(w); err != nil {
				r.log.Error("a witnessed root cannot be compared", "entry", w.Index, "error", err)
			}
		}
	}
}

func (r *Replica) holdWitness(w rules.Witnessed) error {
	root, err := r.ledger.RootAt(w.Size)
	if err != nil || hex.EncodeToString(root[:]) == w.Root {
		return err
	}
	theirs, err := r.ledger.Entry(w.Index)
	if err != nil {
		return err
	}
	ours := ledger.Checkpoint{Origin: r.cfg.Genesis.Ledger, Size: w.Size, Root: root}
	r.proveFork(ledger.ForkProof{Kind: ledger.ForkWitness, What: fmt.Sprintf("member %s says in entry %d that it has seen another root at this size", w.Member, w.Index),
		Index: w.Size, Ours: ours.Text(), Theirs: theirs})
	return nil
}
