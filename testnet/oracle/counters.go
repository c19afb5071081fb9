package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// counters are measures that count more than people: what one person adds to the practices. Sums are divided by units at the end.
var counters = map[string]struct {
	count            func(m *member, period int) map[string]Pair
	unitNum, unitDen int64
}{
	"qu-ed":   {visitsPerMonth, 1, 12},
	"qu-adm":  {staysPerMonth, 1, 12},
	"qk-tcoc": {costPerMonth, 10000, 12},
}

// units divides a practice's sums, rounded half up; less than nothing is nothing.
func units(p Pair, num, den int64) Pair {
	div := func(n, unit int64) int64 {
		if n <= 0 {
			return 0
		}
		return (n + unit/2) / unit
	}
	return Pair{div(p.Num, num), div(p.Den, den)}
}

// panel says at which practice a person counts in each month of the period, by YYYYMM: covered and alive on the 15th.
func (m *member) panel(period int) map[string]string {
	out := map[string]string{}
	for month := 1; month <= 12; month++ {
		middle := time.Date(period, time.Month(month), 15, 0, 0, 0, 0, time.UTC)
		covered := slices.ContainsFunc(m.spans, func(s [2]time.Time) bool { return !middle.Before(s[0]) && !middle.After(s[1]) })
		if !covered || !m.death.IsZero() && m.death.Before(middle) {
			continue
		}
		name := fmt.Sprintf("%04d%02d", period, month)
		if practice := m.practiceIn(name); practice != "" {
			out[name] = practice
		}
	}
	return out
}

// practiceIn is the practice of the last attributed month up to the month named, or else of the first one after it.
func (m *member) practiceIn(month string) string {
	if len(m.months) == 0 {
		return m.practice
	}
	before, after := "", ""
	for known := range m.months {
		if known <= month && known > before {
			before = known
		}
		if known > month && (after == "" || known < after) {
			after = known
		}
	}
	if before != "" {
		return m.months[before]
	}
	return m.months[after]
}

// monthly makes pairs of a person's months and of events by day (YYYY-MM-DD).
func (m *member) monthly(period int, events map[string]int64) map[string]Pair {
	pairs, panel := map[string]Pair{}, m.panel(period)
	for _, practice := range panel {
		p := pairs[practice]
		p.Den++
		pairs[practice] = p
	}
	for day, n := range events {
		if practice, ok := panel[day[:4]+day[5:7]]; ok {
			p := pairs[practice]
			p.Num += n
			pairs[practice] = p
		}
	}
	return pairs
}

// inpatient is an acute inpatient stay; the claims of one stay overlap, touch, or follow within a day.
type inpatient struct {
	from, to, drg string
	disposition   string // of the claim that ends last
	last          [2]string
}

func (m *member) stays(first, last string) []inpatient {
	var claims []inpatient
	for _, c := range m.claims {
		if bill := strings.TrimPrefix(c.bill, "0"); !strings.HasPrefix(bill, "11") {
			continue
		}
		s := inpatient{from: c.on, to: c.on, drg: c.drg, disposition: c.disposition}
		if c.to != "" {
			s.to = c.to
		}
		if c.admitted != "" {
			s.from = c.admitted
		}
		if c.discharged != "" {
			s.to = c.discharged
		}
		s.last = [2]string{s.to, s.from}
		if s.from >= first && s.from <= last {
			claims = append(claims, s)
		}
	}
	slices.SortFunc(claims, func(a, b inpatient) int {
		return strings.Compare(a.from+a.to+a.drg, b.from+b.to+b.drg)
	})
	var out []inpatient
	for _, c := range claims {
		if n := len(out); n > 0 && c.from <= dayAfter(out[n-1].to) {
			switch s := &out[n-1]; {
			case c.last == s.last:
				s.disposition = min(s.disposition, c.disposition)
			case c.last[0] > s.last[0] || c.last[0] == s.last[0] && c.last[1] > s.last[1]:
				s.disposition, s.last = c.disposition, c.last
			}
			out[n-1].to = max(out[n-1].to, c.to)
			continue
		}
		out = append(out, c)
	}
	return out
}

