package replica

import (
	"io"

	"github.com/hashicorp/raft"
)

// The outgoing half of the transport. A peer's answer is held against our term as its requests are.

// AppendEntriesPipeline implements raft.Transport by refusing.
func (t *boundTransport) AppendEntriesPipeline(raft.ServerID, raft.ServerAddress) (raft.AppendPipeline, error) {
	return nil, raft.ErrPipelineReplicationNotSupported
}

// AppendEntries implements raft.Transport.
func (t *boundTransport) AppendEntries(id raft.ServerID, a raft.ServerAddress, q *raft.AppendEntriesRequest, r *raft.AppendEntriesResponse) error {
	p, err := t.peer(string(id))
	if err != nil {
		return err
	}
	if err := p.AppendEntries(id, a, q, r); err != nil {
		return err
	}
	if err := guardTerm(r.Term, t.term()); err != nil {
		return err
	}
	if r.Term > q.Term {
		t.adopt(id, r.Term)
	}
	return nil
}

// adopt tells our raft of a newer term that a follower has. The Raft paper (5.1) has every server take over a newer term from a
// response; raft v1.8.0 steps down but keeps its term. Were the follower a non-voter, which raft never asks for a vote, the
// leader would be elected and step down again as many times as the terms are apart. A vote request is the one RPC that only
// carries a term: with an empty log behind it, it cannot be granted.
func (t *boundTransport) adopt(peer raft.ServerID, term uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	rpc := raft.RPC{RespChan: make(chan raft.RPCResponse, 1), Command: &raft.RequestVoteRequest{
		RPCHeader: raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte(peer), Addr: []byte(peer)},
		Term:      term, LeadershipTransfer: true}}
	t.wg.Go(func() {
		select {
		case t.out <- rpc:
		case <-t.done:
		}
	})
}

// RequestVote implements raft.Transport.
func (t *boundTransport) RequestVote(id raft.ServerID, a raft.ServerAddress, q *raft.RequestVoteRequest, r *raft.RequestVoteResponse) error {
	p, err := t.peer(string(id))
	if err != nil {
		return err
	}
	if err := p.RequestVote(id, a, q, r); err != nil {
		return err
	}
	return guardTerm(r.Term, t.term())
}

// RequestPreVote implements raft.WithPreVote, without which raft would leave pre-vote out in silence.
func (t *boundTransport) RequestPreVote(id raft.ServerID, a raft.ServerAddress, q *raft.RequestPreVoteRequest, r *raft.RequestPreVoteResponse) error {
	p, err := t.peer(string(id))
	if err != nil {
		return err
	}
	if err := p.RequestPreVote(id, a, q, r); err != nil {
		return err
	}
	return guardTerm(r.Term, t.term())
}

// InstallSnapshot implements raft.Transport.
func (t *boundTransport) InstallSnapshot(id raft.ServerID, a raft.ServerAddress, q *raft.InstallSnapshotRequest, r *raft.InstallSnapshotResponse, data io.Reader) error {
	p, err := t.peer(string(id))
	if err != nil {
		return err
	}
	if err := p.InstallSnapshot(id, a, q, r, data); err != nil {
		return err
	}
	return guardTerm(r.Term, t.term())
}

// TimeoutNow implements raft.Transport.
func (t *boundTransport) TimeoutNow(id raft.ServerID, a raft.ServerAddress, q *raft.TimeoutNowRequest, r *raft.TimeoutNowResponse) error {
	p, err := t.peer(string(id))
	if err != nil {
		return err
	}
	return p.TimeoutNow(id, a, q, r)
}
