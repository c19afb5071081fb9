package replica

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

const (
	maxBatch      = 32      // entries of one batch
	maxBatchBytes = 4 << 20 // and their bytes; one entry may always be there
)

// Draft is an entry to be written.
type Draft struct {
	Kind string
	Body any
}

// ProposeAll signs drafts as this member's next entries and has them ordered, many at a time. It returns the indices of those that are in the
// ledger here, the first of the drafts first, and an error unless that is all of them. As with Propose, a refusal leaves no trace, neither of the
// entry refused nor of those after it; and when ctx ends, what is missing among the indices may still come.
func (r *Replica) ProposeAll(ctx context.Context, drafts []Draft) (indices []uint64, err error) {
	if !r.handlers.enter() {
		return nil, fmt.Errorf("propose a batch: %w", ErrStopped)
	}
	defer r.handlers.leave()
	select {
	case r.proposing <- struct{}{}:
		defer func() { <-r.proposing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("propose a batch: %w", ctx.Err())
	}
	for len(indices) < len(drafts) {
		some, err := r.proposeBatch(ctx, drafts[len(indices):])
		indices = append(indices, some...)
		if err != nil && !errors.Is(err, errBehind) {
			return indices, fmt.Errorf("propose a batch: entry %d of %d: %w", len(indices)+1, len(drafts), err)
		}
	}
	return indices, nil
}

// signBatch signs the beginning of drafts that makes one batch. seq is the first one's number.
func (r *Replica) signBatch(drafts []Draft) (batch [][]byte, hashes [][32]byte, seq uint64, err error) {
	me := r.cfg.Keys.Name()
	e := entry.Entry{Origin: r.cfg.Genesis.Ledger, Author: me, Version: rules.Version}
	r.View(func(s *rules.State) { e.Seq, e.Prev = s.Next(me) })
	seq = e.Seq
	size := 0
	for _, d := range drafts[:min(len(drafts), maxBatch)] {
		if e.Body, err = entry.Canonical(d.Body); err != nil {
			return nil, nil, 0, err
		}
		e.Kind = d.Kind
		signed, err := entry.Sign(r.cfg.Keys, e)
		if err != nil {
			return nil, nil, 0, err
		}
		if size += len(signed); len(batch) > 0 && size > maxBatchBytes {
			break
		}
		opened, err := entry.Open(signed)
		if err != nil {
			return nil, nil, 0, err
		}
		hash := opened.Hash()
		batch, hashes = append(batch, signed), append(hashes, hash)
		e.Seq, e.Prev = e.Seq+1, hex.EncodeToString(hash[:])
	}
	return batch, hashes, seq, nil
}

// proposeBatch brings one batch into the ledger and returns the indices of what is in it.
func (r *Replica) proposeBatch(ctx context.Context, drafts []Draft) ([]uint64, error) {
	if err := r.mayPropose(); err != nil {
		return nil, err
	}
	batch, hashes, seq, err := r.signBatch(drafts)
	if err != nil {
		return nil, err
	}
	// placed are the indices of the first n entries, if they are here.
	placed := func(n int) (indices []uint64, err error) {
		r.View(func(s *rules.State) {
			for i := range n {
				h, at, ok := s.Sequence(r.cfg.Keys.Name(), seq+uint64(i))
				if ok && h != hashes[i] {
					err = errBehind
				}
				if !ok || err != nil {
					return
				}
				indices = append(indices, at)
			}
		})
		return indices, err
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		turn := r.turn.next()
		if indices, err := placed(len(batch)); err != nil || len(indices) == len(batch) {
			return indices, err
		}
		done, refusal, err := r.askBatch(ctx, batch)
		if err != nil {
			r.log.Debug("a batch of proposals got no answer", "error", err)
		}
		if refusal != nil && done == 0 && refusal.Code == rules.CodeAuthorSequence {
			if err := r.catchUp(ctx, seq); err != nil {
				return nil, errors.Join(refusal, err)
			}
			continue
		}
		if done == len(batch) || refusal != nil {
			var indices []uint64
			err := r.wait(ctx, func() bool { indices, _ = placed(done); return len(indices) == done })
			if err == nil && refusal != nil {
				return indices, refusal
			}
			return indices, err
		}
		select {
		case <-turn:
		case <-time.After(pause):
		case <-ctx.Done():
			indices, _ := placed(len(batch))
			return indices, fmt.Errorf("no leader has answered for all; the rest may still be ordered: %w", ctx.Err())
		case <-r.ctx.Done():
			return nil, context.Cause(r.ctx)
		}
	}
}

// askBatch brings a batch to the leader: how many from the first on are in the log, and why the next one never will be.
func (r *Replica) askBatch(ctx context.Context, batch [][]byte) (done int, refusal *rules.Refusal, err error) {
	count := func(a answer) bool {
		if a.Status == statusDone {
			done++
		}
		refusal = a.Refusal
		return a.Status == statusDone
	}
	leader := r.Leader()
	if leader == "" {
		return 0, nil, errors.New("there is no leader")
	}
	if leader == r.cfg.Keys.Name() {
		for _, a := range r.orderBatch(batch) {
			if !count(a) {
				break
			}
		}
		return done, refusal, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*r.cfg.Heartbeat)
	defer cancel()
	stop := context.AfterFunc(r.ctx, cancel)
	defer stop()
	conn, err := r.cfg.Endpoint.Dial(ctx, leader, serviceBatch)
	if err != nil {
		return 0, nil, err
	}
	defer conn.Close()
	end := context.AfterFunc(ctx, func() { conn.Close() })
	defer end()
	for _, signed := range append(batch[:len(batch):len(batch)], nil) {
		if err := writeFrame(conn, signed); err != nil {
			return 0, nil, err
		}
	}
	for range batch {
		b, err := readFrame(conn, maxAnswer)
		if err != nil {
			return done, nil, err
		}
		a, err := decodeAnswer(b)
		if err != nil {
			return done, nil, err
		}
		if !count(a) {
			break
		}
	}
	return done, refusal, nil
}

// serveBatch answers a batch of a member, which brings its own entries only.
func (r *Replica) serveBatch(_ context.Context, from string, conn net.Conn) {
	conn.SetDeadline(time.Now().Add(30 * r.cfg.Heartbeat))
	var batch [][]byte
	for size := 0; ; {
		signed, err := readFrame(conn, entry.MaxSize)
		if err != nil {
			return
		}
		if len(signed) == 0 {
			break
		}
		if size += len(signed); len(batch) == maxBatch || len(batch) > 0 && size > maxBatchBytes {
			return
		}
		if e, err := entry.Open(signed); err != nil || e.Author != from {
			r.log.Warn("refused a batch of proposals: an entry is malformed, or not its bringer's", "from", from)
			return
		}
		batch = append(batch, signed)
	}
	for _, a := range r.orderBatch(batch) {
		if a.Refusal != nil && len(a.Refusal.Text) > 2000 {
			a.Refusal.Text = a.Refusal.Text[:2000]
		}
		b, err := entry.Canonical(a)
		if err == nil {
			err = writeFrame(conn, b)
		}
		if err != nil {
			r.log.Debug("answer to a batch of proposals is lost", "member", from, "error", err)
			return
		}
	}
}

// orderBatch puts consecutive entries of one author through Raft, all at once, and answers for each up to the first that was not taken. When
// the first would be refused, nothing else is put: the rest could not be taken either.
func (r *Replica) orderBatch(batch [][]byte) (answers []answer) {
	if len(batch) == 0 || r.raft.State() != raft.Leader {
		return []answer{{Status: statusUnknown}}
	}
	r.mu.RLock()
	prepared := r.state.Prepare(batch)
	known := make([]rules.Verdict, len(batch))
	for i, p := range prepared {
		known[i] = r.state.CheckPrepared(p)
	}
	stopped := r.stopped
	r.mu.RUnlock()
	if stopped != nil {
		return []answer{{Status: statusUnknown}}
	}
	if known[0].Refusal != nil {
		a := r.order(batch[0]) // asks again after a barrier
		if a.Status != statusDone || len(batch) == 1 {
			return []answer{a}
		}
		return append([]answer{a}, r.orderBatch(batch[1:])...)
	}
	futures := make([]raft.ApplyFuture, len(batch))
	n := 0 // entries that are put, or there already
	for ; n < len(batch); n++ {
		if known[n].Duplicate {
			continue
		}
		if !prepared[n].Verified() {
			break
		}
		futures[n] = r.put(batch[n], prepared[n])
	}
	for i := range n {
		a := answerOf(known[i])
		if futures[i] != nil {
			a = r.ordered(batch[i], futures[i])
		}
		answers = append(answers, a)
	}
	if n < len(batch) {
		answers = append(answers, answerOf(known[n]))
	}
	return answers
}
