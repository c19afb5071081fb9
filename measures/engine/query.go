package engine

import (
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// Query compiles the measure's SQL for a period: comments out, macros expanded
// to literals, linted. Slots are the payer's own code lists; one the measure
// does not name is refused. The result is deterministic and contains no
// placeholder. The error is a [*SyntaxError] where a line is to blame.
func Query(spec *measures.Spec, period Period, slots ...Slot) (string, error) {
	sql, err := compile(spec, period, slots)
	if err != nil {
		return "", fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return sql, nil
}

func compile(spec *measures.Spec, period Period, slots []Slot) (string, error) {
	if err := period.Check(); err != nil {
		return "", err
	}
	for _, s := range slots {
		if !namesSlot(spec, s.Name) {
			return "", fmt.Errorf("has no slot %.70q", s.Name)
		}
	}
	e, err := newExpander(spec, period, slots)
	if err != nil {
		return "", err
	}
	sql, err := e.expand(stripComments(spec.SQL))
	if err != nil {
		return "", err
	}
	tokens, err := tokenise(sql)
	if err != nil {
		return "", err
	}
	if err := lint(tokens, spec.Inputs); err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.ReplaceAll(sql, quotient, duckQuotient)), nil
}

func namesSlot(spec *measures.Spec, name string) bool {
	for _, v := range spec.ValueSets {
		if v.Slot == name && name != "" {
			return true
		}
	}
	return false
}

// Check compiles the measure for a year of no special meaning: what a reviewer
// or the log runs before a vote.
func Check(spec *measures.Spec) error {
	_, err := Query(spec, Period{Year: 2024})
	return err
}
