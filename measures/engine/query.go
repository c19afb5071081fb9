package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// Query compiles the measure's SQL for a period on the embedded engine: comments
// out, macros expanded to literals, linted. Slots are the payer's own code lists;
// one the measure does not name is refused. The result is deterministic and
// contains no placeholder. The error is a [*SyntaxError] where a line is to blame.
func Query(spec *measures.Spec, period Period, slots ...Slot) (string, error) {
	return QueryFor(DuckDB, spec, period, slots...)
}

// QueryFor is Query for any engine: the same measure, the same numbers.
func QueryFor(dialect Dialect, spec *measures.Spec, period Period, slots ...Slot) (string, error) {
	return compileFor(form{dialect: dialect}, spec, period, slots)
}

// form is what a compilation makes of a measure's text.
type form struct {
	dialect Dialect
	members bool
	read    bool // for a reader: the model, if the measure has one, need not be at hand
}

func compileFor(f form, spec *measures.Spec, period Period, slots []Slot) (string, error) {
	sql, err := compile(f, spec, period, slots)
	if err != nil {
		return "", fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return sql, nil
}

// compile lints the neutral form and returns the dialect's. The two differ in
// the text of the macros only, which is ours; whatever the author wrote stands in
// both.
func compile(f form, spec *measures.Spec, period Period, slots []Slot) (string, error) {
	if err := period.Check(); err != nil {
		return "", err
	}
	for _, s := range slots {
		if s.Model == nil && !namesSlot(spec, s.Name) {
			return "", fmt.Errorf("has no slot %.70q", s.Name)
		}
	}
	if spec.Stratify != "" && !slices.Contains(Strata(), spec.Stratify) {
		return "", fmt.Errorf("stratify: %.40q is none of %v", spec.Stratify, Strata())
	}
	e, err := newExpander(spec, period, slots)
	if err != nil {
		return "", err
	}
	plain := stripComments(spec.SQL)
	if i := strings.Index(strings.ToLower(plain), quotient); i >= 0 {
		return "", refuse(1+strings.Count(plain[:i], "\n"), "the word %q is the engine's own", quotient)
	}
	e.dialect, e.members, e.read = neutral, f.members, f.read
	checked, err := e.expand(plain)
	if err != nil {
		return "", err
	}
	if err := e.checkModel(); err != nil {
		return "", err
	}
	if (spec.Stratify != "" || f.members) && e.summaries != 1 {
		return "", errNoMembers
	}
	tokens, err := tokenise(checked)
	if err != nil {
		return "", err
	}
	inputs := spec.Inputs
	if f.members && spec.Stratify != "" {
		inputs = withoutStrata(inputs, spec.Stratify, checked)
	}
	if err := lint(tokens, inputs); err != nil {
		return "", err
	}
	e.dialect = f.dialect
	sql, err := e.expand(plain)
	return strings.TrimSpace(sql), err
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
	_, err := compileFor(form{dialect: DuckDB, read: true}, spec, Period{Year: 2024}, nil)
	return err
}
