package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// GrainRoster is the part of a roster that belongs to one grain, by id as text.
type GrainRoster struct {
	Grain     string
	Practices []string
}

// Roster selects n practices in all (see the package comment). counts stand in the order of the run's measures.
func Roster(counts []Counts, n int) ([]GrainRoster, error) {
	var roster []GrainRoster
	first := make(map[string]Counts)
	for _, c := range counts {
		d, err := Define(c.Measure)
		if err != nil {
			return nil, err
		}
		if _, known := first[d.Grain]; !known {
			first[d.Grain] = c
			roster = append(roster, GrainRoster{Grain: d.Grain})
		}
	}
	if len(roster) == 0 || n < len(roster) {
		return nil, fmt.Errorf("a roster of %d practices cannot be split over %d kinds of practice", n, len(roster))
	}
	for i := range roster {
		quota := n / len(roster)
		if i < n%len(roster) {
			quota++
		}
		roster[i].Practices = largest(first[roster[i].Grain].Pooled(), quota)
	}
	return roster, nil
}

func largest(pooled map[string]Pair, quota int) []string {
	var ids []string
	for id, p := range pooled {
		if p.Den > 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if da, db := pooled[a].Den, pooled[b].Den; da != db {
			if da > db {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	ids = ids[:min(quota, len(ids))]
	slices.Sort(ids)
	return ids
}
