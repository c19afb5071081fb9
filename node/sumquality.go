package node

import (
	"context"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/quality"
)

// KindQuality counts payers by how good their data is: each is in one tenth of one share of the quality gate, and nobody learns which. Its definition must ask for
// proofs that every vector is a histogram: a payer is counted once.
const (
	KindQuality = "quality"
	StageTenths = "tenths"
)

// QualityDefinition says of which check.
type QualityDefinition struct {
	Check string `json:"check"` // one of quality.Shares
}

type qualitySum struct{ d QualityDefinition }

func readQuality(def rules.SumRecord) (k qualitySum, err error) {
	if err := entry.Decode(def.Definition, &k.d); err != nil {
		return k, err
	}
	if !slices.Contains(quality.Shares, k.d.Check) {
		return k, fmt.Errorf("no check %.40q, want one of %v", k.d.Check, quality.Shares)
	}
	if def.Bound == nil || def.Bound.Kind != rules.BoundHistogram {
		return k, fmt.Errorf("payers are counted under a bound of kind %q", rules.BoundHistogram)
	}
	return k, nil
}

func (k qualitySum) length(a *aggregation) (int64, error) {
	if a.body.Stage != StageTenths {
		return 0, fmt.Errorf("quality has no stage %q", a.body.Stage)
	}
	return quality.Buckets, nil
}

func (k qualitySum) vector(ctx context.Context, a *aggregation, s *Service) ([]int64, error) {
	at, err := quality.Tenth(ctx, s.store, a.year.Year, k.d.Check)
	if err != nil {
		return nil, err
	}
	x := make([]int64, quality.Buckets)
	x[at] = 1
	return x, nil
}

func (k qualitySum) model(*aggregation, audit.SumTable) ([]byte, error) { return nil, nil }

// Tenths is how many payers are in each tenth of a share.
type Tenths struct {
	Check  string  `json:"check"`
	Period string  `json:"period"`
	Run    string  `json:"run"`
	Payers int     `json:"payers"`
	Counts []int64 `json:"payers_by_tenth"` // 0 to 9 %, …, 90 to 100 %
	None   int64   `json:"payers_with_nothing_to_judge_by"`
}

func (k qualitySum) report(a *aggregation, t audit.SumTable) (any, error) {
	if len(t.Values) != quality.Buckets {
		return nil, fmt.Errorf("run %s: a table of %d tenths", a.run, len(t.Values))
	}
	last := quality.Buckets - 1
	return Tenths{Check: k.d.Check, Period: t.Period, Run: t.Run, Payers: len(t.Present), Counts: t.Values[:last], None: t.Values[last]}, nil
}
