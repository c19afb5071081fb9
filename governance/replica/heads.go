package replica

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

const headsTime = 5 * time.Second // for one member's answer

// serveHead answers a member with the newest signed checkpoint that this replica has.
func (r *Replica) serveHead(_ context.Context, from string, conn net.Conn) {
	if !r.wasMember(from) {
		return
	}
	conn.SetDeadline(time.Now().Add(headsTime))
	if b, err := readFrame(conn, 0); err != nil || len(b) != 0 {
		return
	}
	var note []byte
	if s := r.checkpoints.get(); s != nil {
		var err error
		if note, err = s.Note(); err != nil {
			return
		}
	}
	if err := writeFrame(conn, note); err != nil {
		r.log.Debug("answer with the newest checkpoint is lost", "member", from, "error", err)
	}
}

// askHead asks one member, over a connection that the convener cannot read or change. It returns nil when the member has none.
func (r *Replica) askHead(ctx context.Context, member string) ([]byte, error) {
	conn, err := r.cfg.Endpoint.Dial(ctx, member, serviceHead)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := writeFrame(conn, nil); err != nil {
		return nil, err
	}
	return readFrame(conn, ledger.MaxNote)
}

// Gossip asks every present member for the newest checkpoint that it has, and holds each against this ledger as a checkpoint of the convener: a
// convener that shows members two histories cannot keep them from comparing. It returns who answered; who is not connected is not an error. Of a
// checkpoint that is longer than this ledger it waits for the entries until ctx ends.
func (r *Replica) Gossip(ctx context.Context) (answered []string, err error) {
	if !r.handlers.enter() {
		return nil, ErrStopped
	}
	defer r.handlers.leave()
	var others []string
	r.View(func(s *rules.State) {
		for _, m := range s.Members() {
			if !m.Left && m.Name != r.cfg.Keys.Name() {
				others = append(others, m.Name)
			}
		}
	})
	errs, there := make([]error, len(others)), make([]bool, len(others))
	var wg sync.WaitGroup
	for i, m := range others {
		wg.Go(func() { there[i], errs[i] = r.compareHead(ctx, m) })
	}
	wg.Wait()
	for i, m := range others {
		if there[i] {
			answered = append(answered, m)
		}
	}
	return answered, errors.Join(errs...)
}

// compareHead asks a member and compares. It is true when the member answered.
func (r *Replica) compareHead(ctx context.Context, member string) (bool, error) {
	short, cancel := context.WithTimeout(ctx, headsTime)
	defer cancel()
	stop := context.AfterFunc(r.ctx, cancel)
	defer stop()
	note, err := r.askHead(short, member)
	if err != nil {
		r.log.Debug("a member did not say what it has seen", "member", member, "error", err)
		return false, nil
	}
	if len(note) == 0 {
		return true, nil
	}
	v, err := r.verifiers()
	if err != nil {
		return true, err
	}
	s, err := ledger.OpenSigned(note, v)
	if err != nil || !s.Log {
		return true, fmt.Errorf("%s shows a checkpoint that the convener has not signed: %w", member, errors.Join(err, ErrNoCheckpoint))
	}
	return true, r.meet(ctx, s, note)
}

// ErrNoCheckpoint says that what a member showed is no checkpoint of the log.
var ErrNoCheckpoint = errors.New("not a checkpoint of this log")

// Cosigned is the last checkpoint to which this replica has put its name: it signs none that is smaller, or another of that size.
func (r *Replica) Cosigned() (ledger.Checkpoint, bool) { return r.ledger.Head() }
