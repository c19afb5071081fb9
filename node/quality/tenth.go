package quality

import (
	"context"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures/engine"
)

// Buckets are the tenths of a share – 0 to 9 %, 10 to 19 %, … 90 to 100 % – and one more, the last, for payers with nothing to judge by.
const Buckets = 11

// Shares are the checks whose share of rows that are right can be counted by tenth over all payers: coded, npi, attributed, lab.
var Shares = []string{"coded", "npi", "attributed", "lab"}

// Tenth is the bucket of one of Shares in the data for a year: of its rows (one a table), the lowest.
func Tenth(ctx context.Context, data Source, year int, name string) (int, error) {
	i := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
	if i < 0 || !slices.Contains(Shares, name) {
		return 0, fmt.Errorf("quality check %.40q has no tenths", name)
	}
	spec, err := checks[i].spec()
	if err != nil {
		return 0, err
	}
	rows, err := data.Measure(ctx, spec, engine.Period{Year: year})
	if err != nil {
		return 0, fmt.Errorf("quality check %s: %w", name, err)
	}
	out := Buckets - 1
	for _, r := range rows {
		if r.Den > 0 {
			out = min(out, tenth(r.Num, r.Den))
		}
	}
	return out, nil
}

func tenth(num, den int64) int { return int(min(num*10/den, Buckets-2)) }
