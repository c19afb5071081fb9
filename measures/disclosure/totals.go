package disclosure

import (
	"fmt"

	"github.com/tacet-health/tacet/measures"
)

// Totals says whether the numerators and denominators of practices that are shown may be added up and opened exactly, by region or over all. Zero: they may
// not. A profile that allows it has stricter rules for every cell (Compile).
type Totals struct {
	ExactTotals bool `json:"exact_totals,omitempty"`
	// MinTotalPractices is how many practices with a value that is no end of the shown range are in a total, at least.
	MinTotalPractices int64 `json:"min_total_practices,omitempty"`
}

// leastTotalPractices is the floor of MinTotalPractices: of two practices one is the difference to the other.
const leastTotalPractices = 3

// validateTotals holds what a profile says of totals against its class.
func (p Profile) validateTotals() error {
	switch {
	case !p.ExactTotals && p.MinTotalPractices != 0:
		return fmt.Errorf("disclosure profile %s: min_total_practices is %d, but it allows no exact totals", p.Name, p.MinTotalPractices)
	case !p.ExactTotals:
		return nil
	case p.Class != ClassQualityRate:
		return fmt.Errorf("disclosure profile %s: exact_totals is for class %s alone: exact money over exact months is a price", p.Name, ClassQualityRate)
	case p.MinTotalPractices < leastTotalPractices || p.MinTotalPractices > 32768:
		return fmt.Errorf("disclosure profile %s: min_total_practices is %d, but the floor of exact totals requires %d to 32768", p.Name, p.MinTotalPractices, leastTotalPractices)
	}
	return nil
}

// Stricter allows what both allow.
func (t Totals) Stricter(o Totals) Totals {
	if !t.ExactTotals || !o.ExactTotals {
		return Totals{}
	}
	return Totals{true, max(t.MinTotalPractices, o.MinTotalPractices)}
}

// AllowsTotals says why no totals of a measure may be opened under a profile; nil: they may. It is asked of proportions in percent that are released by
// practice: their range is coded, and what an end stands for stays uncounted.
func (p Profile) AllowsTotals(spec *measures.Spec) error {
	switch {
	case !p.ExactTotals:
		return fmt.Errorf("profile %s allows no exact totals", p.Name)
	case spec.Type != measures.Proportion || spec.Release.Unit != measures.Percent:
		return fmt.Errorf("%s is no proportion in percent, and totals are of those alone", spec.ID)
	case spec.Release.Kind == measures.BenchmarkOnly:
		return fmt.Errorf("%s releases a benchmark only, so no practice of it is shown", spec.ID)
	case spec.Stratify != "":
		return fmt.Errorf("%s is by %s; totals are of measures over all people", spec.ID, spec.Stratify)
	}
	return nil
}

// others are the rules of a proportion whose figures may be added up exactly, in place of those on numerator and complement, which follow from them: without any
// one payer there are so many in the numerator, and so many outside it. Who holds a total can subtract its own part.
func (p Profile) others() []Rule {
	return []Rule{
		{Name: "others-numerator", PerPayer: true, AnyOf: []Form{{Num: 1, OwnNum: -1, Const: -p.MinNumerator}}},
		{Name: "others-complement", PerPayer: true, AnyOf: []Form{{Den: 1, Num: -1, Own: -1, OwnNum: 1, Const: -p.MinComplement}}},
	}
}
