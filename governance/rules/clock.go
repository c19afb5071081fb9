package rules

import (
	"slices"
	"strconv"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
)

// Clock is what a payer's clock shows, in seconds since 1970 (UTC).
type Clock struct {
	Time int64 `json:"time"`
}

// The readings that can be right: from 2020 to 2199.
const (
	minTime = 1577836800
	maxTime = 7258118400
)

const day = 24 * 3600

func validateClock(b *Clock) *Refusal {
	if b.Time < minTime || b.Time >= maxTime {
		return refuse(CodeForm, "a clock shows %d s; want the seconds since 1970 of a day from 2020 to 2199", b.Time)
	}
	return nil
}

func resolveClock(s *State, e *entry.Signed, b *Clock) (effect, *Refusal) {
	m := s.active(e.Author)
	if m.Role != RolePayer {
		return nil, refuse(CodeNotAllowed, "the log's time is the payers'; %q has the role %s", e.Author, m.Role)
	}
	if b.Time <= m.clock {
		return nil, refuse(CodeClockBack, "%q has shown %d s before; a clock goes forward", e.Author, m.clock)
	}
	return func(uint64) {
		m.clock = b.Time
		s.tick()
	}, nil
}

// tick moves the log's time to the latest moment that more than half of the present payers' clocks have reached. One that has shown no
// clock counts as not having reached it, so a minority that lies moves nothing, and a minority that is away stops nothing.
func (s *State) tick() {
	var all []int64
	for _, m := range s.members {
		if m.Role == RolePayer && !m.Left {
			all = append(all, m.clock)
		}
	}
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	s.now = max(s.now, all[(len(all)-1)/2])
}

// Now is the log's time in seconds since 1970: what windows, freezes and the age of data are counted by. It is 0 until more than half of the payers have
// shown a clock, and never goes back.
func (s *State) Now() int64 { return s.now }

// Reading is what a member's last clock entry shows, 0 when there is none.
func (s *State) Reading(member string) int64 {
	if m := s.active(member); m != nil {
		return m.clock
	}
	return 0
}

// needTime refuses what a window or a date decides while the log has no time.
func (s *State) needTime(what string) *Refusal {
	if s.now == 0 {
		return refuse(CodeNoTime, "%s goes by the log's time, and fewer than half of the payers have shown a clock", what)
	}
	return nil
}

// moment prints a log time for people.
func moment(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04") }

// year is the calendar year of a log time.
func year(t int64) int64 { return int64(time.Unix(t, 0).UTC().Year()) }

// periodEnd is the last day of a period, which is a year: min_data_age_days counts from it.
func periodEnd(period string) (int64, bool) {
	y, err := strconv.Atoi(period)
	if err != nil || len(period) != 4 || y < 1900 {
		return 0, false
	}
	return time.Date(y, time.December, 31, 0, 0, 0, 0, time.UTC).Unix(), true
}
