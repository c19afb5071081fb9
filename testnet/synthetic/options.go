package synthetic

import "fmt"

// Options says how large a population is. The zero value of a field means its default.
type Options struct {
	People    int    // default 60,000; 1,000…5,000,000, and at least 100 a practice
	Practices int    // default 48; 12…5,000
	Payers    int    // default 5; 3…15
	Seed      uint64 // default 1
	Period    int    // measurement year, default 2024; 1990…2100
	Stays     bool   // besides, many stays and readmissions, for measures of them
	Strata    bool   // besides, what people are stratified by: further columns of eligibility, and a deprivation_index; nothing else changes
}

// DefaultPeriod is the measurement year of a population that names none.
const DefaultPeriod = 2024

// withDefaults fills in and checks.
func (o Options) withDefaults() (Options, error) {
	if o.People == 0 {
		o.People = 60000
	}
	if o.Practices == 0 {
		o.Practices = 48
	}
	if o.Payers == 0 {
		o.Payers = 5
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Period == 0 {
		o.Period = DefaultPeriod
	}
	for _, c := range []struct {
		name      string
		v, lo, hi int
	}{{"people", o.People, 1000, 5_000_000}, {"practices", o.Practices, 12, 5000}, {"payers", o.Payers, 3, 15}, {"period", o.Period, 1990, 2100}} {
		if c.v < c.lo || c.v > c.hi {
			return o, fmt.Errorf("synthetic population: %s=%d is outside %d…%d", c.name, c.v, c.lo, c.hi)
		}
	}
	if o.People < 100*o.Practices {
		return o, fmt.Errorf("synthetic population: %d people are too few for %d practices: at least 100 a practice", o.People, o.Practices)
	}
	return o, nil
}

// Validate reports the first option out of range, as Generate would.
func (o Options) Validate() error {
	_, err := o.withDefaults()
	return err
}
