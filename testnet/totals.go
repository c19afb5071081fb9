package testnet

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// The regions of a test network, dealt to the practices of each grain in turn.
var testRegions = []string{"north", "south", "west"}

// regions is nil where no totals are opened: rosters have no regions then.
func (o *Options) regions(practices map[string][]string) map[string]string {
	if !o.Totals {
		return nil
	}
	out := map[string]string{}
	for _, ids := range practices {
		for i, p := range ids {
			out[p] = testRegions[i%len(testRegions)]
		}
	}
	return out
}

// totals opens exact totals of what the run shows of every proportion, and holds them against the pooled data.
func (n *network) totals(ctx context.Context, draft node.Draft, expected []oracle.Cell) (string, error) {
	var rows [][]string
	var said []string
	for _, s := range draft.Measures {
		p := draft.Profiles[s.Release.Profile]
		if p.AllowsTotals(s) != nil {
			continue
		}
		want := oracle.Totals(expected, s.ID, draft.Regions, testRegions, p.MinTotalPractices)
		if len(want) == 0 {
			said = append(said, fmt.Sprintf("%s: fewer than %d practices to add up", s.ID, p.MinTotalPractices))
			continue
		}
		t, err := n.totalsOf(ctx, draft, s)
		if err != nil {
			return "", fmt.Errorf("totals of %s: %w", s.ID, err)
		}
		var got []oracle.Total
		for i, g := range t.Total.Groups {
			got = append(got, oracle.Total{Group: g.Name, Practices: g.Practices, Num: t.Values[2*i], Den: t.Values[2*i+1]})
		}
		if !slices.Equal(got, want) {
			return "", fmt.Errorf("%w: totals of %s are over %d groups, the pooled data has %d, or other figures", ErrDiffers, s.ID, len(got), len(want))
		}
		more := node.ReadTotals(t)
		if rows != nil {
			more = more[1:]
		}
		rows = append(rows, more...)
		said = append(said, fmt.Sprintf("%s: %d equal the pooled data's, over %d of %d practices", s.ID, len(got), got[0].Practices, len(draft.Practices[s.Grain])))
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return "", fmt.Errorf("write totals: %w", err)
	}
	return strings.Join(said, "; ") + " (totals.csv)", vault.Write(filepath.Join(n.o.Out, "totals.csv"), []byte(b.String()))
}

// totalsOf has a measure's totals approved and opened.
func (n *network) totalsOf(ctx context.Context, draft node.Draft, s *measures.Spec) (t audit.SumTable, err error) {
	hash := s.Hash()
	d, err := entry.Canonical(rules.TotalDefinition{Measure: hex.EncodeToString(hash[:])})
	if err != nil {
		return t, err
	}
	id := "totals-" + s.ID
	if err := n.moveSum(ctx, rules.SumDefine{
		ID: id, Version: 1, Kind: rules.SumTotal, Definition: d, Cap: s.Cap.Den * int64(len(draft.Practices[s.Grain])), Profile: s.Release.Profile,
		Rationale: "how many people the shown practices of a region look after, and how many of them were served",
	}); err != nil {
		return t, err
	}
	runs, err := n.sum(ctx, admin.RunRequest{Run: id, Sum: id, Totals: draft.Run, Seconds: 120, Purpose: draft.Purpose, Agreement: draft.Agreement})
	if err != nil {
		return t, err
	}
	return audit.ReadSum(runs[0].Table)
}
