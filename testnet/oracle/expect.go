package oracle

import (
	"fmt"
	"math/big"
)

// Status of a cell, as written in the release.
const (
	Released   = "released"
	Suppressed = "suppressed"
)

// Cell is one cell of the expected table with the figures behind it.
type Cell struct {
	Practice, Measure, Stratum string
	Num, Den                   int64
	PayerDen                   []int64 // in the order of the payers
	PayerNum                   []int64
	Status                     string
	Value                      int64   // 0 when suppressed
	Bound                      string  // le, ge or empty
	Percentiles                []int64 // P25, P50, P75, P90 of a released benchmark, whose Practice is empty
	hidden                     bool    // of a measure that releases a benchmark only
}

// Expect makes the expected table: measures in the order of counts, then practices in roster order, then strata ("all" where there are none).
func Expect(counts []Counts, roster []GrainRoster, profiles map[string]Profile) ([]Cell, error) {
	var cells []Cell
	for _, c := range counts {
		d, err := Define(c.Measure)
		if err != nil {
			return nil, err
		}
		profile, ok := profiles[d.Profile]
		if !ok {
			return nil, fmt.Errorf("measure %s: no disclosure profile %q", d.ID, d.Profile)
		}
		strata := c.Strata
		if strata == nil {
			strata = []string{"all"}
		}
		for _, g := range roster {
			if g.Grain != d.Grain {
				continue
			}
			for _, practice := range g.Practices {
				for _, stratum := range strata {
					cell := Cell{Practice: practice, Measure: d.written(), Stratum: stratum, Status: Suppressed}
					for i := range c.Payers {
						p := c.of(i, stratum)[practice]
						cell.Num += p.Num
						cell.Den += p.Den
						cell.PayerDen, cell.PayerNum = append(cell.PayerDen, p.Den), append(cell.PayerNum, p.Num)
					}
					if releasable(cell, d, profile) {
						cell.Status = Released
						cell.Value, cell.Bound = value(cell.Num, cell.Den, d, profile)
					}
					cells = append(cells, cell)
				}
			}
		}
	}
	return cells, nil
}

func releasable(c Cell, d Definition, p Profile) bool {
	if c.Den == 0 || c.Den < max(p.MinDen, d.MinDen) {
		return false
	}
	contributors := int64(0)
	for _, den := range c.PayerDen {
		if den >= 1 {
			contributors++
		}
		if 100*den > p.SharePercent*c.Den || c.Den-den < p.MinResidual {
			return false
		}
	}
	if contributors < p.Contributors {
		return false
	}
	if d.Events && c.Num != 0 && c.Num < p.MinNum {
		return false
	}
	if p.Totals > 0 && d.totals(c) {
		return addsUp(c, p)
	}
	if d.Proportion {
		rest := c.Den - c.Num
		if c.Num != 0 && c.Num < p.MinNum || rest != 0 && rest < p.MinRest {
			return false
		}
	}
	return true
}

// value rounds scale × num / den half up in arbitrary precision and clamps the result.
func value(num, den int64, d Definition, p Profile) (int64, string) {
	twice := new(big.Int).Mul(big.NewInt(2*d.ScaleNum), big.NewInt(num))
	whole := new(big.Int).Mul(big.NewInt(d.ScaleDen), big.NewInt(den))
	steps := new(big.Int).Add(twice, whole)
	steps.Div(steps, new(big.Int).Lsh(whole, 1))
	lo, hi, coded := d.Lo, d.Hi, false
	if d.Percent {
		lo, hi = p.PercentLo, p.PercentHi
		coded = lo > 0 || hi < 100
	}
	v := hi
	if product := steps.Mul(steps, big.NewInt(d.Step)); product.IsInt64() {
		v = min(max(product.Int64(), lo), hi)
	}
	switch {
	case coded && v == lo:
		return v, "le"
	case coded && v == hi:
		return v, "ge"
	}
	return v, ""
}
