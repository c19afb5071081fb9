package replica

import "github.com/hashicorp/raft"

// spread tells followers at once what this replica, while it leads, has committed. Raft says it with the next append only: either the next entry, or
// after CommitTimeout, which with many members must not be short, since it passes for ever, whether or not anything happens. A barrier is such an
// append: it goes through Raft's log and is no entry of the ledger. While entries follow each other closely it is left out.
func (r *Replica) spread() {
	for {
		select {
		case <-r.applied:
		case <-r.ctx.Done():
			return
		}
		if r.raft.State() != raft.Leader || r.raft.LastIndex() > r.raft.AppliedIndex() {
			continue // another leads, or what follows tells them
		}
		if err := r.await(r.raft.Barrier(5 * r.cfg.Heartbeat)); err != nil {
			r.log.Debug("followers hear of the last entries later", "error", err)
		}
	}
}
