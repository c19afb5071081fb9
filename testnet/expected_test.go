package testnet

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/page"
	"github.com/tacet-health/tacet/testnet/oracle"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// TestObservedOverExpected: the members fit a model of readmissions, and release the index of each practice over what it expects, as the oracle does from
// the files; the evidence of all of it verifies.
func TestObservedOverExpected(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	o.Measures, o.Synthetic = []string{"qu-read@2"}, synthetic.Options{People: 9000, Practices: 12}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"risk-readmission over", "the same integers as the pooled fit", "all 12 cells equal"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	raw, err := os.ReadFile(filepath.Join(o.Out, "release.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]bool{}
	released := 0
	for _, r := range rows[1:] {
		if strings.Contains(strings.Join(r, ","), ",released,") {
			released++
			values[strings.Join(r[3:], ",")] = true
		}
	}
	if released < 6 || len(values) < 4 {
		t.Errorf("%d of 12 practices released, %d values:\n%s", released, len(values), raw)
	}
}

// TestModelHeldToChange: the members fit a model of one year, then of the next. The second version on record is the new fit, held to what they agreed a
// coefficient may move; the auditor makes both again from the sums; a node's preview and explanation expect what the version on record says.
func TestModelHeldToChange(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Data, o.Period, o.Measures = filepath.Join(t.TempDir(), "data"), 2024, []string{"qp-crc"}
	made, err := synthetic.Generate(o.Data, synthetic.Options{People: 3000, Practices: 12, Payers: 3, Stays: true})
	must(t, err)
	for _, folder := range made.Folders { // everybody was at the same practice the year before
		raw, err := os.ReadFile(filepath.Join(folder, "provider_attribution.csv"))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, "provider_attribution.2023.csv"), bytes.ReplaceAll(raw, []byte(",2024"), []byte(",2023")), 0o600))
	}
	d := risk.DefaultOf(risk.Cost)
	d.Change, d.Floor = 50, 2*risk.Unit
	var fits []*oracle.Fitted
	for year := 2023; year <= 2024; year++ {
		f, err := oracle.Fit(made.Folders, year, d)
		must(t, err)
		fits = append(fits, f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	n, draft, _, roster := loaded(t, ctx, &o)
	must(t, n.start(ctx))
	_, err = n.govern(ctx, draft, roster)
	must(t, err)
	must(t, n.moveSum(ctx, rules.SumDefine{ID: "risk-cost", Version: 1, Kind: node.KindRisk, Definition: d.Canonical(), Cap: 1 << 50, Profile: "quality-rate", Rationale: "a test"}))
	var versions []risk.Model
	for i, f := range fits {
		draft.Period = strconv.Itoa(2023 + i)
		m, err := n.fitTogether(ctx, draft, "cost-"+draft.Period, "risk-cost", f.Rounds)
		must(t, err)
		versions = append(versions, m)
	}
	if !slices.Equal(versions[0].Coefficients, fits[0].Model.Coefficients) || !slices.Equal(versions[1].Columns, fits[1].Model.Columns) {
		t.Error("the first version is not the pooled fit, or the second has other columns")
	}
	held, free := 0, 0
	for i, name := range versions[1].Columns {
		got, want := versions[1].Coefficients[i], fits[1].Model.Coefficients[i]
		if at := slices.Index(versions[0].Columns, name); at >= 0 {
			old := versions[0].Coefficients[at]
			most := max(max(old, -old)/20, 2*risk.Unit)
			if limited := min(max(want, old-most), old+most); limited != want {
				want, held = limited, held+1
			} else {
				free++
			}
		} else {
			free++
		}
		if got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if held == 0 || free == 0 {
		t.Errorf("%d coefficients held, %d not", held, free)
	}
	t.Logf("%d coefficients held, %d not", held, free)
	must(t, n.evidence(ctx, newProgress(o.Stdout, false)))
	res, err := audit.Verify(openEvidence(t, filepath.Join(o.Out, "evidence.zip")), audit.Options{})
	must(t, err)
	var again []int64
	for _, s := range res.Sums {
		if s.Again {
			again = append(again, s.Recorded)
		}
	}
	if !res.Verified || !slices.Equal(again, []int64{1, 2}) {
		t.Errorf("verified %t, versions made again %v: %v", res.Verified, again, res.Findings)
	}
	must(t, n.stop())

	dir := n.payers()[0].cfg.Dir
	spec, err := library.Measure("qk-tcoc@2")
	must(t, err)
	kept, err := node.Kept(dir, spec)
	must(t, err)
	if kept.Version != 2 || kept.Hash != hashOf(versions[1]) {
		t.Errorf("version %d is kept", kept.Version)
	}
	counts, err := oracle.Canonical(made.Folders[:1], 2024, []string{"qk-tcoc@2"}, map[string]*oracle.Fitted{"risk-cost": {Definition: d, Model: versions[1]}})
	must(t, err)
	rows, err := node.Preview(ctx, dir, []*measures.Spec{spec}, 2024, nil)
	must(t, err)
	want := counts[0].Payers[0]
	for _, r := range rows {
		if p := want[r.Practice]; p.Num != r.Num || p.Den != r.Den {
			t.Errorf("%s: preview and oracle differ", r.Practice)
		}
		delete(want, r.Practice)
	}
	if len(rows) < 10 || len(want) != 0 {
		t.Errorf("%d rows of a preview, %d missing", len(rows), len(want))
	}
	e, err := node.Explain(ctx, dir, spec, 2024, "A0007919", nil)
	must(t, err)
	if said := page.Expected(spec, e.Members); len(said) == 0 || !strings.Contains(said[0], "by model risk-cost") {
		t.Errorf("%q", said)
	}
}
