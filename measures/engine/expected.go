package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
)

// observations are the blocks that make the observations of a risk model (the common table expression units), by outcome, and what each reads.
var observations = map[string]struct {
	block  string
	inputs []string
}{
	risk.Allowed:     {"covered_v1", []string{"eligibility", "medical_claim"}},
	risk.Cost:        {"costs_v1", []string{"eligibility", "medical_claim", "pharmacy_claim", "provider_attribution", "practice_crosswalk"}},
	risk.Readmission: {"readmissions_v1", []string{"eligibility", "medical_claim", "provider_attribution", "practice_crosswalk"}},
}

// errNoModel is what a query of expected values comes to without the model.
var errNoModel = errors.New("its model is not at hand: a model is fitted together and put on record in the log (model.set) before anything is expected of it")

// reading stands for a model where nobody's data is meant: in what the lint reads.
var reading = func() *risk.Scorer {
	d := risk.DefaultDefinition()
	l, err := risk.NewLayout(d.Spec())
	if err != nil {
		panic("engine: a model to read: " + err.Error())
	}
	s, err := d.Scorer(l.Model(&risk.Fit{Coefficients: make([]int64, len(l.Columns()))}).Canonical())
	if err != nil {
		panic("engine: a model to read: " + err.Error())
	}
	return s
}()

// modelled notes what a block says of the model: which outcome the observations are of, and that something is expected.
func (e *expander) modelled(name string) {
	for outcome, o := range observations {
		if o.block == name && outcome != risk.Allowed { // which no measure is over
			e.outcome, e.units = outcome, e.units+1
		}
	}
	if name == "expected_v1" {
		e.expects++
	}
}

// checkModel holds what the text expects against what the header says, and the model at hand against both.
func (e *expander) checkModel() error {
	switch {
	case e.spec.Type != measures.ObservedExpected && e.expects > 0:
		return fmt.Errorf("expected_v1 is for measures of type %s", measures.ObservedExpected)
	case e.spec.Type != measures.ObservedExpected:
		return nil
	case e.expects != 1 || e.units != 1:
		return errors.New("a measure of observed over expected has one block of observations (readmissions_v1 or costs_v1) and expected_v1 behind it, once each")
	case e.model == nil && !e.read:
		return fmt.Errorf("model %s: %w", e.spec.Model, errNoModel)
	case e.model != nil && e.model.Outcome() != e.outcome:
		return fmt.Errorf("model %s is of the outcome %q, and the measure observes %q", e.spec.Model, e.model.Outcome(), e.outcome)
	}
	return nil
}

// expected is the block with the model's coefficients in it.
func (e *expander) expected() string {
	m := e.model
	if m == nil || e.dialect == neutral {
		m = reading
	}
	whole := func(v int64) string { return "CAST(" + strconv.FormatInt(v, 10) + " AS BIGINT)" }
	var terms []string
	for _, t := range m.Terms() {
		high, low := halves(t.Coefficient)
		terms = append(terms, fmt.Sprintf("SELECT %d AS category, '%s' AS from_code, '%s' AS to_code, %d AS days_cap, %d AS model_column, %d AS most, %s AS high, %s AS low",
			t.Category, t.From, t.To, t.Cap, t.Column, t.Most, whole(high), whole(low)))
	}
	if terms == nil { // no category has a column: no code is looked for
		terms = []string{"SELECT 0 AS category, 'A00' AS from_code, 'A00' AS to_code, 1 AS days_cap, 0 AS model_column, 1 AS most, " + whole(0) + " AS high, " + whole(0) + " AS low"}
	}
	bands := m.AgeBands()
	half := func(part func(int64) int64) string {
		sex := func(bands []risk.Band) string {
			out := "CASE"
			for i := len(bands) - 1; i > 0; i-- {
				out += fmt.Sprintf(" WHEN u.age >= %d THEN %s", bands[i].From, whole(part(bands[i].Coefficient)))
			}
			if len(bands) == 1 {
				return whole(part(bands[0].Coefficient))
			}
			return out + " ELSE " + whole(part(bands[0].Coefficient)) + " END"
		}
		return "CASE WHEN u.female = 1 THEN " + sex(bands[:len(bands)/2]) + " ELSE " + sex(bands[len(bands)/2:]) + " END"
	}
	return strings.NewReplacer("$terms", strings.Join(terms, " UNION ALL "),
		"$high", half(func(c int64) int64 { h, _ := halves(c); return h }), "$low", half(func(c int64) int64 { _, l := halves(c); return l }),
		"$most", whole(m.OutcomeCap()*1_000_000)).Replace(blocks["expected_v1"])
}

// halves of a coefficient: high·10⁶ + low, 0 ≤ low < 10⁶.
func halves(c int64) (high, low int64) {
	low = ((c % 1_000_000) + 1_000_000) % 1_000_000
	return (c - low) / 1_000_000, low
}
