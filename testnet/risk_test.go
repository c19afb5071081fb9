package testnet

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/sum"
)

// TestRiskModel: a network fits a risk model by exact sums, equal to the pooled fit, and its release says whose reliability reaches 0.70; the evidence verifies.
func TestRiskModel(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	o.Risk, o.Reliability, o.Measures, o.Practices = true, "all", []string{"qa-pcp", "qc-a1c9"}, 6
	o.Synthetic.People, o.Synthetic.Seed = 3500, 2 // in which practices are on either side of the line
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"largest relative difference from the pooled fit 0", "degrees of freedom", "R²", "tenth by expected", "asked of 12: 6 at or above 0.70, 3 below"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output says nothing of %q", want)
		}
	}
	for _, f := range []string{"risk-model.json", "risk-calibration.json", "reliability.csv", "evidence.zip"} {
		if st, err := os.Stat(filepath.Join(o.Out, f)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
	b := openEvidence(t, filepath.Join(o.Out, "evidence.zip"))
	res, err := audit.Verify(b, audit.Options{})
	if err != nil || !res.Verified || len(res.Sums) < 6 {
		t.Fatalf("%v %+v", err, res)
	}
	for _, x := range res.Sums {
		if x.Again != (x.Stage == node.StageEquations || x.Stage == node.StageComponents) {
			t.Errorf("%+v", x)
		}
	}
	release, err := os.ReadFile(filepath.Join(o.Out, "release.csv"))
	must(t, err)
	certificate, err := os.ReadFile(filepath.Join(o.Out, "certificate.json"))
	must(t, err)
	field := []byte(`"reliability": "`)
	at := bytes.Index(certificate, field) + len(field)
	if at < len(field) {
		t.Fatal("the certificate says nothing of reliability")
	}
	for _, c := range []struct{ from, to string }{{"", ""}, {"-", "+"}, {"-", "."}} { // what the cells say is signed, and stands in the certificate for who has release.csv alone
		edited := append(bytes.Clone(certificate[:at]), bytes.Replace(certificate[at:], []byte(c.from), []byte(c.to), 1)...)
		table, err := audit.TableFromCSV(release, edited)
		must(t, err)
		r, err := audit.CheckRelease(table, edited, b, audit.Options{})
		if err != nil || r.Verified != (c.from == "") {
			t.Errorf("%q for %q: %v %+v", c.to, c.from, err, r)
		}
	}
	noFigureOutside(t, o)
}

// TestSumWithCrashAndDropout: a payer dies between its masked vector's journal and its sending and comes back; in the next sum another one is gone for good
// behind its masked vector, and one before: a certificate of those present.
func TestSumWithCrashAndDropout(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Payers, o.Measures = 5, []string{"qp-crc"}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	n, draft, _, roster := loaded(t, ctx, &o)
	victim := n.payers()[1]
	dead := make(chan struct{})
	victim.sums = func(p sum.Point, k secagg.Kind) bool {
		if p == sum.Kept && k == secagg.KindMasked {
			close(dead)
			return true
		}
		return false
	}
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	d := risk.DefaultDefinition()
	must(t, n.moveSum(ctx, rules.SumDefine{ID: "risk", Version: 1, Kind: node.KindRisk, Definition: d.Canonical(), Cap: 1 << 50, Profile: "quality-rate", Rationale: "a test"}))
	q := admin.RunRequest{Run: "p1", Sum: "risk", Stage: "presence-1", Period: draft.Period, Payers: o.payerNames(), Seconds: 60, Purpose: draft.Purpose, Agreement: draft.Agreement}
	if _, err := n.members[0].client.Authorise(ctx, admin.RunRequest{Run: "p0", Sum: "risk", Stage: "equations", Period: draft.Period, Payers: o.payerNames(), Purpose: "x", Agreement: "x"}); err == nil {
		t.Error("equations before the columns are settled")
	}
	_, err = n.members[0].client.Authorise(ctx, q)
	must(t, err)
	select {
	case <-dead:
	case <-ctx.Done():
		t.Fatal("the payer does not get to the step")
	}
	victim.client.Close()
	must(t, victim.stop())
	victim.sums = nil
	must(t, n.startMember(ctx, victim))
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, "p1")
		must(t, err)
		if r.State != "certified" {
			t.Fatalf("%s: %s", m.cfg.Name, r.Reason)
		}
		table, err := audit.ReadSum(r.Table)
		must(t, err)
		if len(table.Present) != 5 {
			t.Errorf("%s: present %v", m.cfg.Name, table.Present)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(victim.cfg.Dir, "sums", "p1", "*", "record.sealed")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	// The second sum: two go, three stay.
	gone := map[string]secagg.Kind{"payer-3": secagg.KindMasked, "payer-4": secagg.KindList}
	for _, m := range n.payers() {
		last, ok := gone[m.cfg.Name]
		if !ok {
			continue
		}
		m.client.Close()
		must(t, m.stop())
		m.sums = func(p sum.Point, k secagg.Kind) bool { return p == sum.Entered && k == last }
		must(t, n.startMember(ctx, m))
	}
	hash := draft.Measures[0].Hash()
	must(t, n.moveSum(ctx, rules.SumDefine{ID: "rel", Version: 1, Kind: node.KindReliability, Definition: reliabilityOf(hash), Cap: 1 << 44, Profile: "quality-rate", Rationale: "a test"}))
	q.Run, q.Sum, q.Stage, q.Grace = "c1", "rel", node.StageComponents, 2
	runs, err := n.sum(ctx, q, "payer-3", "payer-4")
	must(t, err)
	table, err := audit.ReadSum(runs[0].Table)
	must(t, err)
	if !slices.Equal(table.Present, []string{"payer-1", "payer-2", "payer-4", "payer-5"}) || !slices.Equal(table.Dropped, []string{"payer-3"}) {
		t.Errorf("present %v, dropped %v", table.Present, table.Dropped)
	}
	p := newProgress(o.Stdout, false)
	must(t, n.evidence(ctx, p))
	b := openEvidence(t, filepath.Join(o.Out, "evidence.zip"))
	res, err := audit.Verify(b, audit.Options{})
	must(t, err)
	if !res.Verified {
		t.Errorf("%v", res.Findings)
	}
	for name, change := range map[string]func(*audit.SumTable){
		"as it was":  func(*audit.SumTable) {},
		"a value":    func(x *audit.SumTable) { x.Values[1]++ },
		"an element": func(x *audit.SumTable) { x.Values = x.Values[1:] },
		"present":    func(x *audit.SumTable) { x.Present, x.Dropped = x.Present[1:], append(x.Dropped, x.Present[0]) },
		"stage":      func(x *audit.SumTable) { x.Stage = "other" },
	} {
		table, err := audit.ReadSum(runs[0].Table)
		must(t, err)
		change(&table)
		raw, err := table.Canonical()
		must(t, err)
		r, err := audit.CheckRelease(raw, runs[0].Certificate, b, audit.Options{})
		must(t, err)
		if r.Verified != (name == "as it was") {
			t.Errorf("%s: verified %t %v", name, r.Verified, r.Findings)
		}
	}
}

func reliabilityOf(hash [32]byte) []byte {
	return risk.ReliabilityDefinition{Measure: hex.EncodeToString(hash[:])}.Canonical()
}

func openEvidence(t *testing.T, path string) *audit.Bundle {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := audit.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
