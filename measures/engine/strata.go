package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// strataInputs are the tables a stratification reads, by kind.
var strataInputs = map[string][]string{
	"dual":        {"eligibility"},
	"deprivation": {"eligibility", "deprivation_index"},
	"race":        {"eligibility"},
	"ethnicity":   {"eligibility"},
	"language":    {"eligibility"},
}

// Strata are the ways in which any measure that ends in summary_v1 can be
// stratified: dual eligibility or low income subsidy, deprivation quintile of
// the place of residence, race, ethnicity, language. Who has no value is in the
// stratum "unknown".
func Strata() []string { return []string{"dual", "deprivation", "race", "ethnicity", "language"} }

// Stratified derives the measure that reports a measure by stratum. It is a
// measure of its own, with its own id (the id, "-by-" and the kind) and hash, and
// goes to a vote like any other.
func Stratified(spec *measures.Spec, kind string) (*measures.Spec, error) {
	if !slices.Contains(Strata(), kind) {
		return nil, fmt.Errorf("stratify measure %s: %.40q is none of %v", spec.ID, kind, Strata())
	}
	if spec.Stratify != "" {
		return nil, fmt.Errorf("stratify measure %s: it is by %s already", spec.ID, spec.Stratify)
	}
	s := spec.By(kind)
	s.Inputs = slices.Clone(spec.Inputs)
	for _, in := range strataInputs[kind] {
		if !slices.Contains(s.Inputs, in) {
			s.Inputs = append(s.Inputs, in)
		}
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("stratify measure %s: %w", spec.ID, err)
	}
	return s, Check(s)
}

// closedStrata are the strata of the kinds that have a fixed list. The others are as held by the payers, in lower case.
var closedStrata = map[string][]string{
	"dual":        {"dual-or-lis", "neither", unknownStratum},
	"deprivation": {"quintile-1", "quintile-2", "quintile-3", "quintile-4", "quintile-5", unknownStratum},
}

const unknownStratum = "unknown"

// StrataOf returns the strata of a kind that a run releases, sorted by bytes. Named is the list agreed on; it must be given for a kind whose values
// are as held, may choose among those of any other, and is all of them when nil. A row in a stratum that is not in it is of no figure.
func StrataOf(kind string, named []string) ([]string, error) {
	all, closed := closedStrata[kind]
	switch {
	case !slices.Contains(Strata(), kind):
		return nil, fmt.Errorf("strata: %.40q is none of %v", kind, Strata())
	case named == nil && closed:
		return slices.Clone(all), nil
	case len(named) == 0:
		return nil, fmt.Errorf("strata by %s are as the payers hold them: name those to release, in lower case, such as %s=VALUE,VALUE,%s", kind, kind, unknownStratum)
	}
	out := slices.Sorted(slices.Values(named))
	for i, s := range out {
		switch {
		case !stratumName.MatchString(s) || s == measures.Unstratified:
			return nil, fmt.Errorf("strata by %s: %.70q is not 1 to 64 printable ASCII characters without space or upper case, or is %s", kind, s, measures.Unstratified)
		case closed && !slices.Contains(all, s):
			return nil, fmt.Errorf("strata by %s: %.70q is none of %v", kind, s, all)
		case i > 0 && s == out[i-1]:
			return nil, fmt.Errorf("strata by %s: %s is named twice", kind, s)
		}
	}
	return out, nil
}

// stratumName is a stratum that a manifest can hold and the blocks can yield.
var stratumName = regexp.MustCompile(`^[!-@\[-~]{1,64}$`)

// withoutStrata leaves out the tables that only the stratification reads: the
// members' form does not.
func withoutStrata(inputs []string, kind, sql string) []string {
	return slices.DeleteFunc(slices.Clone(inputs), func(in string) bool {
		return slices.Contains(strataInputs[kind], in) && !strings.Contains(strings.ToLower(sql), in)
	})
}
