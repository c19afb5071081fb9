package node

import (
	"context"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
)

// A payer shows its clock in the log when its last reading there is older than clockEvery; it looks every clockCheck. The log's time is what more than half
// of the payers' clocks have reached (package rules), so windows and dates are late by clockEvery at most while these are up.
const (
	clockEvery = 6 * time.Hour
	clockCheck = time.Minute
)

// now is the wall clock: the only one that this package reads for what it decides. Everything that waits does so on the monotonic clock.
func (s *Service) now() time.Time {
	if s.opt.Now != nil && s.genesis.Insecure {
		return s.opt.Now()
	}
	return time.Now()
}

// showClock keeps this payer's clock in the log until ctx ends. A failure is no harm: the next look tries again.
func (s *Service) showClock(ctx context.Context) {
	tick := time.NewTicker(clockCheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var last int64
		var member, frozen bool // not a member yet, while it waits to be approved
		s.replica.View(func(st *rules.State) {
			_, member = st.Member(s.cfg.Name)
			last = st.Reading(s.cfg.Name)
			_, frozen = st.Frozen()
		})
		now := s.now()
		if !member || frozen || now.Sub(time.Unix(last, 0)) < clockEvery {
			continue
		}
		short, cancel := context.WithTimeout(ctx, clockCheck)
		if _, err := s.replica.Propose(short, rules.KindClock, rules.Clock{Time: now.Unix()}); err != nil {
			s.log.Debug("the clock is not shown in the log", "error", err)
		}
		cancel()
	}
}
