package testnet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/store"
)

// TestTotals: a network opens exact totals by region of what its release shows, equal to the pooled data, and its evidence verifies.
func TestTotals(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	o.Totals, o.Synthetic.People, o.Synthetic.Practices, o.Practices = true, 9000, 21, 21
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "equal the pooled data's, over") {
		t.Error("the output says nothing of the pooled data")
	}
	raw, err := os.ReadFile(filepath.Join(o.Out, "totals.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"group,measure_id,", "all,qp-crc,", "north,qp-crc,", "south,qa-pcp,"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
}

// TestTotalsRefused: whatever the log takes, a payer adds up only what its own table shows, of the data that was tested; what was opened is not opened again, nor what
// would be subtracted from it; and another table than the one that was signed does not verify.
func TestTotalsRefused(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Totals, o.Measures, o.Synthetic.People = true, []string{"qp-crc"}, 6000
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	convener, spec := n.members[0].client, draft.Measures[0]
	hash := spec.Hash()
	total := rules.SumDefine{ID: "tot", Version: 1, Kind: rules.SumTotal, Definition: reliabilityOf(hash), Cap: 1 << 20, Profile: spec.Release.Profile, Rationale: "a test"}
	must(t, n.moveSum(ctx, total))
	must(t, n.moveSum(ctx, rules.SumDefine{ID: "rel", Version: 1, Kind: node.KindReliability, Definition: reliabilityOf(hash), Cap: 1 << 44, Profile: spec.Release.Profile, Rationale: "a test"}))
	q := admin.RunRequest{Run: "early", Sum: "tot", Totals: draft.Run, Seconds: 60, Purpose: draft.Purpose, Agreement: draft.Agreement}
	if _, err := n.sum(ctx, q); err == nil || !strings.Contains(err.Error(), "no certified release") {
		t.Errorf("before the release: %v", err)
	}
	must(t, n.authorise(ctx, draft, body))
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, draft.Run)
		must(t, err)
		if r.State != "certified" {
			t.Fatalf("%s: %s", m.cfg.Name, r.Reason)
		}
	}

	// The log has the table's hash alone, so it takes another number of practices; every payer knows better.
	canonical, err := entry.Canonical(total)
	must(t, err)
	sum := sha256.Sum256(canonical)
	wrong := rules.RunAggregate{
		Run: "wrong", Sum: hex.EncodeToString(sum[:]), Stage: rules.StageTotals, After: []string{}, Length: 2, Threshold: 3, Period: draft.Period, Contributors: o.payerNames(),
		Recipients: append([]string{"convener"}, o.payerNames()...), Deadlines: rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 60, Release: 60, Certify: 60},
		Purpose: draft.Purpose, Agreement: draft.Agreement, Withhold: body.Withhold, Total: &rules.Total{Run: draft.Run, Groups: []rules.TotalGroup{{Name: rules.GroupAll, Practices: 3}}},
	}
	wrong.Recipients[0] = n.members[0].cfg.Name
	_, err = convener.Propose(ctx, rules.KindRunAggregate, wrong)
	must(t, err)
	for _, m := range n.payers() {
		r, err := m.client.WaitRun(ctx, wrong.Run)
		must(t, err)
		if r.State != "void" || !strings.Contains(r.Reason, "would be over 3 practices") && !strings.Contains(r.Reason, "declines the run") {
			t.Errorf("%s adds practices up that its table does not show: %s %s", m.cfg.Name, r.State, r.Reason)
		}
	}

	// A payer whose data has changed since.
	victim := n.payers()[1]
	folders, err := filepath.Glob(filepath.Join(o.Out, "population", "*"))
	must(t, err)
	restart := func(f func(*store.Store) error) {
		t.Helper()
		victim.client.Close()
		must(t, victim.stop())
		must(t, node.WithStore(ctx, victim.cfg, f))
		must(t, n.startMember(ctx, victim))
	}
	restart(func(st *store.Store) error { _, err := st.Unload(ctx, "medical_claim"); return err })
	q.Run = "changed"
	if _, err := n.sum(ctx, q); err == nil || !strings.Contains(err.Error(), "is void") || !strings.Contains(err.Error(), "payer-2 declines the run") {
		t.Errorf("with other data at one payer: %v", err)
	}
	restart(func(st *store.Store) error { _, err := st.Load(ctx, folders[1]); return err })

	q.Run = "totals"
	runs, err := n.sum(ctx, q)
	must(t, err)
	q.Run = "again"
	if _, err := n.sum(ctx, q); err == nil || !strings.Contains(err.Error(), "already_released") {
		t.Errorf("a second time: %v", err)
	}
	if _, err := n.sum(ctx, n.sumRequest(draft, "components", "rel", node.StageComponents)); err == nil || !strings.Contains(err.Error(), "differencing") {
		t.Errorf("variance components beside totals: %v", err)
	}

	must(t, n.evidence(ctx, newProgress(o.Stdout, false)))
	b := openEvidence(t, filepath.Join(o.Out, "evidence.zip"))
	res, err := audit.Verify(b, audit.Options{})
	must(t, err)
	if !res.Verified {
		t.Errorf("%v", res.Findings)
	}
	for name, change := range map[string]func(*audit.SumTable){
		"as it was": func(*audit.SumTable) {},
		"a value":   func(x *audit.SumTable) { x.Values[1]++ },
		"a group":   func(x *audit.SumTable) { x.Total.Groups[0].Practices++ },
		"of none":   func(x *audit.SumTable) { x.Total = nil },
		"too few":   func(x *audit.SumTable) { x.Values[0] = 1 },
		"dropped":   func(x *audit.SumTable) { x.Present, x.Dropped = x.Present[1:], x.Present[:1] },
	} {
		table, err := audit.ReadSum(runs[0].Table)
		must(t, err)
		change(&table)
		raw, err := table.Canonical()
		must(t, err)
		r, err := audit.CheckRelease(raw, runs[0].Certificate, b, audit.Options{})
		must(t, err)
		if r.Verified != (name == "as it was") || name != "as it was" && name != "a value" && len(r.Findings) < 2 {
			t.Errorf("%s: verified %t %v", name, r.Verified, r.Findings)
		}
	}

	// What a recipient gets as a file.
	dir := t.TempDir()
	must(t, node.WriteRelease(dir, runs[1]))
	raw, err := os.ReadFile(filepath.Join(dir, "totals.csv"))
	must(t, err)
	if !strings.HasPrefix(string(raw), "group,measure_id,measure_version,period,practices,numerator,denominator,release_run_id,run_id\nall,qp-crc,") {
		t.Errorf("%s", raw)
	}
}
