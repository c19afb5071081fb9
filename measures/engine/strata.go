package engine

import (
	"fmt"
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
	s := *spec
	s.ID, s.Title, s.Stratify = spec.ID+"-by-"+kind, spec.Title+", by "+kind, kind
	s.Inputs = slices.Clone(spec.Inputs)
	for _, in := range strataInputs[kind] {
		if !slices.Contains(s.Inputs, in) {
			s.Inputs = append(s.Inputs, in)
		}
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("stratify measure %s: %w", spec.ID, err)
	}
	return &s, Check(&s)
}

// withoutStrata leaves out the tables that only the stratification reads: the
// members' form does not.
func withoutStrata(inputs []string, kind, sql string) []string {
	return slices.DeleteFunc(slices.Clone(inputs), func(in string) bool {
		return slices.Contains(strataInputs[kind], in) && !strings.Contains(strings.ToLower(sql), in)
	})
}
