package oracle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Canonical computes the library measures named (qp-crc, qc-a1c9, qa-pcp), in that order, from one folder of canonical CSV files per payer. It walks
// people one by one and follows the measures' texts, not their SQL.
func Canonical(folders []string, period int, measures []string) ([]Counts, error) {
	counts := make([]Counts, len(measures))
	for i, id := range measures {
		counts[i].Measure = id
	}
	for _, folder := range folders {
		members, err := readMembers(folder, period)
		if err != nil {
			return nil, err
		}
		for id, m := range members {
			if m.practice == "" || !m.enrolled(period) {
				delete(members, id)
			}
		}
		for i, id := range measures {
			judge, ok := map[string]func(*member, int) (bool, bool){"qp-crc": screened, "qc-a1c9": poorControl, "qa-pcp": seen}[id]
			if !ok {
				return nil, fmt.Errorf("the oracle does not know measure %q on canonical data", id)
			}
			pairs := make(map[string]Pair)
			for _, m := range members {
				if den, num := judge(m, period); den {
					pair := pairs[m.practice]
					pair.Den++
					if num {
						pair.Num++
					}
					pairs[m.practice] = pair
				}
			}
			counts[i].Payers = append(counts[i].Payers, pairs)
		}
	}
	return counts, nil
}

type member struct {
	birth, death time.Time
	spans        [][2]time.Time
	practice     string
	month        string // of the attribution
	claims       []claim
	tests        []test
}

type claim struct {
	on, place, bill, hcpcs string // on as YYYY-MM-DD, which sorts as text
	diagnoses              []string
	procedure              string
}

type test struct{ loinc, on, value string }

