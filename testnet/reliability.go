package testnet

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// What Options.Reliability may be, besides empty: none.
const (
	reliabilityAuto = "auto" // proportions, as many as the run's ciphertexts have room for anyway
	reliabilityAll  = "all"  // every proportion
	reliabilityNone = "none"
)

// pooledLines are the lines of the measures that have one, from the pooled plain counts: what a sum of variance components must say.
func pooledLines(specs []*measures.Spec, counts []oracle.Counts) (map[string]risk.Reliability, error) {
	out := map[string]risk.Reliability{}
	for i, s := range specs {
		if s.Type != measures.Proportion || s.Stratify != "" || s.Release.Kind == measures.BenchmarkOnly {
			continue
		}
		sum := make([]int64, risk.ComponentElements)
		for _, payer := range counts[i].Payers {
			var cells []risk.Cell
			for _, p := range payer {
				cells = append(cells, risk.Cell{Num: p.Num, Den: p.Den})
			}
			x, err := risk.ComponentVector(cells)
			if err != nil {
				return nil, err
			}
			for at, v := range x {
				sum[at] += v
			}
		}
		hash := s.Hash()
		if r, err := (risk.ReliabilityDefinition{Measure: hex.EncodeToString(hash[:])}).Reliability("", "", nil, sum); err == nil { // else there are too few people for components
			out[s.ID] = r
		}
	}
	return out, nil
}

// asking are the measures whose cells will be asked for reliability, by what the pooled lines say it costs: one that every released cell reaches asks nothing.
func (o *Options) asking(d node.Draft, base *predicate.Plan, lines map[string]risk.Reliability) (ids []string, err error) {
	if o.Reliability == "" || o.Reliability == reliabilityNone || o.Fault != "" {
		return nil, nil
	}
	d.Reliability = map[string]rules.ReliabilityLine{}
	for _, s := range d.Measures {
		if _, ok := lines[s.ID]; !ok || d.Profiles[s.Release.Profile].MinContributors > int64(o.Payers) {
			continue
		}
		if p := d.Profiles[s.Release.Profile]; o.Totals && p.AllowsTotals(s) == nil {
			continue // the rules refuse components beside totals: they hold the sum over all practices
		}
		d.Reliability[s.ID] = rules.ReliabilityLine{Run: "components", Line: lines[s.ID].Line}
		_, _, plan, err := node.Authorise(d)
		if o.Reliability == reliabilityAuto && (err != nil || plan.Set().Name != base.Set().Name || plan.Ciphertexts() > base.Ciphertexts() || len(plan.Stages()) > len(base.Stages())) {
			delete(d.Reliability, s.ID)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("plan the run with reliability: %w", err)
		}
		ids = append(ids, s.ID)
	}
	return ids, nil
}

// lines sums the variance components of the measures named, holds the lines that follow against the pooled ones, and has the draft ask for them.
func (n *network) lines(ctx context.Context, d *node.Draft, ids []string, pooled map[string]risk.Reliability) (string, error) {
	d.Reliability = map[string]rules.ReliabilityLine{}
	var said []string
	for _, s := range d.Measures {
		if !slices.Contains(ids, s.ID) {
			continue
		}
		hash := s.Hash()
		def := risk.ReliabilityDefinition{Measure: hex.EncodeToString(hash[:])}.Canonical()
		id := "reliability-" + s.ID
		if err := n.moveSum(ctx, rules.SumDefine{
			ID: id, Version: 1, Kind: node.KindReliability, Definition: def, Cap: 1 << 44, Profile: s.Release.Profile, Rationale: "from how many people on a rate says something",
		}); err != nil {
			return "", fmt.Errorf("approve the variance components of %s: %w", s.ID, err)
		}
		if _, err := n.sum(ctx, n.sumRequest(*d, id, id, node.StageComponents)); err != nil {
			return "", err
		}
		raw, err := n.reportOf(id)
		if err != nil {
			return "", err
		}
		var r risk.Reliability
		if err := json.Unmarshal(raw, &r); err != nil {
			return "", err
		}
		if want := pooled[s.ID]; r.Line != want.Line || r.Between != want.Between || r.Within != want.Within {
			return "", fmt.Errorf("%w: %s is reliable from %d people on, by the pooled data from %d", ErrDiffers, s.ID, r.Line, want.Line)
		}
		d.Reliability[s.ID] = rules.ReliabilityLine{Run: id, Line: r.Line}
		people := "out of reach"
		if r.Reliable {
			people = fmt.Sprintf("from %d people on", r.Line)
		}
		said = append(said, s.ID+" "+people)
	}
	return fmt.Sprintf("0.70 %s: exact sums of variance components, as of the pooled data; the run asks its encrypted denominators", strings.Join(said, ", ")), nil
}

// reliable writes reliability.csv, as a member would, and holds the file against the plain denominators.
func (o *Options) reliable(r admin.Run, expected []oracle.Cell) (text string, differing []string, err error) {
	rows, err := node.ReadReliability(r)
	if err != nil || rows == nil {
		return "", nil, err
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return "", nil, err
	}
	if err := vault.Write(filepath.Join(o.Out, node.ReliabilityFile), b.Bytes()); err != nil {
		return "", nil, err
	}
	lines := map[string]int64{}
	for _, l := range r.Lines {
		lines[l.Measure] = l.People
	}
	want := map[[2]string]string{}
	for _, c := range expected {
		line, ok := lines[c.Measure]
		if !ok {
			continue
		}
		word := ""
		if c.Status == oracle.Released {
			enough := line > 0 && c.Den >= line
			word = audit.ReliabilityWord(&enough)
		}
		want[[2]string{c.Practice, c.Measure}] = word
	}
	count := map[string]int{}
	for _, row := range rows[1:] {
		at := [2]string{row[0], row[1]}
		word, ok := want[at]
		if !ok || word != row[6] {
			differing = append(differing, fmt.Sprintf("reliability of %s of practice %s: want %q, got %q", row[1], row[0], word, row[6]))
		}
		delete(want, at)
		count[row[6]]++
	}
	for at := range want {
		differing = append(differing, fmt.Sprintf("reliability of %s of practice %s is missing", at[1], at[0]))
	}
	yes, no := true, false
	return fmt.Sprintf("; their reliability, asked of %d: %d at or above 0.70, %d below", len(rows)-1, count[audit.ReliabilityWord(&yes)], count[audit.ReliabilityWord(&no)]), differing, nil
}
