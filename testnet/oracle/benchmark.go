package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Counted is the status of a cell of a benchmark-only measure that passes the rules: its value is in the benchmark and nowhere else.
const Counted = "counted"

// BenchmarkOnly says which measures release percentiles instead of cells. Their cells stay in the expected table, with status counted or
// suppressed; a cell without a practice follows them, with the sums of their figures and what is released.
func BenchmarkOnly(cells []Cell, measures []string, profiles map[string]Profile) ([]Cell, error) {
	var out []Cell
	for i, c := range cells {
		if !slices.Contains(measures, c.Measure) {
			out = append(out, c)
			continue
		}
		if c.hidden = true; c.Status == Released {
			c.Status = Counted
		}
		out = append(out, c)
		if i+1 < len(cells) && cells[i+1].Measure == c.Measure {
			continue
		}
		d, err := Define(c.Measure)
		if err != nil {
			return nil, err
		}
		profile, ok := profiles[d.Profile]
		if !ok {
			return nil, fmt.Errorf("measure %s: no disclosure profile %q", d.ID, d.Profile)
		}
		out = append(out, benchmark(out, d, profile.Benchmark))
	}
	return out, nil
}

// benchmark is the row of a measure from its cells.
func benchmark(cells []Cell, d Definition, atLeast int64) Cell {
	b := Cell{Measure: d.ID, Stratum: "all", Status: Suppressed}
	var values []int64
	for _, c := range cells {
		if c.Measure != d.ID {
			continue
		}
		b.Num, b.Den = b.Num+c.Num, b.Den+c.Den
		if b.PayerDen == nil {
			b.PayerDen = make([]int64, len(c.PayerDen))
		}
		for i, den := range c.PayerDen {
			b.PayerDen[i] += den
		}
		if c.Status == Counted {
			values = append(values, c.Value)
		}
	}
	if int64(len(values)) < atLeast {
		return b
	}
	b.Status = Released
	for _, percent := range []int{25, 50, 75, 90} {
		b.Percentiles = append(b.Percentiles, nearest(values, percent, d.Lower))
	}
	return b
}

// nearest is the percentile by nearest rank, found by counting: the least good value that is no worse than at least that many percent of all.
func nearest(values []int64, percent int, lower bool) int64 {
	worse := func(a, b int64) bool { return a < b && !lower || a > b && lower }
	var best int64
	found := false
	for _, v := range values {
		n := 0
		for _, x := range values {
			if !worse(v, x) {
				n++
			}
		}
		if 100*n >= percent*len(values) && (!found || worse(v, best)) {
			best, found = v, true
		}
	}
	return best
}

// Numbers puts percentiles into one text.
func Numbers(p []int64) string {
	var out []string
	for _, v := range p {
		out = append(out, strconv.FormatInt(v, 10))
	}
	return strings.Join(out, " ")
}
