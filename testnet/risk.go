package testnet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/store"
)

// pooledModel is the oracle of the joint risk model: the same fit on all payers' people in one place, which no network has.
type pooledModel struct {
	definition risk.Definition
	rounds     int // of presence
	model      risk.Model
	deciles    []risk.Decile // none: too few people for a calibration
}

// pool reads every payer's people from its own store, before the services have them open. Where the data makes no model, why says so.
func (n *network) pool(ctx context.Context, period int, profile disclosure.Profile) (p *pooledModel, why string, err error) {
	if profile.MinContributors > int64(n.o.Payers) {
		return nil, fmt.Sprintf("profile %s asks for %d contributors to a sum", profile.Name, profile.MinContributors), nil
	}
	if n.o.Format == "synpuf" {
		return nil, "DE-SynPUF has diagnoses in ICD-9-CM and no allowed amounts, the model groups ICD-10-CM and expects dollars", nil
	}
	p = &pooledModel{definition: risk.DefaultDefinition()}
	parts := make([][]risk.Person, n.o.Payers)
	var all []risk.Person
	for i, m := range n.payers() {
		err := node.WithStore(ctx, m.cfg, func(st *store.Store) (err error) {
			parts[i], err = st.Observe(ctx, p.definition.Outcome, engine.Period{Year: period})
			return err
		})
		if err != nil {
			return nil, "", err
		}
		all = append(all, parts[i]...)
	}
	l, err := risk.NewLayout(p.definition.Spec())
	if err != nil {
		return nil, "", err
	}
	sum := func(vector func([]risk.Person) []int64) (out []int64) {
		for _, people := range parts {
			x := vector(people)
			if out == nil {
				out = make([]int64, len(x))
			}
			for i, v := range x {
				out[i] += v
			}
		}
		return out
	}
	for changed := true; changed; p.rounds++ {
		if l, changed, err = l.Merge(sum(l.Presence)); err != nil {
			return nil, "the payers have too few people for a model", nil
		}
	}
	equations, err := l.Equations(all)
	if err != nil {
		return nil, "", err
	}
	fit, err := l.Solve(equations)
	if err != nil {
		return nil, "the payers have too few people for a model", nil
	}
	p.model = l.Model(fit)
	cuts, err := risk.Cuts(sum(func(x []risk.Person) []int64 { return l.BinVector(fit, x) }))
	if err != nil {
		return p, "", nil
	}
	p.deciles, err = l.ReadDeciles(l.DecileVector(fit, cuts, all))
	return p, "", err
}

// fitted is the joint risk model as the network has it, beside the pooled one.
type fitted struct {
	Payers     int           `json:"payers"`
	Sums       int           `json:"exact_sums"`
	Version    int64         `json:"model_version"` // on record
	People     int64         `json:"people"`
	Columns    int           `json:"columns"`
	Defined    int           `json:"columns_defined"`
	RSquared   float64       `json:"r_squared"`
	Freedom    float64       `json:"degrees_of_freedom"`
	Residual   float64       `json:"residual_degrees_of_freedom"`
	Difference float64       `json:"largest_relative_difference_from_pooled_fit"`
	Deciles    []risk.Decile `json:"calibration,omitempty"`
}

