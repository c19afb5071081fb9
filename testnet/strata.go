package testnet

import (
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// strata are those of Options.Strata by kind, as a run's draft takes them; nil when the run has none.
func (o *Options) strata() map[string][]string {
	if o.Strata == "" {
		return nil
	}
	kind, named, ok := strings.Cut(o.Strata, "=")
	if !ok {
		return map[string][]string{kind: nil}
	}
	return map[string][]string{kind: strings.Split(named, ",")}
}

// stratify takes the measures by strata. Each is another definition, so members approve it as such.
func (o *Options) stratify(specs []*measures.Spec) ([]*measures.Spec, error) {
	for kind, named := range o.strata() { // one at most
		if _, err := engine.StrataOf(kind, named); err != nil {
			return nil, usage("--strata: %v", err)
		}
		out := make([]*measures.Spec, len(specs))
		for i, s := range specs {
			by, err := engine.Stratified(s, kind)
			if err != nil {
				return nil, err
			}
			out[i] = by
		}
		specs = out
	}
	return specs, nil
}

// countStrata tells the oracle which strata the run releases.
func (o *Options) countStrata(counts []oracle.Counts, err error) ([]oracle.Counts, error) {
	for kind, named := range o.strata() {
		released, failed := engine.StrataOf(kind, named)
		if err == nil {
			err = failed
		}
		for i := range counts {
			counts[i].Strata = released
		}
	}
	return counts, err
}
