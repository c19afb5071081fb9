package node

import (
	"encoding/hex"

	"github.com/tacet-health/tacet/governance/replica"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// standing tells what this member has signed of the log, and what is wrong with the log.
func (s *Service) standing(st *admin.Status) {
	st.Fingerprint = s.keys.Public().Fingerprint()
	s.rotation.mu.Lock()
	st.Rotating = s.rotation.next
	s.rotation.mu.Unlock()
	st.Recovering = s.recovering()
	if c, ok := s.replica.Cosigned(); ok {
		st.Cosigned = &admin.Root{Size: c.Size, Root: hex.EncodeToString(c.Root[:])}
	}
	s.replica.View(func(r *rules.State) {
		if f, ok := r.Frozen(); ok {
			st.Frozen = f.Index
		}
		for _, w := range r.Witnessed() {
			if w.Member == s.cfg.Name {
				st.Witnessed = &admin.Root{Size: w.Size, Root: w.Root, Entry: w.Index}
			}
		}
	})
	for _, a := range s.replica.Alarms() {
		st.Alarms = append(st.Alarms, admin.Alarm(a))
	}
	if err := s.replica.Err(); err != nil {
		st.Stopped = err.Error()
	}
}

// Alarms are the forks that the member has proofs of.
func (s *Service) Alarms() []replica.Alarm { return s.replica.Alarms() }
