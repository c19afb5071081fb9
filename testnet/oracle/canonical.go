package oracle

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// Known are the library measures the oracle knows.
func Known() []string {
	return []string{"qp-crc", "qc-a1c9", "qa-pcp", "qa-coc", "qa-upc", "qu-ed", "qu-adm", "qk-tcoc", "qu-read@2", "qk-tcoc@2"}
}

// Canonical computes the library measures named, of those in Known and their forms by strata (ID-by-KIND), in that order, from one folder of canonical
// CSV files per payer. It walks people one by one and follows the measures' texts, not their SQL. It trusts that a loader has checked the files or will.
// models are those of measures over expected values, by id (Modelled).
func Canonical(folders []string, period int, measures []string, models map[string]*Fitted) ([]Counts, error) {
	counts := make([]Counts, len(measures))
	for i, id := range measures {
		counts[i].Measure = id
		base, kind, by := strings.Cut(id, "-by-")
		model, outcome := Modelled(base)
		if outcome != "" && models[model] == nil {
			return nil, fmt.Errorf("measure %s, model %s: %w", base, model, errNotFitted)
		}
		if judges[base] == nil && counters[base].count == nil && outcome == "" || by && strata[kind] == nil {
			return nil, fmt.Errorf("the oracle does not know measure %q on canonical data", id)
		}
	}
	for _, folder := range folders {
		members, err := readMembers(folder, period)
		if err != nil {
			return nil, err
		}
		inYear := maps.Clone(members)
		maps.DeleteFunc(inYear, func(_ string, m *member) bool { return m.practice == "" || !m.enrolled(period) })
		for i, id := range measures {
			base, kind, by := strings.Cut(id, "-by-")
			parts := map[string]map[string]*member{"all": members}
			if by {
				parts = split(members, kind, period)
			}
			whole, byStratum := make(map[string]Pair), make(map[string]map[string]Pair)
			for stratum, people := range parts {
				if model, _ := Modelled(base); model != "" {
					byStratum[stratum] = models[model].expect(people, base, period)
				} else {
					byStratum[stratum] = count(people, inYear, base, period)
				}
				for practice, p := range byStratum[stratum] {
					sum := whole[practice]
					whole[practice] = Pair{sum.Num + p.Num, sum.Den + p.Den}
				}
			}
			counts[i].Payers = append(counts[i].Payers, whole)
			if by {
				counts[i].By = append(counts[i].By, byStratum)
			}
		}
	}
	return counts, nil
}

// count sums a measure over some people, of whom those inYear count where it counts people.
func count(people, inYear map[string]*member, id string, period int) map[string]Pair {
	pairs := make(map[string]Pair)
	if c := counters[id]; c.count != nil {
		for _, m := range people {
			for practice, p := range c.count(m, period) {
				sum := pairs[practice]
				pairs[practice] = Pair{sum.Num + p.Num, sum.Den + p.Den}
			}
		}
		for practice, p := range pairs {
			pairs[practice] = units(p, c.unitNum, c.unitDen)
		}
		return pairs
	}
	for person, m := range people {
		if inYear[person] == nil {
			continue
		}
		if den, num := judges[id](m, period); den {
			pair := pairs[m.practice]
			pair.Den++
			if num {
				pair.Num++
			}
			pairs[m.practice] = pair
		}
	}
	return pairs
}

// judges say of a person whether it is in the denominator, and in the numerator.
var judges = map[string]func(m *member, period int) (den, num bool){"qp-crc": screened, "qc-a1c9": poorControl, "qa-pcp": seen,
	"qa-coc": continuous, "qa-upc": usual}

// member is what a payer's files say of one person.
type member struct {
	birth, death time.Time // death is zero for the living
	spans        [][2]time.Time
	held         []holding         // what is said of the person, span by span
	quintiles    map[string]string // of the payer: by zip code
	practice     string            // roster id of the last attributed month of the period
	month        string            // that month
	months       map[string]string // practice by attributed month of the period
	claims       []claim           // what stands, once each
	coded        []coded           // what any claim says of the person's conditions
	sexes        map[string]int    // by what spans say
	money        []claim           // what was paid or taken back
	fills        []claim           // dispensed drugs; after settle what stands, once each
	tests        []test
}

// claim is a claim line with a date; on is YYYY-MM-DD, which sorts as text.
type claim struct {
	on, to, kind, place, bill, hcpcs, revenue, rendering, billing string
	admitted, discharged, drg, disposition                        string
	diagnoses, procedures                                         []string
	first                                                         string // principal diagnosis
	cents                                                         int64  // without sign
	balance                                                       int    // lines less reversals of the same content
	content                                                       string
}

// test is a laboratory result that has a value and a date.
type test struct{ loinc, on, value string }
