package testnet

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/vault"
)

// pooledModel is the oracle of the joint risk model: the same fit on all payers' people in one place, which no network has.
type pooledModel struct {
	definition risk.Definition
	period     int
	rounds     int // of presence
	model      risk.Model
}

// pool reads every payer's people from its own store, before the services have them open.
func (n *network) pool(ctx context.Context, period int) (*pooledModel, error) {
	p := &pooledModel{definition: risk.DefaultDefinition(), period: period}
	parts := make([][]risk.Person, n.o.Payers)
	var all []risk.Person
	for i, m := range n.payers() {
		err := node.WithStore(ctx, m.cfg, func(st *store.Store) (err error) {
			parts[i], err = node.People(ctx, st, engine.Period{Year: period}, p.definition)
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, parts[i]...)
	}
	l, err := risk.NewLayout(p.definition.Spec())
	if err != nil {
		return nil, err
	}
	for changed := true; changed; p.rounds++ {
		sum := make([]int64, len(l.Columns()))
		for _, people := range parts {
			for i, v := range l.Presence(people) {
				sum[i] += v
			}
		}
		if l, changed, err = l.Merge(sum); err != nil {
			return nil, err
		}
	}
	equations, err := l.Equations(all)
	if err != nil {
		return nil, err
	}
	fit, err := l.Solve(equations)
	if err != nil {
		return nil, err
	}
	p.model = l.Model(fit)
	return p, nil
}

// moveSum has a motion on an exact sum carried.
func (n *network) moveSum(ctx context.Context, d rules.SumDefine) error {
	body, err := entry.Canonical(d)
	if err != nil {
		return err
	}
	c := n.members[0].client
	id := "sum-" + d.ID
	if _, err := c.Propose(ctx, rules.KindMotionPropose, rules.MotionPropose{ID: id, Subject: rules.SubjectSum, Body: body}); err != nil {
		return err
	}
	for _, p := range n.payers() {
		if _, err := p.client.Propose(ctx, rules.KindMotionVote, rules.MotionVote{ID: id, Choice: rules.Yes}); err != nil {
			return err
		}
	}
	_, err = c.Propose(ctx, rules.KindMotionCarry, rules.MotionCarry{ID: id})
	return err
}

// sum holds an aggregate run to its end at every member that is there for it.
func (n *network) sum(ctx context.Context, q admin.RunRequest, away ...string) ([]admin.Run, error) {
	if _, err := n.members[0].client.Authorise(ctx, q); err != nil {
		return nil, err
	}
	var out []admin.Run
	for _, m := range n.members {
		if slices.Contains(away, m.cfg.Name) {
			continue
		}
		r, err := m.client.WaitRun(ctx, q.Run)
		if err != nil {
			return nil, err
		}
		if r.State != "certified" {
			return nil, fmt.Errorf("run %s is void at %s: %s", q.Run, m.cfg.Name, r.Reason)
		}
		if len(out) > 0 && string(out[0].Table) != string(r.Table) {
			return nil, fmt.Errorf("%w: %s has another sum of run %s", ErrDiffers, m.cfg.Name, q.Run)
		}
		out = append(out, r)
	}
	return out, nil
}

// risk fits a risk model together, puts it on record, calibrates it, sums variance components of the first proportion, and holds the model against the
// pooled one.
func (n *network) risk(ctx context.Context, draft node.Draft, pooled *pooledModel) (string, error) {
	bound, err := pooled.definition.Spec().Bound(uint64(pooled.definition.MaxPeople), n.o.Payers)
	if err != nil {
		return "", err
	}
	profile := draft.Measures[0].Release.Profile
	if err := n.moveSum(ctx, rules.SumDefine{
		ID: "risk", Version: 1, Kind: node.KindRisk, Definition: pooled.definition.Canonical(), Cap: int64(bound), Profile: profile, Rationale: "one risk adjustment for all payers",
	}); err != nil {
		return "", fmt.Errorf("approve the risk model: %w", err)
	}
	request := func(run, sum, stage string, after ...string) admin.RunRequest {
		return admin.RunRequest{
			Run: run, Sum: sum, Stage: stage, After: after, Period: draft.Period, Payers: n.o.payerNames(), Seconds: 120, Purpose: draft.Purpose, Agreement: draft.Agreement,
		}
	}
	var after []string
	stage := func(name string) error {
		run := "risk-" + name
		_, err := n.sum(ctx, request(run, "risk", name, after...))
		after = append(after, run)
		return err
	}
	for i := range pooled.rounds {
		if err := stage(fmt.Sprintf("%s%d", node.StagePresence, i+1)); err != nil {
			return "", err
		}
	}
	for _, name := range []string{node.StageEquations, node.StageBins, node.StageDeciles} {
		if err := stage(name); err != nil {
			return "", err
		}
	}
	var model risk.Model
	raw, err := n.keep("risk-"+node.StageEquations, "risk-model.json")
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(raw, &model); err != nil {
		return "", err
	}
	if _, err := n.keep("risk-"+node.StageDeciles, "risk-calibration.json"); err != nil {
		return "", err
	}
	worst, err := difference(model, pooled.model)
	if err != nil || worst > 1e-9 {
		return "", fmt.Errorf("%w: the risk model, by %.3g relative: %v", ErrDiffers, worst, err)
	}
	text := fmt.Sprintf("%d columns over %d people, R² %.4f, %.1f degrees of freedom; largest relative difference from the pooled fit %.1g (risk-model.json, risk-calibration.json)",
		len(model.Columns), model.People, float64(model.RSquared)/1e9, float64(model.Freedom)/1e9, worst)
	for _, s := range draft.Measures {
		if s.Type != measures.Proportion {
			continue
		}
		hash := s.Hash()
		d, err := json.Marshal(node.ReliabilityDefinition{Measure: hex.EncodeToString(hash[:])})
		if err != nil {
			return "", err
		}
		id := "reliability-" + s.ID
		if err := n.moveSum(ctx, rules.SumDefine{
			ID: id, Version: 1, Kind: node.KindReliability, Definition: d, Cap: 1 << 44, Profile: s.Release.Profile, Rationale: "from how many people on a rate says something",
		}); err != nil {
			return "", fmt.Errorf("approve the variance components: %w", err)
		}
		if _, err := n.sum(ctx, request(id, id, node.StageComponents)); err != nil {
			return "", err
		}
		raw, err := n.keep(id, "reliability.json")
		if err != nil {
			return "", err
		}
		var r node.Reliability
		if err := json.Unmarshal(raw, &r); err != nil {
			return "", err
		}
		return text + fmt.Sprintf("; %s is reliable (0.70) from %d people on (reliability.json)", s.ID, r.Line), nil
	}
	return text, nil
}

// keep copies the convener's report of a sum to the output folder.
func (n *network) keep(run, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(n.members[0].cfg.Dir, "runs", run, "report.json"))
	if err != nil {
		return nil, fmt.Errorf("report of run %s: %w", run, err)
	}
	return b, vault.Write(filepath.Join(n.o.Out, name), b)
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
