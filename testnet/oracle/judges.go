package oracle

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// claimed: a claim of the kind in the period or the years−1 years before it.
func (m *member) claimed(period, years int, kind func(claim) bool) bool {
	return slices.ContainsFunc(m.claims, func(c claim) bool { return within(c.on, period, years) && kind(c) })
}

// tested: a result of one of the codes, in the same sense.
func (m *member) tested(period, years int, codes ...string) bool {
	return slices.ContainsFunc(m.tests, func(t test) bool { return within(t.on, period, years) && slices.Contains(codes, t.loinc) })
}

func within(day string, period, years int) bool {
	y, err := strconv.Atoi(day[:4])
	return err == nil && y <= period && y > period-years
}

// screened is qp-crc.
func screened(m *member, period int) (den, num bool) {
	if age := period - m.birth.Year(); age < 45 || age > 75 {
		return false, false
	}
	if m.claimed(period, 9999, func(c claim) bool {
		cancer := slices.ContainsFunc(c.diagnoses, func(d string) bool {
			return strings.HasPrefix(d, "C18") || strings.HasPrefix(d, "C19") || strings.HasPrefix(d, "C20") ||
				slices.Contains([]string{"C212", "C218", "C785", "Z85038", "Z85048"}, d)
		})
		return cancer || slices.ContainsFunc(c.procedures, func(p string) bool {
			return slices.Contains([]string{"0DTE0ZZ", "0DTE4ZZ", "0DTE7ZZ", "0DTE8ZZ"}, p)
		})
	}) {
		return false, false
	}
	hcpcs := func(codes ...string) func(claim) bool {
		return func(c claim) bool { return slices.Contains(codes, c.hcpcs) }
	}
	return true, m.claimed(period, 10, hcpcs("G0105", "G0121")) ||
		m.claimed(period, 10, func(c claim) bool { return slices.Contains(c.procedures, "0DJD8ZZ") }) ||
		m.claimed(period, 5, hcpcs("G0104")) ||
		m.claimed(period, 3, hcpcs("G0464")) || m.tested(period, 3, "77353-1", "77354-9") ||
		m.claimed(period, 1, hcpcs("G0328")) || m.tested(period, 1, "29771-3", "56490-6", "56491-4", "57905-2", "58453-2", "80372-6")
}

// plainNumber is a result that has a value in whole millionths; "<5" and "positive" have none.
var plainNumber = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,6}0*)?$`)

// poorControl is qc-a1c9.
func poorControl(m *member, period int) (den, num bool) {
	if age := period - m.birth.Year(); age < 18 || age > 75 {
		return false, false
	}
	dates, inpatient := map[string]bool{}, false
	for _, c := range m.claims {
		for _, d := range c.diagnoses {
			if within(c.on, period, 2) && len(d) >= 3 && slices.Contains([]string{"E08", "E09", "E10", "E11", "E13"}, d[:3]) {
				dates[c.on] = true
				inpatient = inpatient || strings.HasPrefix(c.bill, "11") || strings.HasPrefix(c.bill, "011")
			}
		}
	}
	if len(dates) < 2 && !inpatient {
		return false, false
	}
	day, lowest := "", 0.0
	for _, t := range m.tests {
		if t.loinc != "4548-4" && t.loinc != "17856-6" || !within(t.on, period, 1) || !plainNumber.MatchString(t.value) {
			continue
		}
		v, err := strconv.ParseFloat(t.value, 64) // 18 digits: too coarse only far from 9
		if err == nil && (t.on > day || t.on == day && v < lowest) {
			day, lowest = t.on, v
		}
	}
	return true, day == "" || lowest > 9
}

// seen is qa-pcp.
func seen(m *member, period int) (den, num bool) {
	return true, m.claimed(period, 1, func(c claim) bool {
		return slices.Contains([]string{"G0402", "G0438", "G0439", "G0463", "G0466", "G0467", "G0468", "T1015"}, c.hcpcs) &&
			slices.Contains([]string{"", "02", "10", "11", "12", "19", "22", "49", "50", "71", "72"}, c.place)
	})
}
