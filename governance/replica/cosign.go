package replica

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
)

// cosign is a payer's side of the cosign service: it keeps a stream to the convener, on which checkpoints come and
// cosignatures go, for as long as the replica runs.
func (r *Replica) cosign() {
	for pause := 50 * time.Millisecond; r.ctx.Err() == nil; pause = min(2*pause, 3*time.Second) {
		began := time.Now()
		err := r.cosignSession()
		if r.ctx.Err() != nil {
			return
		}
		if time.Since(began) > 5*time.Second {
			pause = 50 * time.Millisecond
		}
		r.log.Debug("cosigning is interrupted", "error", err)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-r.ctx.Done():
		}
	}
}

func (r *Replica) cosignSession() error {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	dial, stop := context.WithTimeout(ctx, 10*time.Second)
	conn, err := r.cfg.Endpoint.Dial(dial, r.cfg.Genesis.Convener.Name, serviceCosign)
	stop()
	if err != nil {
		return err
	}
	defer conn.Close()
	end := context.AfterFunc(ctx, func() { conn.Close() })
	defer end()
	// A first, empty frame: a stream that carries nothing may not be seen at the other end.
	if err := writeFrame(conn, nil); err != nil {
		return err
	}
	r.linked.Store(true)
	defer r.linked.Store(false)
	for {
		note, err := readFrame(conn, ledger.MaxNote)
		if err != nil {
			return err
		}
		mine, err := r.cosignOne(ctx, note)
		if err != nil {
			return err
		}
		if mine != nil {
			if err := writeFrame(conn, mine); err != nil {
				return err
			}
		}
	}
}

// cosignOne checks a checkpoint of the convener and returns this member's cosignature, or nil when it is one that needs none.
func (r *Replica) cosignOne(ctx context.Context, note []byte) ([]byte, error) {
	s, err := r.openSigned(note)
	if errors.Is(err, ledger.ErrNobody) {
		return nil, nil // of somebody who has left or has other keys since
	}
	if err != nil {
		return nil, err
	}
	if !s.Log { // what was added to a checkpoint that came before
		return nil, r.more(s)
	}
	if r.ledger.Size() < s.Size {
		// Who may have signed it may only be in the entries that are still to come, and its lines come once.
		if err := r.wait(ctx, func() bool { return r.ledger.Size() >= s.Size }); err != nil {
			return nil, err
		}
		if s, err = r.openSigned(note); err != nil {
			return nil, err
		}
	}
	if err := r.meet(ctx, s, note); err != nil {
		return nil, err
	}
	if err := r.wait(ctx, r.recovered); err != nil {
		return nil, err
	}
	me := r.cfg.Keys.Name()
	if s.Members[me] || !r.known.Load() {
		return nil, nil
	}
	mine, err := r.bind(func() ([]byte, error) {
		return r.ledger.Cosign(s.Checkpoint, r.cfg.Keys.Cosigners(ledger.KeyName(s.Origin, me), time.Now())...)
	})
	switch {
	case errors.Is(err, ledger.ErrStale):
		return nil, nil // a later one is signed already and on its way
	case errors.Is(err, ledger.ErrBroken):
		r.cfg.Fatal(err)
	}
	return mine, err
}

func (r *Replica) openSigned(note []byte) (*ledger.Signed, error) {
	v, err := r.verifiers()
	if err != nil {
		return nil, err
	}
	return ledger.OpenSigned(note, v)
}

// more takes cosignatures of a checkpoint that this replica has from the convener, signed and compared with its own ledger. Those of an earlier one are of no use.
func (r *Replica) more(s *ledger.Signed) error {
	newest := r.checkpoints.get()
	switch {
	case newest != nil && s.Size < newest.Size:
		return nil
	case newest == nil || newest.Checkpoint != s.Checkpoint:
		return errors.New("checkpoint is not signed by the convener")
	}
	added, err := r.checkpoints.learn(s)
	if added {
		r.turn.wake()
	}
	return err
}

// preferConvener gives the leadership to the convener whenever this payer has it and the convener can be reached: every other
// way to a payer goes through the convener anyway.
func (r *Replica) preferConvener() {
	convener := raft.ServerID(r.cfg.Genesis.Convener.Name)
	tick := time.NewTicker(5 * r.cfg.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			return
		}
		if r.raft.State() != raft.Leader || !r.linked.Load() {
			continue
		}
		if err := r.await(r.raft.LeadershipTransferToServer(convener, raft.ServerAddress(convener))); err != nil {
			r.log.Debug("leadership stays here", "error", err)
		}
	}
}
