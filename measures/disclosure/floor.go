package disclosure

import "fmt"

// rule is one line of a floor: the value a profile has and the bound compiled in.
type rule struct {
	field   string
	value   int64
	bound   int64
	ceiling bool // value must be ≤ bound instead of ≥
}

// floor returns the compiled-in bounds of the profile's class. They are the
// least a member can be asked to accept: no vote and no file goes below them.
func (p Profile) floor() []rule {
	f := []rule{
		{"min_contributors", p.MinContributors, 3, false},
		{"max_share_percent", p.MaxSharePercent, 60, true},
		{"min_den", p.MinDen, 30, false},
		{"min_residual", p.MinResidual, 11, false},
		{"min_numerator", p.MinNumerator, 11, false},
		{"min_complement", p.MinComplement, 11, false},
		{"min_benchmark_practices", p.MinBenchmarkPractices, 10, false},
		{"percent_lo", p.PercentLo, 5, false},
		{"percent_hi", p.PercentHi, 95, true},
	}
	if p.Class == ClassPriceLike {
		f = append(f[:4], f[6])
		f[0].bound, f[1].bound = 5, 25
		f = append(f, rule{"min_data_age_days", p.MinDataAgeDays, 91, false})
	}
	return f
}

// bounds keep every form of a compiled program far inside 63 bits.
func (p Profile) bounds() []rule {
	const most = 1_000_000
	return []rule{
		{"version", p.Version, 1, false}, {"version", p.Version, most, true},
		{"min_contributors", p.MinContributors, 64, true},
		{"max_share_percent", p.MaxSharePercent, 1, false},
		{"min_den", p.MinDen, most, true},
		{"min_numerator", p.MinNumerator, 0, false}, {"min_numerator", p.MinNumerator, most, true},
		{"min_complement", p.MinComplement, 0, false}, {"min_complement", p.MinComplement, most, true},
		{"min_residual", p.MinResidual, most, true},
		{"min_data_age_days", p.MinDataAgeDays, 0, false}, {"min_data_age_days", p.MinDataAgeDays, 36500, true},
		{"min_benchmark_practices", p.MinBenchmarkPractices, 32768, true},
		{"percent_lo", p.PercentLo, 0, false}, {"percent_lo", p.PercentLo, 49, true},
		{"percent_hi", p.PercentHi, 51, false}, {"percent_hi", p.PercentHi, 100, true},
	}
}

// Validate checks the profile against the bounds and the floor of its class.
// The two built-in names belong to their classes.
func (p Profile) Validate() error {
	if len(p.Name) > 32 || !nameGrammar.MatchString(p.Name) {
		return fmt.Errorf("disclosure profile %.40q: the name must be lower-case letters, digits and hyphens, at most 32", p.Name)
	}
	if p.Class != ClassQualityRate && p.Class != ClassPriceLike {
		return fmt.Errorf("disclosure profile %s: class %.40q is neither %s nor %s", p.Name, p.Class, ClassQualityRate, ClassPriceLike)
	}
	if (p.Name == string(ClassQualityRate) || p.Name == string(ClassPriceLike)) && p.Name != string(p.Class) {
		return fmt.Errorf("disclosure profile %s: the name belongs to class %s, not %s", p.Name, p.Name, p.Class)
	}
	for i, list := range [][]rule{p.bounds(), p.floor()} {
		for _, r := range list {
			if !r.ceiling && r.value >= r.bound || r.ceiling && r.value <= r.bound {
				continue
			}
			word, kind := "at least", "possible"
			if r.ceiling {
				word = "at most"
			}
			if i == 1 {
				kind = "the floor of " + string(p.Class)
			}
			return fmt.Errorf("disclosure profile %s: %s is %d, but %s requires %s %d", p.Name, r.field, r.value, kind, word, r.bound)
		}
	}
	if err := p.Quality.Validate(); err != nil {
		return fmt.Errorf("disclosure profile %s: %w", p.Name, err)
	}
	return p.validateTotals()
}

// Stricter returns the profile that satisfies both: of each rule the stricter
// one. It is commutative, associative and idempotent apart from the name and
// version, which are a's where they differ. A price-like side makes the result
// price-like.
func Stricter(a, b Profile) Profile {
	a.Version = max(a.Version, b.Version)
	if b.Class == ClassPriceLike {
		a.Class = ClassPriceLike
	}
	a.MinContributors = max(a.MinContributors, b.MinContributors)
	a.MaxSharePercent = min(a.MaxSharePercent, b.MaxSharePercent)
	a.MinDen = max(a.MinDen, b.MinDen)
	a.MinNumerator = max(a.MinNumerator, b.MinNumerator)
	a.MinComplement = max(a.MinComplement, b.MinComplement)
	a.MinResidual = max(a.MinResidual, b.MinResidual)
	a.MinDataAgeDays = max(a.MinDataAgeDays, b.MinDataAgeDays)
	a.PercentLo = max(a.PercentLo, b.PercentLo)
	a.PercentHi = min(a.PercentHi, b.PercentHi)
	a.MinBenchmarkPractices = max(a.MinBenchmarkPractices, b.MinBenchmarkPractices)
	a.Quality = a.Quality.Stricter(b.Quality)
	a.Totals = a.Totals.Stricter(b.Totals)
	return a
}