func readMembers(folder string, period int) (map[string]*member, error) {
	members := make(map[string]*member)
	of := func(id string) *member {
		if members[id] == nil {
			members[id] = &member{}
		}
		return members[id]
	}
	roster := make(map[string]string)
	for _, read := range []struct {
		file    string
		columns []string
		row     func(field func(string) string) error
	}{
		{"practice_crosswalk.csv", []string{crosswalkLocal, crosswalkRoster}, func(field func(string) string) error {
			roster[field(crosswalkLocal)] = field(crosswalkRoster)
			return nil
		}},
		{"eligibility.csv", []string{"person_id", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date"}, func(field func(string) string) (err error) {
			m := of(field("person_id"))
			if m.birth, err = time.Parse(time.DateOnly, field("birth_date")); err != nil {
				return err
			}
			if d := field("death_date"); d != "" {
				if m.death, err = time.Parse(time.DateOnly, d); err != nil {
					return err
				}
			}
			var span [2]time.Time
			for i, column := range []string{"enrollment_start_date", "enrollment_end_date"} {
				if span[i], err = time.Parse(time.DateOnly, field(column)); err != nil {
					return err
				}
			}
			m.spans = append(m.spans, span)
			return nil
		}},
		{"provider_attribution.csv", []string{"person_id", "year_month", "payer_attributed_provider_practice"}, func(field func(string) string) error {
			m, month, practice := of(field("person_id")), field("year_month"), field("payer_attributed_provider_practice")
			if strings.HasPrefix(month, strconv.Itoa(period)) && practice != "" && month > m.month {
				m.month, m.practice = month, practice
				if id, ok := roster[practice]; ok {
					m.practice = id
				}
			}
			return nil
		}},
		{"medical_claim.csv", []string{"person_id", "claim_start_date", "place_of_service_code", "bill_type_code", "hcpcs_code", "diagnosis_code_1", "diagnosis_code_2", "procedure_code_1"}, func(field func(string) string) error {
			m := of(field("person_id"))
			m.claims = append(m.claims, claim{field("claim_start_date"), field("place_of_service_code"), field("bill_type_code"), field("hcpcs_code"),
				[]string{field("diagnosis_code_1"), field("diagnosis_code_2")}, field("procedure_code_1")})
			return nil
		}},
		{"lab_result.csv", []string{"person_id", labCode, labDate, "result"}, func(field func(string) string) error {
			if m := of(field("person_id")); field("result") != "" {
				m.tests = append(m.tests, test{field(labCode), field(labDate)[:10], field("result")})
			}
			return nil
		}},
	} {
		if err := eachRow(filepath.Join(folder, read.file), read.columns, read.row); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// Names of columns that the canonical layout has its own names for.
const (
	crosswalkLocal  = "local_practice_id"
	crosswalkRoster = "practice_id"
	labCode         = "source_component_code"
	labDate         = "collection_datetime"
)

// enrolled: alive and a member on 31 December, no more than 45 days in a row of the year without cover, no hospice in the year.
func (m *member) enrolled(period int) bool {
	first, last := time.Date(period, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(period, 12, 31, 0, 0, 0, 0, time.UTC)
	if len(m.spans) == 0 || !m.death.IsZero() && !m.death.After(last) {
		return false
	}
	without, longest := 0, 0
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		covered := slices.ContainsFunc(m.spans, func(s [2]time.Time) bool { return !day.Before(s[0]) && !day.After(s[1]) })
		if covered {
			without = 0
		} else {
			without++
		}
		longest = max(longest, without)
	}
	if without > 0 || longest > 45 {
		return false
	}
	return !m.claimed(period, 1, func(c claim) bool {
		return slices.Contains([]string{"Q5001", "Q5002", "Q5003", "Q5004", "Q5005", "Q5006", "Q5007", "Q5008", "Q5009", "Q5010"}, c.hcpcs)
	})
}

// claimed: a claim of the kind in the period or the years-1 years before it.
func (m *member) claimed(period, years int, kind func(claim) bool) bool {
	return slices.ContainsFunc(m.claims, func(c claim) bool {
		y, _ := strconv.Atoi(c.on[:4])
		return y <= period && y > period-years && kind(c)
	})
}

func (m *member) tested(period, years int, codes ...string) bool {
	return slices.ContainsFunc(m.tests, func(t test) bool {
		y, _ := strconv.Atoi(t.on[:4])
		return y <= period && y > period-years && slices.Contains(codes, t.loinc)
	})
}

// screened is qp-crc.
func screened(m *member, period int) (den, num bool) {
	if age := period - m.birth.Year(); age < 45 || age > 75 {
		return false, false
	}
	if m.claimed(period, 1000, func(c claim) bool {
		cancer := slices.ContainsFunc(c.diagnoses, func(d string) bool {
			return strings.HasPrefix(d, "C18") || d == "C19" || d == "C20" || d == "C212" || d == "C218" || d == "C785" || d == "Z85038" || d == "Z85048"
		})
		return cancer || slices.Contains([]string{"0DTE0ZZ", "0DTE4ZZ", "0DTE7ZZ", "0DTE8ZZ"}, c.procedure)
	}) {
		return false, false
	}
	hcpcs := func(codes ...string) func(claim) bool {
		return func(c claim) bool { return slices.Contains(codes, c.hcpcs) }
	}
	return true, m.claimed(period, 10, hcpcs("G0105", "G0121")) ||
		m.claimed(period, 10, func(c claim) bool { return c.procedure == "0DJD8ZZ" }) ||
		m.claimed(period, 5, hcpcs("G0104")) ||
		m.claimed(period, 3, hcpcs("G0464")) || m.tested(period, 3, "77353-1", "77354-9") ||
		m.claimed(period, 1, hcpcs("G0328")) || m.tested(period, 1, "29771-3", "57905-2", "58453-2", "80372-6")
}

// poorControl is qc-a1c9.
func poorControl(m *member, period int) (den, num bool) {
	if age := period - m.birth.Year(); age < 18 || age > 75 {
		return false, false
	}
	dates, inpatient := map[string]bool{}, false
	m.claimed(period, 2, func(c claim) bool {
		for _, d := range c.diagnoses {
			if len(d) >= 3 && slices.Contains([]string{"E08", "E09", "E10", "E11", "E13"}, d[:3]) {
				dates[c.on] = true
				inpatient = inpatient || strings.HasPrefix(c.bill, "11")
			}
		}
		return false
	})
	if len(dates) < 2 && !inpatient {
		return false, false
	}
	day, lowest := "", 0.0
	for _, t := range m.tests {
		if (t.loinc != "4548-4" && t.loinc != "17856-6") || !strings.HasPrefix(t.on, strconv.Itoa(period)) {
			continue
		}
		v, err := strconv.ParseFloat(t.value, 64)
		if err != nil {
			continue
		}
		if t.on > day || t.on == day && v < lowest {
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
