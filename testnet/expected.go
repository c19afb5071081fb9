package testnet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// nameOf is a measure as --measures and the oracle name it: the id, of a later version with its major version behind it, and of a stratified form the kind.
func nameOf(s *measures.Spec) string {
	if s.Stratify != "" {
		return library.Name(s) + "-by-" + s.Stratify
	}
	return library.Name(s)
}

// pooledModels fits the pooled models that measures over expected values take theirs from, by id.
func pooledModels(folders []string, period int, names []string) (map[string]*oracle.Fitted, error) {
	out := map[string]*oracle.Fitted{}
	for _, name := range names {
		id, outcome := oracle.Modelled(name)
		if id == "" || out[id] != nil {
			continue
		}
		f, err := oracle.Fit(folders, period, risk.DefaultOf(outcome))
		if err != nil {
			return nil, usage("--measures %s: %v; it needs a larger population", name, err)
		}
		out[id] = f
	}
	return out, nil
}

// stays says whether a built-in population needs stays for these measures.
func stays(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, outcome := oracle.Modelled(n); return outcome == risk.Readmission })
}

// expectTogether has the members fit the models that the run's measures take expected values from, holds each against the pooled one, and returns their
// hashes on record.
func (n *network) expectTogether(ctx context.Context, draft node.Draft, pooled map[string]*oracle.Fitted) (map[string]string, string, error) {
	hashes, said := map[string]string{}, []string{}
	for _, id := range slices.Sorted(maps.Keys(pooled)) {
		f := pooled[id]
		at := slices.IndexFunc(draft.Measures, func(s *measures.Spec) bool { return s.Model == id })
		bound, err := f.Definition.Spec().Bound(uint64(f.Definition.MaxPeople), n.o.Payers)
		if err != nil {
			return nil, "", err
		}
		if err := n.moveSum(ctx, rules.SumDefine{
			ID: id, Version: 1, Kind: node.KindRisk, Definition: f.Definition.Canonical(), Cap: int64(bound), Profile: draft.Measures[at].Release.Profile,
			Rationale: "what is expected of a practice's patients: " + draft.Measures[at].ID,
		}); err != nil {
			return nil, "", fmt.Errorf("approve the model %s: %w", id, err)
		}
		m, err := n.fitTogether(ctx, draft, id, id, f.Rounds)
		if err != nil {
			return nil, "", err
		}
		if worst, err := difference(m, f.Model); err != nil || worst != 0 {
			return nil, "", fmt.Errorf("%w: the model %s, by %.3g relative: %v", ErrDiffers, id, worst, err)
		}
		hashes[id] = hashOf(m)
		said = append(said, fmt.Sprintf("%s over %d observations in %d columns, the same integers as the pooled fit", id, m.People, len(m.Columns)))
	}
	return hashes, strings.Join(said, "; "), nil
}

// fitTogether holds the runs of a model's presence rounds and equations, and returns what its members have made of them. run begins the runs' names.
func (n *network) fitTogether(ctx context.Context, draft node.Draft, run, id string, rounds int) (m risk.Model, err error) {
	var stages, after []string
	for i := range rounds {
		stages = append(stages, fmt.Sprintf("%s%d", node.StagePresence, i+1))
	}
	for _, stage := range append(stages, node.StageEquations) {
		if _, err := n.sum(ctx, n.sumRequest(draft, run+"-"+stage, id, stage, after...)); err != nil {
			return m, err
		}
		after = append(after, run+"-"+stage)
	}
	raw, err := n.reportOf(run + "-" + node.StageEquations)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(raw, &m)
}

// hashOf is the hash that a model has on record.
func hashOf(m risk.Model) string {
	h := sha256.Sum256(m.Canonical())
	return hex.EncodeToString(h[:])
}
