package rules

import (
	"github.com/tacet-health/tacet/measures"
)

// Ratio is a bound of a numerator and one of a denominator.
type Ratio struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// readDefinition checks that the definition is a measure's canonical form and is what the proposal says it is.
func readDefinition(b *MeasurePropose) (*measures.Spec, *Refusal) {
	spec, err := measures.ParseCanonical(b.Definition)
	if err != nil {
		return nil, refuse(CodeDefinition, "%v", err)
	}
	if h := hexOf(spec.Hash()); h != b.Hash {
		return nil, refuse(CodeHashMismatch, "the definition has hash %s", h)
	}
	if spec.ID != b.ID || spec.Version != b.Version {
		return nil, refuse(CodeDefinition, "the definition is of %s %s, not of %s %s", spec.ID, spec.Version, b.ID, b.Version)
	}
	return spec, nil
}
