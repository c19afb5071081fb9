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
	var out []string
	for _, s := range named {
		if strings.TrimSpace(s) == "" {
			return nil, fmt.Errorf("strata by %s: a name is empty", kind)
		}
		out = append(out, StratumName(s))
	}
	slices.Sort(out)
	for i, s := range out {
		switch {
		case s == measures.Unstratified:
			return nil, fmt.Errorf("strata by %s: %s is everybody and no stratum", kind, measures.Unstratified)
		case closed && !slices.Contains(all, s):
			return nil, fmt.Errorf("strata by %s: %.70q is none of %v", kind, s, all)
		case i > 0 && s == out[i-1]:
			return nil, fmt.Errorf("strata by %s: %s is named twice", kind, s)
		}
	}
	return out, nil
}

// maxStratum is the longest name of a stratum.
const maxStratum = 64

// StratumName is the name by which a manifest and a released table know the people with a value of race, ethnicity or language: the value in lower case,
// and a hyphen for whatever else stands between visible ASCII characters ("Two or More Races" is two-or-more-races, "Español" espa-ol), cut off after 64.
// Values of one name are one stratum. Nothing at all is "unknown".
func StratumName(value string) string {
	var b strings.Builder
	gap := false
	for _, r := range value {
		if r <= ' ' || r > '~' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 && b.Len() < maxStratum-1 {
			b.WriteByte('-')
		}
		if gap = false; b.Len() == maxStratum {
			break
		}
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteByte(byte(r))
	}
	if b.Len() == 0 {
		return unknownStratum
	}
	return b.String()
}

// nameStrata puts names in the place of values and adds up rows that have come to be of one stratum. Rows with a NULL stay for check to refuse.
func nameStrata(rows []raw) []raw {
	type cell struct{ practice, stratum string }
	at := map[cell]int{}
	var out []raw
	for _, r := range rows {
		if r.stratum.Valid {
			r.stratum.String = StratumName(r.stratum.String)
		}
		key := cell{r.practice.String, r.stratum.String}
		i, met := at[key]
		if sum := met && r.num.Valid && r.den.Valid && out[i].num.Valid && out[i].den.Valid && r.practice.Valid && r.stratum.Valid; sum && fits(out[i].num.Int64, r.num.Int64) && fits(out[i].den.Int64, r.den.Int64) {
			out[i].num.Int64 += r.num.Int64
			out[i].den.Int64 += r.den.Int64
			out[i].whole = out[i].whole && r.whole
			continue
		}
		at[key] = len(out)
		out = append(out, r)
	}
	return out
}

// fits says whether two counts can be added; those below 0 are refused by themselves.
func fits(a, b int64) bool { return a >= 0 && b >= 0 && a+b >= 0 }

// withoutStrata leaves out the tables that only the stratification reads: the
// members' form does not.
func withoutStrata(inputs []string, kind, sql string) []string {
	return slices.DeleteFunc(slices.Clone(inputs), func(in string) bool {
		return slices.Contains(strataInputs[kind], in) && !strings.Contains(strings.ToLower(sql), in)
	})
}
