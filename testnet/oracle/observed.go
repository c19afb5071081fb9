package oracle

import (
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/measures/risk"
)

// observation is what a model of expected values sees of a person once: a stay, or the time at a practice.
type observation struct {
	practice        string
	age             int
	female          bool
	from, to        string // days (YYYY-MM-DD) between which diagnoses count
	times, happened int64
}

// coded are a claim's ICD-10-CM codes, whether the claim stands or not: a person is as ill after a correction.
type coded struct {
	on    string
	codes []string
}

// observe makes a person's observations of a period.
var observe = map[string]func(m *member, period int) []observation{risk.Readmission: (*member).discharged, risk.Cost: (*member).costly}

// costly: one observation a practice, as often as there are months.
func (m *member) costly(period int) (out []observation) {
	first, last := yearly(period)
	for practice, p := range costPerMonth(m, period) {
		if p.Den > 0 {
			out = append(out, observation{practice, ageOn(m.birth, last), m.female(), first, last, p.Den, max(p.Num, 0) / 100})
		}
	}
	return out
}

// discharged: one observation an index stay.
func (m *member) discharged(period int) (out []observation) {
	first, last := yearly(period)
	stays, panel := m.stays(before(first, 365)[:4]+"-01-01", last), m.panel(period)
	for _, s := range stays {
		month := strings.ReplaceAll(s.to[:7], "-", "")
		thirtieth := strings.ReplaceAll(before(s.to, -30)[:7], "-", "")
		switch {
		case s.to < first || s.to > last[:4]+"-12-01" || ageOn(m.birth, s.from) < 18 || panel[month] == "" || panel[thirtieth] == "":
			continue
		case maternal(s.drg) || slices.Contains([]string{"837", "838", "839", "846", "847", "848", "849", "945", "946"}, s.drg):
			continue
		case slices.Contains([]string{"02", "05", "07", "20", "40", "41", "42", "43", "50", "51", "65", "66"}, s.disposition):
			continue
		}
		o := observation{panel[month], ageOn(m.birth, s.from), m.female(), before(s.to, 365), s.to, 1, 0}
		if slices.ContainsFunc(stays, func(n inpatient) bool { return n.from > s.to && n.from <= before(s.to, -30) }) {
			o.happened = 1
		}
		out = append(out, o)
	}
	return out
}

func yearly(period int) (first, last string) {
	d := time.Date(period, 1, 1, 0, 0, 0, 0, time.UTC)
	return d.Format(time.DateOnly), d.AddDate(1, 0, -1).Format(time.DateOnly)
}

// before is the day so many days before another; after it when they are negative.
func before(day string, days int) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // the loader refuses such a file
	}
	return d.AddDate(0, 0, -days).Format(time.DateOnly)
}

// ageOn is completed years; somebody born on 29 February has the birthday of a common year on 1 March.
func ageOn(birth time.Time, day string) int {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	age := d.Year() - birth.Year()
	if d.Month() < birth.Month() || d.Month() == birth.Month() && d.Day() < birth.Day() {
		age--
	}
	return age
}

// female is what most spans say, and female where as many say male.
func (m *member) female() bool { return m.sexes["female"] > 0 && m.sexes["female"] >= m.sexes["male"] }

// person is an observation as the fit takes it.
func (m *member) person(who int, o observation) risk.Person {
	p := risk.Person{Who: who, Age: o.age, Female: o.female, Exposure: o.times, Outcome: o.happened}
	for _, c := range m.coded {
		d, err := time.Parse(time.DateOnly, c.on)
		if err != nil || c.on < o.from || c.on > o.to {
			continue
		}
		for _, code := range c.codes {
			p.Diagnoses = append(p.Diagnoses, risk.Diagnosis{Code: code, Day: int(d.Unix() / 86400)})
		}
	}
	return p
}
