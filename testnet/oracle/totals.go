package oracle

import "strings"

// Total is an exact total over practices that are shown, in plain numbers.
type Total struct {
	Group     string
	Practices int64
	Num, Den  int64
}

// totals says whether practices of the measure are added up where the profile allows it.
func (d Definition) totals(c Cell) bool {
	return d.Proportion && d.Percent && c.Stratum == "all" && !strings.Contains(d.ID, "-by-")
}

// addsUp: whichever payer is left out, enough people remain in the numerator and outside it.
func addsUp(c Cell, p Profile) bool {
	for i, den := range c.PayerDen {
		num := c.PayerNum[i]
		if c.Num-num < p.MinNum || (c.Den-den)-(c.Num-num) < p.MinRest {
			return false
		}
	}
	return true
}

// Totals are what an expected table adds up to for a measure, over all and by region, the regions in the order given: of practices released with a value that is no end
// of the range. A total of too few, and all where it would show too few beside the regions, is not there.
func Totals(cells []Cell, measure string, region map[string]string, regions []string, least int64) (out []Total) {
	all := Total{Group: "all"}
	by := map[string]Total{}
	for _, c := range cells {
		if c.Measure != measure || c.Status != Released || c.Bound != "" || c.Practice == "" {
			continue
		}
		all.Practices, all.Num, all.Den = all.Practices+1, all.Num+c.Num, all.Den+c.Den
		t := by[region[c.Practice]]
		by[region[c.Practice]] = Total{region[c.Practice], t.Practices + 1, t.Num + c.Num, t.Den + c.Den}
	}
	rest := all.Practices
	for _, r := range regions {
		if t := by[r]; t.Practices >= least {
			out, rest = append(out, t), rest-t.Practices
		}
	}
	if all.Practices >= least && (len(out) == 0 || rest == 0 || rest >= least) {
		out = append([]Total{all}, out...)
	}
	return out
}