func dayAfter(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // the loader refuses such a file
	}
	return d.AddDate(0, 0, 1).Format(time.DateOnly)
}

// visitsPerMonth is qu-ed.
func visitsPerMonth(m *member, period int) map[string]Pair {
	first, last := fmt.Sprintf("%04d-01-01", period), fmt.Sprintf("%04d-12-31", period)
	admitted := map[string]bool{}
	for _, s := range m.stays(first, dayAfter(last)) {
		admitted[s.from] = true
	}
	events := map[string]int64{}
	for _, c := range m.claims {
		emergency := strings.HasPrefix(c.revenue, "045") || c.revenue == "0981" || c.place == "23"
		if emergency && c.on >= first && c.on <= last && !admitted[c.on] && !admitted[dayAfter(c.on)] {
			events[c.on] = 1
		}
	}
	return m.monthly(period, events)
}

// staysPerMonth is qu-adm. Who was in hospital before the year and is transferred in it does not begin a stay.
func staysPerMonth(m *member, period int) map[string]Pair {
	events := map[string]int64{}
	for _, s := range m.stays(fmt.Sprintf("%04d-01-01", period-1), fmt.Sprintf("%04d-12-31", period)) {
		if !maternal(s.drg) {
			events[s.from]++
		}
	}
	return m.monthly(period, events)
}

// maternal: pregnancy, birth and newborns among the MS-DRG.
func maternal(drg string) bool {
	return drg >= "765" && drg <= "770" || drg >= "774" && drg <= "798" || drg >= "805" && drg <= "807" || drg >= "817" && drg <= "819" || drg >= "831" && drg <= "833"
}

// costPerMonth is qk-tcoc, in cents, at most $100,000 at a practice.
func costPerMonth(m *member, period int) map[string]Pair {
	events := map[string]int64{}
	for _, c := range m.money {
		if c.balance > 0 {
			events[c.on] += c.cents
		} else {
			events[c.on] -= c.cents
		}
	}
	for _, f := range m.fills {
		events[f.on] += f.cents
	}
	pairs := m.monthly(period, events)
	for practice, p := range pairs {
		pairs[practice] = Pair{min(p.Num, 100_000_00), p.Den}
	}
	return pairs
}

// visitsByClinician counts visit days of the period at places of primary care per clinician, and in all.
func (m *member) visitsByClinician(period int) (by map[string]int64, all int64) {
	by = map[string]int64{}
	seen := map[[2]string]bool{}
	for _, c := range m.claims {
		clinician := c.rendering
		if clinician == "" {
			clinician = c.billing
		}
		if clinician == "" || c.kind != "professional" || !within(c.on, period, 1) || seen[[2]string{clinician, c.on}] ||
			!slices.Contains(primaryVisits, c.hcpcs) || !slices.Contains(primaryPlaces, c.place) {
			continue
		}
		seen[[2]string{clinician, c.on}] = true
		by[clinician]++
		all++
	}
	return by, all
}

var primaryVisits = []string{"G0402", "G0438", "G0439", "G0463", "G0466", "G0467", "G0468", "T1015"}

// continuous is qa-coc: the chance that two visits drawn are with the same clinician is at least 0.7.
func continuous(m *member, period int) (den, num bool) {
	by, all := m.visitsByClinician(period)
	same := int64(0) // ordered pairs of visits with one clinician
	for _, n := range by {
		same += n * (n - 1)
	}
	return all >= 4, all >= 4 && 10*same >= 7*all*(all-1)
}

// usual is qa-upc: three quarters of the visits with one clinician.
func usual(m *member, period int) (den, num bool) {
	by, all := m.visitsByClinician(period)
	most := int64(0)
	for _, n := range by {
		most = max(most, n)
	}
	return all >= 3, all >= 3 && most*4 >= all*3
}
