package quality

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
)

// ErrFailed is what a run is declined with. It says nothing of the data.
var ErrFailed = errors.New("the data does not pass the quality gate (tacet node check says where)")

// Source answers queries: *store.Store and *warehouse.Warehouse.
type Source interface {
	Measure(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]measures.Row, error)
}

// Report is how a payer's data did. It is the payer's own and stays on the node.
type Report struct {
	Period int      `json:"period"`
	Pass   bool     `json:"pass"`
	Checks []Result `json:"checks"`
}

// Result is one check. Percent is rounded toward failure; it is -1 where there is nothing to judge by.
type Result struct {
	Check   string `json:"check"`
	Of      string `json:"of"`       // table and part
	Percent int64  `json:"percent"`  // found
	AtLeast int64  `json:"at_least"` // threshold, 0: none
	AtMost  int64  `json:"at_most"`  // threshold, 0: none
	Pass    bool   `json:"pass"`
	Note    string `json:"note,omitempty"`
}

// Defaults are the thresholds a new node begins with: what no complete feed of claims misses.
func Defaults() disclosure.Quality {
	return disclosure.Quality{MinMonthPercent: 50, MaxMonthPercent: 180, MaxYearPercent: 50, MaxLatePercent: 10, MinCodedPercent: 90, MinNPIPercent: 90,
		MinAttributedPercent: 50, MaxUnitPercent: 2, MaxDuplicatePercent: 10}
}

// Check holds the data for a year to the thresholds. inputs are the tables that the run's measures read; nil is all. Errors are of the database
// and of ctx and quote no value.
func Check(ctx context.Context, data Source, year int, inputs []string, t disclosure.Quality) (Report, error) {
	r := Report{Period: year, Pass: true, Checks: []Result{}}
	for _, c := range checks {
		if !c.asked(inputs) {
			continue
		}
		spec, err := c.spec()
		if err != nil {
			return r, err
		}
		rows, err := data.Measure(ctx, spec, engine.Period{Year: year})
		if err != nil {
			return r, fmt.Errorf("quality check %s: %w", c.name, err)
		}
		c.needed = c.needed && inputs != nil // without a run, a table that the payer has nothing for is none of its feeds
		r.Checks = append(r.Checks, c.judge(c, rows, year, t)...)
	}
	if inputs == nil && !slices.ContainsFunc(r.Checks, func(c Result) bool { return c.Percent >= 0 }) {
		r.Checks = append(r.Checks, Result{Check: "data", Of: "all tables", Percent: -1, Note: "nothing is loaded for the period"})
	}
	for _, c := range r.Checks {
		r.Pass = r.Pass && c.Pass
	}
	return r, nil
}

// share judges num/den of every row of a check against one threshold.
func share(atLeast, atMost func(disclosure.Quality) int64) judge {
	return func(c check, rows []measures.Row, _ int, t disclosure.Quality) (out []Result) {
		for _, row := range rows {
			r := Result{Check: c.name, Of: row.Stratum + " " + row.Practice, Percent: -1, Pass: true}
			if atLeast != nil {
				r.AtLeast = atLeast(t)
			}
			if atMost != nil {
				r.AtMost = atMost(t)
			}
			switch {
			case row.Den == 0 && c.needed && r.AtLeast > 0:
				r.Pass, r.Note = false, "there is none in the period"
			case row.Den == 0:
				r.Note = "nothing to judge by"
			default:
				r.measure(row.Num, row.Den)
			}
			out = append(out, r)
		}
		return out
	}
}

// measure sets the percentage, rounded toward failure, and whether it is within the thresholds: exactly, not by the rounded one.
func (r *Result) measure(num, den int64) {
	r.Percent = num * 100 / den
	if r.AtMost > 0 && num*100%den > 0 {
		r.Percent++
	}
	r.Pass = (r.AtLeast == 0 || num*100 >= r.AtLeast*den) && (r.AtMost == 0 || num*100 <= r.AtMost*den)
}

// volume judges the months of a feed, and its year.
func volume(c check, rows []measures.Row, year int, t disclosure.Quality) []Result {
	month := map[string]int64{}
	for _, r := range rows {
		month[r.Practice] = r.Num
	}
	var counts []int64
	var now, before int64
	for m := 1; m <= 12; m++ {
		counts = append(counts, month[fmt.Sprintf("%04d%02d", year, m)])
		now += counts[m-1]
		before += month[fmt.Sprintf("%04d%02d", year-1, m)]
	}
	sorted := slices.Sorted(slices.Values(counts))
	twice := sorted[5] + sorted[6] // twice the median
	out := []Result{
		{Check: "month", Of: c.inputs[0] + " least", Percent: -1, AtLeast: t.MinMonthPercent, Pass: true},
		{Check: "month", Of: c.inputs[0] + " most", Percent: -1, AtMost: t.MaxMonthPercent, Pass: true},
		{Check: "year", Of: c.inputs[0], Percent: -1, AtMost: t.MaxYearPercent, Pass: true},
	}
	if now == 0 {
		out[0].Note = "no rows in the period"
		out[0].Pass = t.MinMonthPercent == 0 || !c.needed
		return out[:1]
	}
	for i, n := range []int64{sorted[0], sorted[11]} {
		out[i].Note = fmt.Sprintf("%04d-%02d", year, slices.Index(counts, n)+1)
		if twice == 0 {
			out[i].Pass, out[i].Note = i == 1 || t.MinMonthPercent == 0, "more than half of the months have no rows"
			continue
		}
		out[i].measure(2*n, twice)
	}
	if before == 0 {
		out[2].Note = "nothing of the year before"
		return out
	}
	out[2].measure(max(now-before, before-now), before)
	return out
}
