package disclosure

import (
	"fmt"

	"github.com/tacet-health/tacet/measures"
)

// Form is Num·Σnum + Den·Σden + Has·Σ[den_i ≥ 1] + Own·den_i + OwnNum·num_i +
// Const; its rule asks whether it is ≥ 0.
type Form struct {
	Num, Den, Has, Own, Const, OwnNum int64
}

// Rule holds when one of AnyOf, which exclude each other, is ≥ 0; with PerPayer
// it must hold for every payer i.
type Rule struct {
	Name     string
	PerPayer bool
	AnyOf    []Form
}

// Program is what one measure's cells have to pass and how their value is
// formed: value = Step × clamp(⌊(2·ScaleNum·num + ScaleDen·den)/(2·ScaleDen·den)⌋, Lo, Hi).
// Lo and Hi are in steps. Coded says that a value at Lo means "or less" and one
// at Hi "or more" (release.csv's bound le and ge).
type Program struct {
	Rules              []Rule
	ScaleNum, ScaleDen int64
	Lo, Hi             int64
	Step               int64
	Coded              bool
	CapNum, CapDen     int64      // per payer and cell
	Benchmark          *Benchmark // of a benchmark-only measure; nil otherwise
}

// Benchmark is what a benchmark-only measure releases instead of values:
// percentiles of the values of the practices that pass the rules.
type Benchmark struct {
	MinPractices int64 // fewer that pass: the benchmark is suppressed
	Lower        bool  // smaller values are better: percentiles count from the largest down
}

// Compile turns a profile and a measure into a Program. It refuses a profile
// below its floor, a profile the measure did not ask for, a class that does not
// fit the measure's type, and numbers from which the residual rule does not
// follow (see the package comment).
func Compile(p Profile, spec *measures.Spec) (Program, error) {
	prog, err := compile(p, spec)
	if err != nil {
		return Program{}, fmt.Errorf("measure %s %s under profile %s: %w", spec.ID, spec.Version, p.Name, err)
	}
	return prog, nil
}

func compile(p Profile, spec *measures.Spec) (Program, error) {
	if err := p.Validate(); err != nil {
		return Program{}, err
	}
	if err := spec.Validate(); err != nil {
		return Program{}, err
	}
	if spec.Release.Profile != p.Name {
		return Program{}, fmt.Errorf("the measure asks for profile %s", spec.Release.Profile)
	}
	if spec.Type == measures.PMPM && p.Class != ClassPriceLike {
		return Program{}, fmt.Errorf("money per member and month needs a profile of class %s", ClassPriceLike)
	}
	proportion := spec.Type == measures.Proportion
	events := spec.Type == measures.ObservedExpected && p.Class != ClassPriceLike
	if (proportion || events) && (p.MinNumerator < 11 || p.MinComplement < 11) {
		return Program{}, fmt.Errorf("a proportion needs min_numerator and min_complement of at least 11, the profile has %d and %d", p.MinNumerator, p.MinComplement)
	}
	den := max(p.MinDen, spec.Release.MinDen)
	a, b := lowest(p.MaxSharePercent, 100)
	if (b-a)*den < b*p.MinResidual {
		return Program{}, fmt.Errorf("a denominator of %d with a largest share of %d %% leaves no more than %d/%d without the largest payer, below the residual of %d: raise min_den or lower max_share_percent",
			den, p.MaxSharePercent, (b-a)*den, b, p.MinResidual)
	}
	prog := Program{
		Rules: []Rule{
			{Name: "contributors", AnyOf: []Form{{Has: 1, Const: -p.MinContributors}}},
			{Name: "share", PerPayer: true, AnyOf: []Form{{Den: a, Own: -b}}},
			{Name: leastDen, AnyOf: []Form{{Den: 1, Const: -den}}},
		},
		ScaleNum: spec.Release.Scale.Num, ScaleDen: spec.Release.Scale.Den, Step: spec.Release.Step,
		CapNum: spec.Cap.Num, CapDen: spec.Cap.Den,
	}
	if spec.Release.Kind == measures.BenchmarkOnly {
		prog.Benchmark = &Benchmark{MinPractices: p.MinBenchmarkPractices, Lower: spec.Direction == measures.Lower}
	}
	switch {
	case p.AllowsTotals(spec) == nil:
		prog.Rules = append(prog.Rules, p.others()...)
	case proportion:
		prog.Rules = append(prog.Rules,
			Rule{Name: "numerator", AnyOf: []Form{{Num: 1, Const: -p.MinNumerator}, {Num: -1}}},
			Rule{Name: "complement", AnyOf: []Form{{Den: 1, Num: -1, Const: -p.MinComplement}, {Den: -1, Num: 1}}})
	}
	if events {
		prog.Rules = append(prog.Rules, Rule{Name: "numerator", AnyOf: []Form{{Num: 1, Const: -p.MinNumerator}, {Num: -1}}})
	}
	prog.Lo, prog.Hi = spec.Release.Steps()
	if spec.Release.Unit == measures.Percent && (p.PercentLo > 0 || p.PercentHi < 100) {
		if err := prog.code(p); err != nil {
			return Program{}, err
		}
	}
	return prog, nil
}

// code narrows the range to the profile's percent range.
func (prog *Program) code(p Profile) error {
	if p.PercentLo%prog.Step != 0 || p.PercentHi%prog.Step != 0 {
		return fmt.Errorf("the percent range %d…%d is not divisible by the step %d", p.PercentLo, p.PercentHi, prog.Step)
	}
	prog.Lo, prog.Hi = max(prog.Lo, p.PercentLo/prog.Step), min(prog.Hi, p.PercentHi/prog.Step)
	if prog.Lo >= prog.Hi {
		return fmt.Errorf("the measure's range and the percent range %d…%d have no two values in common", p.PercentLo, p.PercentHi)
	}
	prog.Coded = true
	return nil
}

// Bound says what a value of steps means at the ends of a coded range: "le",
// "ge" or nothing.
func (prog Program) Bound(steps int64) string {
	switch {
	case prog.Coded && steps <= prog.Lo:
		return "le"
	case prog.Coded && steps >= prog.Hi:
		return "ge"
	}
	return ""
}

func lowest(a, b int64) (int64, int64) {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x, b / x
}
