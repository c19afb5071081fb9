package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// floorName is a checkpoint that this member has signed with a ledger that is not there any more: a signed note, or its text alone.
const floorName = "floor"

// recovery is the state of a replica whose ledger was lost, wiped or restored from a snapshot. What it has signed before is kept by itself (the floor file) or by the
// others, in the checkpoints that carry its signature. Until its ledger has reached that again, root for root, and more than half of the payers have been
// asked, it signs no checkpoint, and votes in Raft for nobody who has less. Safe for concurrent use.
type recovery struct {
	mu    sync.Mutex // guards the rest
	on    bool
	floor *ledger.Checkpoint
	note  []byte            // the floor as a signed note, if there is one
	heads map[string]uint64 // who has answered, and the size of the newest checkpoint there
	heard bool              // more than half of the payers have answered, this one counted; or no payer is known yet
}

// Recovering says whether this replica is on its way back to what it has signed before, and how far that is.
func (r *Replica) Recovering() (bool, ledger.Checkpoint) {
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	if r.recovery.floor == nil {
		return r.recovery.on, ledger.Checkpoint{}
	}
	return r.recovery.on, *r.recovery.floor
}

func (r *Replica) openRecovery() error {
	b, err := os.ReadFile(filepath.Join(r.cfg.Dir, floorName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, bound := r.ledger.Head()
	r.recovery.heads = map[string]uint64{}
	r.recovery.on = err == nil || r.cfg.Lost && !bound
	if err != nil {
		return nil
	}
	text, _, signed := bytes.Cut(b, []byte("\n\n"))
	if signed {
		r.recovery.note, text = b, append(text, '\n')
	}
	c, err := ledger.ParseCheckpoint(text)
	if err != nil || c.Origin != r.cfg.Genesis.Ledger {
		return fmt.Errorf("%s is damaged: it says what this member has signed, and must not be smaller; restore it from a backup", floorName)
	}
	r.recovery.floor = &c
	return nil
}

// raise notes a head that a member has shown, and the floor that it means for this one.
func (r *Replica) raise(member string, s *ledger.Signed, note []byte) {
	me := r.cfg.Keys.Name()
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	r.recovery.heads[member] = 0
	if s == nil {
		return
	}
	r.recovery.heads[member] = s.Size
	if mine := r.cfg.Convener || s.Members[me]; mine && (r.recovery.floor == nil || s.Size > r.recovery.floor.Size) {
		c := s.Checkpoint
		r.recovery.floor, r.recovery.note = &c, note
	}
}

// mayElect says whether a member that asks for this replica's vote gets it as far as recovery goes: more than half of the payers have said what they have, and it
// has shown a checkpoint that is not behind what this replica has signed. (With nothing but a genesis that names no payer there is nobody to ask but the convener.) A replica that recovers has forgotten for whom it has voted and what it has acknowledged; who is behind could rewrite that.
func (r *Replica) mayElect(candidate string) bool {
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	if !r.recovery.on {
		return true
	}
	size, asked := r.recovery.heads[candidate]
	return asked && r.recovery.heard && (r.recovery.floor == nil || size >= r.recovery.floor.Size)
}

func isVote(rpc raft.RPC) bool {
	switch rpc.Command.(type) {
	case *raft.RequestVoteRequest, *raft.RequestPreVoteRequest, *raft.TimeoutNowRequest:
		return true
	}
	return false
}

// recover asks the others until this replica may sign again.
func (r *Replica) recover() {
	if on, c := r.Recovering(); !on {
		return
	} else if r.log.Warn("this member's ledger was lost, wiped or restored; it signs nothing before it has what it has signed before"); c.Size > 0 {
		r.log.Info("what this member is known to have signed", "size", c.Size)
	}
	tick := time.NewTicker(r.cfg.Heartbeat)
	defer tick.Stop()
	for {
		turn := r.turn.next()
		done, err := r.recoverOnce(r.ctx)
		if err != nil && r.ctx.Err() == nil {
			r.log.Error("recovery of the ledger", "error", err)
		}
		if done {
			r.log.Info("this member has again what it has signed before, and signs", "entries", r.ledger.Size())
			r.announce()
			return
		}
		select {
		case <-turn:
			select { // not at every entry of many
			case <-tick.C:
			case <-r.ctx.Done():
				return
			}
		case <-tick.C:
		case <-r.ctx.Done():
			return
		}
	}
}

// recoverOnce asks everybody who can be reached and ends the recovery if it can be ended.
func (r *Replica) recoverOnce(ctx context.Context) (bool, error) {
	me := r.cfg.Keys.Name()
	var others, payers []string
	r.View(func(s *rules.State) {
		payers = s.Payers()
		for _, m := range s.Members() {
			if !m.Left && m.Name != me {
				others = append(others, m.Name)
			}
		}
	})
	var wg sync.WaitGroup
	for _, m := range others {
		wg.Go(func() {
			short, cancel := context.WithTimeout(ctx, headsTime)
			defer cancel()
			note, err := r.askHead(short, m)
			if err != nil {
				return
			}
			if len(note) == 0 {
				r.raise(m, nil, nil)
				return
			}
			// Who has signed is known when the entries are here that say with which keys; until then the member is asked again.
			if s, err := r.openSigned(note); err == nil && s.Log {
				r.raise(m, s, note)
			}
		})
	}
	wg.Wait()

	r.recovery.mu.Lock()
	floor, note := r.recovery.floor, r.recovery.note
	voices, longest := 0, uint64(0)
	for _, p := range payers {
		if _, ok := r.recovery.heads[p]; ok || p == me {
			voices++
		}
	}
	for _, size := range r.recovery.heads {
		longest = max(longest, size)
	}
	r.recovery.heard = len(payers) == 0 || 2*voices > len(payers)
	r.recovery.mu.Unlock()
	if floor != nil {
		longest = max(longest, floor.Size)
	}
	if len(payers) == 0 && !r.cfg.Convener || len(payers) > 0 && 2*voices <= len(payers) || r.ledger.Size() < longest {
		return false, nil
	}
	if floor != nil {
		if err := r.bindFloor(*floor, note); err != nil {
			return false, err
		}
	}
	if err := os.Remove(filepath.Join(r.cfg.Dir, floorName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	r.recovery.mu.Lock()
	r.recovery.on = false
	r.recovery.mu.Unlock()
	return true, nil
}

// bindFloor holds the ledger that came back against what this member has signed, and binds it there. Another root is the proof that what came back is another history.
func (r *Replica) bindFloor(c ledger.Checkpoint, note []byte) error {
	err := r.ledger.Commit(c)
	switch {
	case errors.Is(err, ledger.ErrStale):
		return nil
	case errors.Is(err, ledger.ErrBroken):
		r.cfg.Fatal(err)
	case errors.Is(err, ledger.ErrFork):
		root, e := r.ledger.RootAt(c.Size)
		if e != nil {
			return errors.Join(err, e)
		}
		theirs := note
		if theirs == nil {
			theirs = c.Text()
		}
		ours := ledger.Checkpoint{Origin: c.Origin, Size: c.Size, Root: root}
		r.proveFork(ledger.ForkProof{Kind: ledger.ForkCheckpoint, Stops: true, What: "the log that came back is not the one that this member has signed", Index: c.Size, Ours: ours.Text(), Theirs: theirs})
		r.mu.Lock()
		r.halt(fmt.Errorf("recovered ledger, size %d: %w", c.Size, err))
		r.mu.Unlock()
	}
	return err
}

func (r *Replica) recovered() bool {
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	return !r.recovery.on
}