// risk fits a risk model together, puts it on record, calibrates it, and holds model and calibration against the pooled ones.
func (n *network) risk(ctx context.Context, draft node.Draft, pooled *pooledModel) (*fitted, error) {
	bound, err := pooled.definition.Spec().Bound(uint64(pooled.definition.MaxPeople), n.o.Payers)
	if err != nil {
		return nil, err
	}
	if err := n.moveSum(ctx, rules.SumDefine{
		ID: "risk", Version: 1, Kind: node.KindRisk, Definition: pooled.definition.Canonical(), Cap: int64(bound), Profile: riskProfile, Rationale: "one risk adjustment for all payers",
	}); err != nil {
		return nil, fmt.Errorf("approve the risk model: %w", err)
	}
	var stages, after []string
	for i := range pooled.rounds {
		stages = append(stages, fmt.Sprintf("%s%d", node.StagePresence, i+1))
	}
	if stages = append(stages, node.StageEquations); pooled.deciles != nil {
		stages = append(stages, node.StageBins, node.StageDeciles)
	}
	for _, stage := range stages {
		if _, err := n.sum(ctx, n.sumRequest(draft, "risk-"+stage, "risk", stage, after...)); err != nil {
			return nil, err
		}
		after = append(after, "risk-"+stage)
	}
	var m risk.Model
	raw, err := n.keep("risk-"+node.StageEquations, "risk-model.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	out := &fitted{
		Payers: n.o.Payers, Sums: len(stages), Version: 1, People: m.People, Columns: len(m.Columns), Defined: len(m.Of),
		RSquared: float64(m.RSquared) / 1e9, Freedom: float64(m.Freedom) / 1e9, Residual: float64(m.Residual) / 1e9,
	}
	if out.Difference, err = difference(m, pooled.model); err != nil || out.Difference > 1e-9 {
		return nil, fmt.Errorf("%w: the risk model, by %.3g relative: %v", ErrDiffers, out.Difference, err)
	}
	if pooled.deciles == nil {
		return out, nil
	}
	if raw, err = n.keep("risk-"+node.StageDeciles, "risk-calibration.json"); err != nil {
		return nil, err
	}
	var c node.Calibration
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	if out.Deciles = c.Deciles; !slices.Equal(c.Deciles, pooled.deciles) {
		return nil, fmt.Errorf("%w: the calibration of the risk model", ErrDiffers)
	}
	return out, nil
}

// riskProfile is the profile whose minimum of contributors the sums have.
const riskProfile = "quality-rate"

// line is the fit in one.
func (f *fitted) line() string {
	return fmt.Sprintf("%d exact sums of %d payers' vectors under masks: %d columns over %d people, R² %.4f; %s", f.Sums, f.Payers, f.Columns, f.People, f.RSquared, f.against())
}

// against is the difference from the pooled fit in words.
func (f *fitted) against() string {
	if f.Difference == 0 {
		return "largest relative difference from the pooled fit 0: the same integers"
	}
	return fmt.Sprintf("largest relative difference from the pooled fit %.1g", f.Difference)
}

// print is the fit for people. A calibration of one says that people of a tenth cost what the model expects.
func (f *fitted) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nrisk model, fitted by %d payers together: expected allowed amount of a person in a year\n", f.Payers)
	for _, x := range []struct{ what, is string }{
		{"people", fmt.Sprint(f.People)},
		{"columns", fmt.Sprintf("%d; %d of the definition's %d were too rare by themselves", f.Columns, f.Defined-f.Columns, f.Defined)},
		{"R²", fmt.Sprintf("%.4f", f.RSquared)},
		{"degrees of freedom", fmt.Sprintf("%.1f, residual %.1f", f.Freedom, f.Residual)},
		{"difference", f.against()},
		{"on record", fmt.Sprintf("version %d; every payer made it by itself of the sums (risk-model.json)", f.Version)},
	} {
		fmt.Fprintf(&b, "  %-19s %s\n", x.what, x.is)
	}
	if len(f.Deciles) > 0 {
		fmt.Fprintf(&b, "\n  tenth by expected   people   mean expected   mean observed   observed/expected\n")
	}
	for i, d := range f.Deciles {
		people := float64(max(d.People, 1))
		expected, observed, ratio := float64(d.Expected)/1000/people, float64(d.Outcome)/people, "–"
		if d.Expected > 0 {
			ratio = fmt.Sprintf("%.3f", observed/expected)
		}
		fmt.Fprintf(&b, "  %17d %8d %15.0f %15.0f %19s\n", i+1, d.People, expected, observed, ratio)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// difference is the largest relative difference of two models' coefficients.
func difference(a, b risk.Model) (worst float64, err error) {
	if !slices.Equal(a.Columns, b.Columns) || a.People != b.People {
		return math.Inf(1), fmt.Errorf("%d columns and %d people, pooled %d and %d", len(a.Columns), a.People, len(b.Columns), b.People)
	}
	for i, x := range a.Coefficients {
		y := b.Coefficients[i]
		if x != y {
			worst = max(worst, math.Abs(float64(x)-float64(y))/max(1, math.Abs(float64(y))))
		}
	}
	return worst, nil
}
