package node

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// MeasuresBy are measures by strata of KIND, or KIND=STRATUM,…, and the strata that are named; the measures themselves when strata is empty. Without names
// every stratum that is held is meant, which is how a payer finds out what its values are called.
func MeasuresBy(specs []*measures.Spec, strata string) ([]*measures.Spec, []string, error) {
	if strata == "" {
		return specs, nil, nil
	}
	kind, list, some := strings.Cut(strata, "=")
	var named []string
	if some {
		var err error
		if named, err = engine.StrataOf(kind, strings.Split(list, ",")); err != nil {
			return nil, nil, err
		}
	}
	out := make([]*measures.Spec, len(specs))
	for i, s := range specs {
		var err error
		if out[i], err = engine.Stratified(s, kind); err != nil {
			return nil, nil, err
		}
	}
	return out, named, nil
}

const (
	flagUnnamed  = "not named: in no figure"
	flagNoMember = "not in the run's roster: in no figure"
)

// Unnamed flags the rows of strata that are not named and says of each measure how many people are in them; nil names all. The numbers are the payer's own.
func Unnamed(rows []Previewed, named []string) []string {
	if named == nil {
		return nil
	}
	for i := range rows {
		if !slices.Contains(named, rows[i].Stratum) {
			rows[i].Flags = append(rows[i].Flags, flagUnnamed)
		}
	}
	return CountUnnamed(rows)
}

// CountUnnamed says of each measure how many of the denominator are in strata that are flagged as not named, and which those are.
func CountUnnamed(rows []Previewed) []string {
	var order []string
	den, strata := map[string]int64{}, map[string][]string{}
	for _, r := range rows {
		if !slices.Contains(r.Flags, flagUnnamed) || r.Den == 0 {
			continue
		}
		if !slices.Contains(order, r.Measure) {
			order = append(order, r.Measure)
		}
		if den[r.Measure] += r.Den; !slices.Contains(strata[r.Measure], r.Stratum) {
			strata[r.Measure] = append(strata[r.Measure], r.Stratum)
		}
	}
	var out []string
	for _, m := range order {
		slices.Sort(strata[m])
		out = append(out, fmt.Sprintf("%s: %d of the denominator are in strata that are not named (%s) and leave the node in no figure", m, den[m], strings.Join(strata[m], ", ")))
	}
	return out
}

// flagCells flags the rows of a measure's preview that have no cell in the run.
func flagCells(rows []Previewed, a *agreed, measure int) {
	practices, cells := map[string]bool{}, map[[2]string]bool{}
	for _, c := range a.cells {
		if c.measure == measure {
			practices[c.practice], cells[[2]string{c.practice, c.stratum}] = true, true
		}
	}
	for i, r := range rows {
		switch {
		case !practices[r.Practice]:
			rows[i].Flags = append(rows[i].Flags, flagNoMember)
		case !cells[[2]string{r.Practice, r.Stratum}]:
			rows[i].Flags = append(rows[i].Flags, flagUnnamed)
		}
	}
}

// showCell adds to an error which row it is about, for an answer that goes to the payer's own screen and nowhere else.
func showCell(err error) error {
	if c, ok := errors.AsType[*engine.CellError](err); ok {
		return fmt.Errorf("%w (%s)", err, c.Cell())
	}
	return err
}
