package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
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
		var d ReliabilityDefinition
		if err := json.Unmarshal(def.Definition, &d); err != nil {
			return nil, fmt.Errorf("definition of %s: %w", def.ID, err)
		}
		if again, err := json.Marshal(d); err != nil || !bytes.Equal(again, def.Definition) {
			return nil, fmt.Errorf("definition of %s is not in canonical form", def.ID)
		}
		return reliabilitySum{d}, nil
	}
	return nil, fmt.Errorf("this program makes no vectors of kind %q; is it older than the ledger?", def.Kind)
}

// The kinds of exact sums, and the stages of a risk model in their order. There may be several rounds of presence: presence-1, presence-2, …
const (
	KindRisk        = "risk"
	KindReliability = "reliability"

	StagePresence   = "presence-"
	StageEquations  = "equations"
	StageBins       = "bins"
	StageDeciles    = "deciles"
	StageComponents = "components"
)

// ReliabilityDefinition says of which measure's cells the variance components are summed.
type ReliabilityDefinition struct {
	Measure string `json:"measure"` // hash, approved
}

type reliabilitySum struct{ d ReliabilityDefinition }

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

func (k reliabilitySum) model(*aggregation, audit.SumTable) ([]byte, error) { return nil, nil }

// Reliability is the companion of a released table: from how many people on a practice's rate is reliable. No denominator is in it.
type Reliability struct {
	Measure  string   `json:"measure"` // hash
	Period   string   `json:"period"`
	Run      string   `json:"run"` // of the variance components
	Payers   []string `json:"payers"`
	Between  string   `json:"between"` // variance, six digits
	Within   string   `json:"within"`
	Line     int64    `json:"people_for_reliability_0_70,omitempty"` // absent: no number of people is enough
	Reliable bool     `json:"reachable"`
}

func (k reliabilitySum) report(a *aggregation, t audit.SumTable) (any, error) {
	c, err := risk.ReadComponents(t.Values)
	if err != nil {
		return nil, err
	}
	out := Reliability{Measure: k.d.Measure, Period: t.Period, Run: t.Run, Payers: t.Present, Between: c.Between.FloatString(6), Within: c.Within.FloatString(6)}
	out.Line, out.Reliable = c.Line()
	return out, nil
}

type riskSum struct{ d risk.Definition }

// layout is the columns after the presence rounds there have been; settled says whether the last of them merged nothing.
func (k riskSum) layout(a *aggregation) (l risk.Layout, settled bool, err error) {
	if l, err = risk.NewLayout(k.d.Spec()); err != nil {
		return l, false, err
	}
	for i, t := range a.past {
		if !strings.HasPrefix(t.Stage, StagePresence) {
			break
		}
		if t.Stage != fmt.Sprintf("%s%d", StagePresence, i+1) || settled {
			return l, false, fmt.Errorf("stage %s comes out of order", t.Stage)
		}
		var changed bool
		if l, changed, err = l.Merge(t.Values); err != nil {
			return l, false, err
		}
		settled = !changed
	}
	return l, settled, nil
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
	people, err := s.people(ctx, a.year, k.d)
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
	if t.Stage != StageEquations {
		return nil, nil
	}
	l, _, err := k.layout(a)
	if err != nil {
		return nil, err
	}
	fit, err := l.Solve(t.Values)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(a.models) {
		if m.ID != a.def.ID || m.Run == a.run {
			continue
		}
		var old risk.Model
		if err := json.Unmarshal(m.Model, &old); err != nil {
			return nil, fmt.Errorf("model version %d in the log: %w", m.Version, err)
		}
		fit.Limit(&risk.Fit{Columns: old.Columns, Coefficients: old.Coefficients}, k.d.Change, k.d.Floor)
		break
	}
	return l.Model(fit).Canonical(), nil
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
