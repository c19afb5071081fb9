package replica

import (
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/rules"
)

// keepMembership brings Raft's configuration in line with the log, at the convener, while it leads: a member of the log becomes a
// non-voter when it connects and, if it is a payer, a voter when it has caught up, which its cosignature shows (counsel, seats and observers receive the log and order nothing); who has left is removed, after a
// while in which it can still receive its own farewell. There is no other way into the configuration. One change at a time; a crash in between leaves a valid configuration and
// the rest is done after the restart.
func (r *Replica) keepMembership() {
	tick := time.NewTicker(r.cfg.Heartbeat)
	defer tick.Stop()
	left := map[string]time.Time{} // when a departure was first seen here
	for {
		turn := r.turn.next()
		for r.raft.State() == raft.Leader && r.ctx.Err() == nil {
			changed, err := r.changeMembership(left)
			if err != nil {
				r.log.Debug("membership change failed; it is tried again", "error", err)
			}
			if !changed || err != nil {
				break
			}
		}
		select {
		case <-turn:
		case <-tick.C:
		case <-r.ctx.Done():
			return
		}
	}
}

// changeMembership makes one change if one is due.
func (r *Replica) changeMembership(left map[string]time.Time) (bool, error) {
	f := r.raft.GetConfiguration()
	if err := f.Error(); err != nil {
		return false, err
	}
	suffrage := map[string]raft.ServerSuffrage{}
	for _, s := range f.Configuration().Servers {
		suffrage[string(s.ID)] = s.Suffrage
	}
	var members []rules.Member
	r.View(func(s *rules.State) { members = s.Members() })
	limit := 10 * r.cfg.Heartbeat
	connected := r.publisher.connected()
	newest := r.checkpoints.get()
	for _, m := range members {
		how, in := suffrage[m.Name]
		id, at := raft.ServerID(m.Name), raft.ServerAddress(m.Name)
		switch {
		case m.Left && in:
			if _, seen := left[m.Name]; !seen {
				left[m.Name] = time.Now()
			}
			if connected[m.Name] && time.Since(left[m.Name]) < limit {
				continue
			}
			r.log.Info("member has left and is taken out of the replication", "payer", m.Name)
			return true, r.raft.RemoveServer(id, 0, limit).Error()
		case m.Left || m.Role == rules.RoleConvener || !connected[m.Name]:
		case !in:
			r.log.Info("member has connected and receives the log", "member", m.Name)
			return true, r.raft.AddNonvoter(id, at, 0, limit).Error()
		case m.Role == rules.RolePayer && how == raft.Nonvoter && newest != nil && newest.Members[m.Name] && newest.Size == r.ledger.Size():
			r.log.Info("payer has caught up and votes", "payer", m.Name)
			return true, r.raft.AddVoter(id, at, 0, limit).Error()
		}
	}
	return false, nil
}
