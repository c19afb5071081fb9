package replica

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

// Propose signs body as this member's next entry, has it ordered, and returns its index when it is in the ledger here. A rule's refusal is
// a *rules.Refusal (errors.As) and leaves no trace. While there is no leader, or its answer is lost, Propose asks again with the same
// bytes until ctx ends: the author's sequence number makes that harmless. When ctx ends the outcome is unknown: the entry
// may still come; the next Propose of this member goes on after it.
func (r *Replica) Propose(ctx context.Context, kind string, body any) (uint64, error) {
	b, err := entry.Canonical(body)
	if err != nil {
		return 0, fmt.Errorf("propose %s: %w", kind, err)
	}
	if !r.handlers.enter() {
		return 0, fmt.Errorf("propose %s: %w", kind, ErrStopped)
	}
	defer r.handlers.leave()
	select {
	case r.proposing <- struct{}{}:
		defer func() { <-r.proposing }()
	case <-ctx.Done():
		return 0, fmt.Errorf("propose %s: %w", kind, ctx.Err())
	}
	for {
		index, err := r.proposeNext(ctx, kind, b)
		if !errors.Is(err, errBehind) {
			if err != nil {
				return 0, fmt.Errorf("propose %s: %w", kind, err)
			}
			return index, nil
		}
	}
}

// errBehind says that the ledger has an entry of this author that was not here when the proposal was signed.
var errBehind = errors.New("this replica was behind its own entries")

func (r *Replica) proposeNext(ctx context.Context, kind string, body []byte) (uint64, error) {
	if err := r.mayPropose(); err != nil {
		return 0, err
	}
	me := r.cfg.Keys.Name()
	e := entry.Entry{Origin: r.cfg.Genesis.Ledger, Author: me, Kind: kind, Version: rules.Version, Body: body}
	r.View(func(s *rules.State) { e.Seq, e.Prev = s.Next(me) })
	signed, err := entry.Sign(r.cfg.Keys, e)
	if err != nil {
		return 0, err
	}
	opened, err := entry.Open(signed)
	if err != nil {
		return 0, err
	}
	hash := opened.Hash()
	// placed says where the author's entry of that number is, once it is here.
	placed := func() (index uint64, ok bool, err error) {
		r.View(func(s *rules.State) {
			h, i, there := s.Sequence(me, e.Seq)
			if index, ok = i, there; there && h != hash {
				err = errBehind
			}
		})
		return index, ok, err
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		turn := r.turn.next()
		if index, ok, err := placed(); ok {
			return index, err
		}
		a := r.ask(ctx, signed)
		switch a.Status {
		case statusRefused:
			if a.Refusal.Code == rules.CodeAuthorSequence {
				if err := r.catchUp(ctx, e.Seq); err != nil {
					return 0, errors.Join(a.Refusal, err)
				}
				continue
			}
			return 0, a.Refusal
		case statusDone:
			err := r.wait(ctx, func() bool { _, ok, _ := placed(); return ok })
			if err != nil {
				return 0, fmt.Errorf("the entry is number %d, but has not come here: %w", a.Index, err)
			}
			continue
		}
		select {
		case <-turn:
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, fmt.Errorf("no leader has answered; the entry may still be ordered: %w", ctx.Err())
		case <-r.ctx.Done():
			return 0, context.Cause(r.ctx)
		}
	}
}

// catchUp waits until the author's entry seq, which the leader has, is here too.
func (r *Replica) catchUp(ctx context.Context, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, 20*r.cfg.Heartbeat)
	defer cancel()
	me := r.cfg.Keys.Name()
	return r.Wait(ctx, func(s *rules.State) bool { n, _ := s.Next(me); return n > seq })
}

// ask brings a signed entry to the leader.
func (r *Replica) ask(ctx context.Context, signed []byte) answer {
	leader := r.Leader()
	if leader == r.cfg.Keys.Name() {
		done := make(chan answer, 1)
		r.handlers.wg.Go(func() { done <- r.order(signed) }) // ends at the latest when raft shuts down
		select {
		case a := <-done:
			return a
		case <-ctx.Done():
		case <-r.ctx.Done():
		}
		return answer{Status: statusUnknown}
	}
	if leader == "" {
		return answer{Status: statusUnknown}
	}
	a, err := r.askLeader(ctx, leader, signed)
	if err != nil {
		r.log.Debug("proposal got no answer", "leader", leader, "error", err)
		return answer{Status: statusUnknown}
	}
	return a
}

