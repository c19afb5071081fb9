package oracle

import (
	"slices"
	"strings"
	"time"
)

// holding is what one span of enrolment says of a person beside its days.
type holding struct {
	from, to                                 time.Time
	dual, subsidy, zip, race, origin, spoken string
}

// strata say in which stratum of a dimension a person is in a period; "" is the stratum unknown.
var strata = map[string]func(m *member, period int) string{
	"dual": func(m *member, period int) string {
		stratum := ""
		for _, h := range m.held {
			if h.from.Year() > period || h.to.Year() < period {
				continue
			}
			if stratum == "" {
				stratum = "neither"
			}
			if slices.Contains([]string{"1", "y", "yes", "true"}, strings.ToLower(h.subsidy)) || slices.Contains([]string{"1", "2", "3", "4", "5", "6", "8"}, strings.TrimPrefix(h.dual, "0")) {
				stratum = "dual-or-lis"
			}
		}
		return stratum
	},
	"deprivation": func(m *member, period int) string {
		if q := m.quintiles[m.last(period, func(h holding) string { return h.zip })]; q != "" {
			return "quintile-" + q
		}
		return ""
	},
	"race":      func(m *member, period int) string { return m.last(period, func(h holding) string { return h.race }) },
	"ethnicity": func(m *member, period int) string { return m.last(period, func(h holding) string { return h.origin }) },
	"language":  func(m *member, period int) string { return m.last(period, func(h holding) string { return h.spoken }) },
}

// last is a value of the latest span that began by the end of the period and has one: of equal beginnings the longest, then the smaller text.
func (m *member) last(period int, value func(holding) string) string {
	best := holding{}
	for _, h := range m.held {
		v := value(h)
		if v == "" || h.from.Year() > period {
			continue
		}
		if b := value(best); b == "" || h.from.After(best.from) || h.from.Equal(best.from) && (h.to.After(best.to) || h.to.Equal(best.to) && v < b) {
			best = h
		}
	}
	return value(best)
}

// split parts people by a dimension's strata.
func split(members map[string]*member, kind string, period int) map[string]map[string]*member {
	out := map[string]map[string]*member{}
	for id, m := range members {
		s := strings.Join(strings.Fields(strings.ToLower(strata[kind](m, period))), "-") // a name has no spaces
		if s == "" {
			s = "unknown"
		}
		if out[s] == nil {
			out[s] = map[string]*member{}
		}
		out[s][id] = m
	}
	return out
}

func (r reader) deprivation(field func(string) string) error {
	r.quintiles[field("zip_code")] = field("quintile")
	return nil
}
