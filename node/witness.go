package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
)

// Witness is how a seat's node witnesses the log. It cosigns every checkpoint as a payer's does; beside that it says in the log, in signed entries, which roots
// it has seen, so that whoever reads the log later can hold them against it.
type Witness struct {
	// Every is the number of entries, those of witnesses not counted, after which the node witnesses again; default 64.
	Every uint64 `toml:"every"`
}

const (
	defaultWitnessEvery = 64
	maxWitnessEvery     = 1 << 20
	gossipEvery         = time.Minute // at least, also when nothing happens in the log
)

func (w Witness) text() string {
	return fmt.Sprintf(`[witness]
# This node has the whole log, judges every entry itself and cosigns every checkpoint. After so many entries it also asks all connected members what they have
# seen, and says in the log which root it has.
every = %d
`, cmp.Or(w.Every, defaultWitnessEvery))
}

// due says whether a member witnesses now: a checkpoint that it has cosigned goes beyond the last root it has witnessed, by enough entries. Entries with which members witness
// do not count, so witnesses alone never keep each other busy.
func (w Witness) due(st *rules.State, me string, cosigned uint64) bool {
	m, ok := st.Member(me)
	if _, frozen := st.Frozen(); frozen || !ok || cosigned <= m.Joined {
		return false
	}
	since, last, others := m.Joined, uint64(0), uint64(0)
	all := st.Witnessed()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Member == me {
			since, last = all[i].Index, all[i].Size
			break
		}
		if all[i].Index < cosigned {
			others++
		}
	}
	if last == 0 { // it begins at once
		return true
	}
	return cosigned > last && cosigned > since && cosigned-1-since >= others+cmp.Or(w.Every, defaultWitnessEvery)
}

// witness asks around and puts roots on record until ctx ends or the replica stops.
func (s *Service) witness(ctx context.Context) {
	for ctx.Err() == nil {
		due := false
		short, cancel := context.WithTimeout(ctx, gossipEvery)
		err := s.replica.Wait(short, func(st *rules.State) bool {
			c, ok := s.replica.Cosigned()
			due = ok && s.cfg.Witness.due(st, s.cfg.Name, c.Size)
			return due
		})
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return // ctx ended, or the replica stopped and said so
		}
		if err := s.witnessOnce(ctx, due); err != nil && ctx.Err() == nil {
			s.log.Warn("the log is not witnessed now; it is tried again", "error", err)
			select {
			case <-time.After(gossipEvery / 12):
			case <-ctx.Done():
			}
		}
	}
}

func (s *Service) witnessOnce(ctx context.Context, due bool) error {
	ctx, cancel := context.WithTimeout(ctx, gossipEvery)
	defer cancel()
	there, err := s.replica.Gossip(ctx)
	if err != nil {
		return fmt.Errorf("compare with the other members: %w", err)
	}
	c, ok := s.replica.Cosigned()
	if !due || !ok {
		return nil
	}
	index, err := s.replica.Propose(ctx, rules.KindCheckpointWitness, rules.CheckpointWitness{Size: c.Size, Root: hex.EncodeToString(c.Root[:])})
	if err != nil {
		return err
	}
	s.log.Info("witnessed", "size", c.Size, "entry", index, "compared_with", there)
	return nil
}
