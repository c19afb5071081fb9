package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
)

// sumKind is how vectors of an approved sum are made. Everything but vector follows from the log and certified tables alone, so that all members get the same.
type sumKind interface {
	length(a *aggregation) (int64, error)                                    // of the stage's vector
	vector(ctx context.Context, a *aggregation, s *Service) ([]int64, error) // of this payer
	model(a *aggregation, t audit.SumTable) ([]byte, error)                  // canonical, of stages that make one; nil of others
	report(a *aggregation, t audit.SumTable) (any, error)                    // for people; nil: none
}

// openSumKind reads an approved definition.
func openSumKind(def rules.SumRecord) (sumKind, error) {
	switch def.Kind {
	case KindRisk:
		d, err := risk.ReadDefinition(def.Definition)
		if err != nil {
			return nil, err
		}
		return riskSum{d}, nil
	case KindReliability:
		d, err := risk.ReadReliabilityDefinition(def.Definition)
		if err != nil {
			return nil, fmt.Errorf("definition of %s: %w", def.ID, err)
		}
		return reliabilitySum{d}, nil
	case rules.SumTotal:
		var d rules.TotalDefinition
		if err := entry.Decode(def.Definition, &d); err != nil {
			return nil, fmt.Errorf("definition of %s: %w", def.ID, err)
		}
		return totalSum{d.Measure}, nil
	case KindQuality:
		k, err := readQuality(def)
		if err != nil {
			return nil, fmt.Errorf("definition of %s: %w", def.ID, err)
		}
		return k, nil
	}
	return nil, fmt.Errorf("this program makes no vectors of kind %q; is it older than the ledger?", def.Kind)
}

// The kinds of exact sums, and their stages.
const (
	KindRisk        = rules.SumRisk
	KindReliability = rules.SumReliability

	StagePresence   = risk.StagePresence
	StageEquations  = risk.StageEquations
	StageBins       = risk.StageBins
	StageDeciles    = risk.StageDeciles
	StageComponents = risk.StageComponents
)

type reliabilitySum struct{ d risk.ReliabilityDefinition }

func (k reliabilitySum) length(a *aggregation) (int64, error) {
	if a.body.Stage != StageComponents {
		return 0, fmt.Errorf("reliability has no stage %q", a.body.Stage)
	}
	return risk.ComponentElements, nil
}

func (k reliabilitySum) vector(ctx context.Context, a *aggregation, s *Service) ([]int64, error) {
	var spec *measures.Spec
	s.replica.View(func(st *rules.State) {
		if m, ok := st.Measure(k.d.Measure); ok && m.Status == rules.MeasureApproved {
			spec = m.Spec()
		}
	})
	if spec == nil || spec.Type != measures.Proportion {
		return nil, errors.New("the measure of the variance components is no approved proportion")
	}
	slots, err := slotsOf(s.cfg.Dir, spec)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Measure(ctx, spec, a.year, slots...)
	if err != nil {
		return nil, err
	}
	var cells []risk.Cell
	for _, r := range rows {
		if r.Stratum == measures.Unstratified {
			cells = append(cells, risk.Cell{Num: r.Num, Den: r.Den})
		}
	}
	return risk.ComponentVector(cells)
}

// model is the line, which a release may ask its encrypted denominators for.
func (k reliabilitySum) model(a *aggregation, t audit.SumTable) ([]byte, error) {
	return audit.Follows(a.def, t, a.past, a.models)
}

func (k reliabilitySum) report(a *aggregation, t audit.SumTable) (any, error) {
	raw, err := k.model(a, t)
	return json.RawMessage(raw), err
}

type riskSum struct{ d risk.Definition }

// layout is the columns after the presence rounds there have been; settled says whether the last of them merged nothing.
func (k riskSum) layout(a *aggregation) (l risk.Layout, settled bool, err error) {
	var past []risk.Sum
	for _, t := range a.past {
		past = append(past, risk.Sum{Stage: t.Stage, Values: t.Values})
	}
	return k.d.Layout(past)
}

// fitted is the model that the runs before have put on record.
func (k riskSum) fitted(a *aggregation) (risk.Layout, *risk.Fit, error) {
	for _, m := range a.models {
		if m.ID == a.def.ID && slices.Contains(a.body.After, m.Run) {
			return risk.ReadModel(k.d.Spec(), m.Model)
		}
	}
	return risk.Layout{}, nil, errors.New("the model of the equations is not on record")
}

func (k riskSum) length(a *aggregation) (int64, error) {
	l, settled, err := k.layout(a)
	presences := 0
	for _, t := range a.past {
		if strings.HasPrefix(t.Stage, StagePresence) {
			presences++
		}
	}
	switch stage := a.body.Stage; {
	case err != nil:
		return 0, err
	case stage == fmt.Sprintf("%s%d", StagePresence, presences+1) && !settled && len(a.past) == presences:
		return int64(len(l.Columns())), nil
	case stage == StageEquations && settled && len(a.past) == presences:
		return int64(l.Length()), nil
	case stage == StageBins && len(a.past) == presences+1:
		return risk.Bins, nil
	case stage == StageDeciles && len(a.past) == presences+2 && a.past[presences+1].Stage == StageBins:
		return risk.DecileElements, nil
	}
	return 0, fmt.Errorf("a risk model has no stage %q here; after %d rounds of presence and %d others, columns settled: %t", a.body.Stage, presences, len(a.past)-presences, settled)
}

func (k riskSum) vector(ctx context.Context, a *aggregation, s *Service) ([]int64, error) {
	people, err := observations(ctx, s.store, a.year, k.d)
	if err != nil {
		return nil, err
	}
	l, _, err := k.layout(a)
	if err != nil {
		return nil, err
	}
	switch a.body.Stage {
	case StageEquations:
		return l.Equations(people)
	case StageBins, StageDeciles:
		l, fit, err := k.fitted(a)
		if err != nil {
			return nil, err
		}
		if a.body.Stage == StageBins {
			return l.BinVector(fit, people), nil
		}
		cuts, err := risk.Cuts(a.past[len(a.past)-1].Values)
		if err != nil {
			return nil, err
		}
		return l.DecileVector(fit, cuts, people), nil
	}
	return l.Presence(people), nil
}

// model fits the equations; coefficients stay within the change that was agreed on from the version on record.
func (k riskSum) model(a *aggregation, t audit.SumTable) ([]byte, error) {
	return audit.Follows(a.def, t, a.past, slices.DeleteFunc(slices.Clone(a.models), func(m rules.ModelRecord) bool { return m.Run == a.run }))
}

// Calibration is the report of a risk model by tenths of expected outcome.
type Calibration struct {
	Run     string        `json:"run"`
	Period  string        `json:"period"`
	Payers  []string      `json:"payers"`
	Deciles []risk.Decile `json:"deciles"` // Expected in thousandths
}

func (k riskSum) report(a *aggregation, t audit.SumTable) (any, error) {
	switch t.Stage {
	case StageEquations:
		raw, err := k.model(a, t)
		return json.RawMessage(raw), err
	case StageDeciles:
		l, _, err := k.fitted(a)
		if err != nil {
			return nil, err
		}
		d, err := l.ReadDeciles(t.Values)
		return Calibration{t.Run, t.Period, t.Present, d}, err
	}
	return nil, nil
}