func (r *Replica) askLeader(ctx context.Context, leader string, signed []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*r.cfg.Heartbeat)
	defer cancel()
	stop := context.AfterFunc(r.ctx, cancel)
	defer stop()
	conn, err := r.cfg.Endpoint.Dial(ctx, leader, servicePropose)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	end := context.AfterFunc(ctx, func() { conn.Close() })
	defer end()
	if err := writeFrame(conn, signed); err != nil {
		return answer{}, err
	}
	b, err := readFrame(conn, maxAnswer)
	if err != nil {
		return answer{}, err
	}
	return decodeAnswer(b)
}

// serveProposal answers one proposal of a member. Members bring their own entries only.
func (r *Replica) serveProposal(_ context.Context, from string, conn net.Conn) {
	conn.SetDeadline(time.Now().Add(30 * r.cfg.Heartbeat))
	signed, err := readFrame(conn, entry.MaxSize)
	if err != nil {
		return
	}
	a := answer{Status: statusRefused}
	switch e, err := entry.Open(signed); {
	case err != nil:
		a.Refusal = &rules.Refusal{Code: rules.CodeForm, Text: err.Error()}
	case e.Author != from:
		a.Refusal = &rules.Refusal{Code: rules.CodeNotAllowed, Text: fmt.Sprintf("%q brings an entry of %q", from, e.Author)}
	default:
		a = r.order(signed)
	}
	if a.Refusal != nil && len(a.Refusal.Text) > 2000 {
		a.Refusal.Text = a.Refusal.Text[:2000]
	}
	b, err := entry.Canonical(a)
	if err != nil {
		return
	}
	if err := writeFrame(conn, b); err != nil {
		r.log.Debug("answer to a proposal is lost", "member", from, "error", err)
	}
}

// order puts an entry through Raft if this replica leads. Entries that the rules refuse do not get that far; the refusal is
// repeated after a barrier, since this replica may not have applied all that is committed.
func (r *Replica) order(signed []byte) answer {
	unknown := answer{Status: statusUnknown}
	if r.raft.State() != raft.Leader {
		return unknown
	}
	p, v, err := r.check(signed)
	if err == nil && v.Refusal != nil {
		if err := r.await(r.raft.Barrier(5 * r.cfg.Heartbeat)); err != nil {
			return unknown
		}
		p, v, err = r.check(signed)
	}
	if err != nil {
		return unknown
	}
	if v.Refusal != nil || v.Duplicate {
		return answerOf(v)
	}
	return r.ordered(signed, r.put(signed, p))
}

// put gives an entry to raft.
func (r *Replica) put(signed []byte, p *rules.Prepared) raft.ApplyFuture {
	r.ordering.put(signed, p)
	return r.raft.Apply(signed, 5*r.cfg.Heartbeat)
}

// ordered waits for what became of an entry that was given to raft.
func (r *Replica) ordered(signed []byte, f raft.ApplyFuture) answer {
	defer r.ordering.take(signed)
	if err := r.await(f); err != nil {
		return answer{Status: statusUnknown}
	}
	o, ok := f.Response().(outcome)
	if !ok || o.err != nil {
		return answer{Status: statusUnknown}
	}
	return answerOf(o.verdict)
}

func (r *Replica) check(signed []byte) (p *rules.Prepared, v rules.Verdict, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.stopped != nil {
		return nil, v, r.stopped
	}
	p = r.state.Prepare([][]byte{signed})[0]
	return p, r.state.CheckPrepared(p), nil
}

func answerOf(v rules.Verdict) answer {
	if v.Refusal != nil {
		return answer{Status: statusRefused, Refusal: v.Refusal}
	}
	return answer{Status: statusDone, Index: v.Index}
}
