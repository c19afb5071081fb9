package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// settle takes claims that came twice and claims that were taken back out of a person's lines: lines of the same content are one if more were
// billed than taken back, else none. What was taken back beyond that stays in money, where it counts less than nothing.
func (m *member) settle() {
	all := merged(m.claims)
	m.claims = nil
	for _, c := range all {
		if c.balance > 0 {
			m.claims = append(m.claims, c)
		}
		if c.balance != 0 {
			m.money = append(m.money, c)
		}
	}
	m.fills = slices.DeleteFunc(merged(m.fills), func(f claim) bool { return f.balance <= 0 })
}

// merged puts lines of the same content together and sums their balance.
func merged(lines []claim) []claim {
	at := map[string]int{}
	var all []claim
	for _, c := range lines {
		i, known := at[c.content]
		if !known {
			at[c.content] = len(all)
			all = append(all, c)
			continue
		}
		all[i].balance += c.balance
		all[i].diagnoses = append(slices.Clip(all[i].diagnoses), c.diagnoses...)
		all[i].procedures = append(slices.Clip(all[i].procedures), c.procedures...)
	}
	return all
}

// plurality is the local id of the practice a person without any assignment saw on most days of the period: a professional claim at a place of primary
// care, billed by somebody in the crosswalk. The later last visit decides a tie, then the roster id.
func (m *member) plurality(period string, roster map[string]string) string {
	days := map[string]map[string]bool{}
	for _, c := range m.claims {
		practice, ok := roster[c.billing]
		if ok && c.kind == "professional" && strings.HasPrefix(c.on, period) && slices.Contains(primaryPlaces, c.place) {
			if days[practice] == nil {
				days[practice] = map[string]bool{}
			}
			days[practice][c.on] = true
		}
	}
	best, most, latest := "", 0, ""
	for _, practice := range slices.Sorted(maps.Keys(days)) {
		last := slices.Max(slices.Collect(maps.Keys(days[practice])))
		if n := len(days[practice]); n > most || n == most && last > latest {
			best, most, latest = practice, n, last
		}
	}
	return best
}

var primaryPlaces = []string{"02", "10", "11", "12", "19", "22", "49", "50", "71", "72"}

// hospice: care of a hospice in the period, by code, revenue centre or type of bill.
func (m *member) hospice(period int) bool {
	return m.claimed(period, 1, func(c claim) bool {
		return slices.Contains([]string{"Q5001", "Q5002", "Q5003", "Q5004", "Q5005", "Q5006", "Q5007", "Q5008", "Q5009", "Q5010"}, c.hcpcs) ||
			slices.Contains([]string{"0115", "0125", "0135", "0145", "0155", "0235", "0650", "0651", "0652", "0655", "0656", "0657", "0658", "0659"}, c.revenue) ||
			strings.HasPrefix(strings.TrimPrefix(c.bill, "0"), "81") || strings.HasPrefix(strings.TrimPrefix(c.bill, "0"), "82")
	})
}

// centsOf reads dollars with at most two decimals.
func centsOf(amount string) (int64, error) {
	if amount == "" {
		return 0, nil
	}
	dollars, part, _ := strings.Cut(amount, ".")
	if len(part) > 2 {
		return 0, fmt.Errorf("an amount has more than two decimals")
	}
	return strconv.ParseInt(dollars+(part + "00")[:2], 10, 64)
}
