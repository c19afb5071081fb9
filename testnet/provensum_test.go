package testnet

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// TestProvenSum: a sum whose definition asks for proven bounds goes the way to a certificate that names the proof, and is the sum that masks alone give. A payer
// with a program of its own then shifts the sum where bounds are not proven, and nobody can tell; where they are it is named and the run is void.
func TestProvenSum(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Payers, o.Measures = 4, []string{"qp-crc"}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n, draft, _, roster := loaded(t, ctx, &o)
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	define := func(id string, bound *rules.SumBound) rules.SumDefine {
		d := rules.SumDefine{
			ID: id, Version: 1, Kind: node.KindReliability, Definition: reliabilityOf(draft.Measures[0].Hash()), Cap: 1<<40 - 1, Profile: "quality-rate", Rationale: "a test", Bound: bound,
		}
		must(t, n.moveSum(ctx, d))
		return d
	}
	request := func(id string) admin.RunRequest {
		return admin.RunRequest{
			Run: id, Sum: id, Stage: node.StageComponents, Period: draft.Period, Payers: o.payerNames(), Seconds: 60, Grace: 2, Purpose: draft.Purpose, Agreement: draft.Agreement,
		}
	}
	table := func(r admin.Run) audit.SumTable {
		t.Helper()
		x, err := audit.ReadSum(r.Table)
		must(t, err)
		return x
	}
	bound := &rules.SumBound{Kind: rules.BoundVector, Bits: 40}
	define("masked", nil)
	define("proven", bound)
	masked, err := n.sum(ctx, request("masked"))
	must(t, err)
	wrong := request("proven")
	wrong.Threshold = 3
	if _, err := n.members[0].client.Authorise(ctx, wrong); err == nil || !strings.Contains(err.Error(), "where bounds are proven") {
		t.Error("a threshold below all:", err)
	}
	proven, err := n.sum(ctx, request("proven"))
	must(t, err)
	want, got := table(masked[0]), table(proven[0])
	if !slices.Equal(got.Values, want.Values) || !slices.Equal(got.Present, o.payerNames()) || len(got.Dropped) > 0 {
		t.Errorf("values or those present differ: %v", got.Present)
	}
	if !bytes.Contains(proven[0].Certificate, []byte(rules.SumSetVector)) || bytes.Contains(masked[0].Certificate, []byte(rules.SumSetVector)) {
		t.Error("the certificates do not say what was proven")
	}

	// Each payer in one bucket, and nobody knows which.
	must(t, n.moveSum(ctx, rules.SumDefine{
		ID: "coverage", Version: 1, Kind: node.KindQuality, Definition: []byte(`{"check":"attributed"}`), Cap: 1, Profile: "quality-rate", Rationale: "a test",
		Bound: &rules.SumBound{Kind: rules.BoundHistogram},
	}))
	tenths := request("coverage")
	tenths.Stage = node.StageTenths
	counted, err := n.sum(ctx, tenths)
	must(t, err)
	total := int64(0)
	for _, v := range table(counted[0]).Values {
		total += v
	}
	if total != 4 || !bytes.Contains(counted[0].Certificate, []byte(rules.SumSetHistogram)) {
		t.Errorf("%d payers are counted, or the certificate does not say how", total)
	}

	liar := n.payers()[1]
	liar.client.Close()
	must(t, liar.stop())
	liar.cheat = func(x []int64) []int64 {
		out := slices.Clone(x)
		out[3] += 1 << 40
		return out
	}
	must(t, n.startMember(ctx, liar))
	define("masked-again", nil)
	define("proven-again", bound)
	shifted, err := n.sum(ctx, request("masked-again"))
	must(t, err)
	if x := table(shifted[0]); x.Values[3] != want.Values[3]+1<<40 {
		t.Error("the attack does not work without the proof")
	}
	_, err = n.members[0].client.Authorise(ctx, request("proven-again"))
	must(t, err)
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, "proven-again")
		must(t, err)
		if r.State != "void" || m != liar && !strings.Contains(r.Reason, "the report of payer-2 is not proven to be in range") {
			t.Errorf("%s: %s: %s", m.cfg.Name, r.State, r.Reason)
		}
		kept, _ := filepath.Glob(filepath.Join(m.cfg.Dir, "sums", "proven-again", "evidence", "refused-1", "preparation.*"))
		if m != liar && m != n.members[0] && len(kept) != 4 {
			t.Errorf("%s keeps %d messages as evidence", m.cfg.Name, len(kept))
		}
		if opened, _ := filepath.Glob(filepath.Join(m.cfg.Dir, "sums", "proven-again", "*", "opening.*")); len(opened) > 0 {
			t.Errorf("%s has opened: %v", m.cfg.Name, opened)
		}
	}

	must(t, n.evidence(ctx, newProgress(o.Stdout, false)))
	b := openEvidence(t, filepath.Join(o.Out, "evidence.zip"))
	res, err := audit.Verify(b, audit.Options{})
	must(t, err)
	if !res.Verified {
		t.Errorf("%v", res.Findings)
	}
	said := ""
	for _, r := range res.Runs {
		if r.Run == "proven-again" {
			said = r.Reason
		}
	}
	if !strings.Contains(said, "the report of payer-2 is not proven to be in range, say ") || !strings.Contains(said, "payer-1, payer-3, payer-4") {
		t.Errorf("the log says: %q", said)
	}
	for name, change := range map[string]func(x *audit.SumTable, certificate []byte) []byte{
		"as it was": func(_ *audit.SumTable, c []byte) []byte { return c },
		"another proof": func(_ *audit.SumTable, c []byte) []byte {
			return bytes.ReplaceAll(c, []byte(rules.SumSetVector), []byte(rules.SumSet))
		},
		"beyond the bound": func(x *audit.SumTable, c []byte) []byte { x.Values[0] = -1; return c },
	} {
		x := table(proven[0])
		certificate := change(&x, bytes.Clone(proven[0].Certificate))
		raw, err := x.Canonical()
		must(t, err)
		r, err := audit.CheckRelease(raw, certificate, b, audit.Options{})
		must(t, err)
		if r.Verified != (name == "as it was") {
			t.Errorf("%s: verified %t %v", name, r.Verified, r.Findings)
		}
		if name == "beyond the bound" && !slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return strings.Contains(f.Text, "beyond what 4 contributors can make") }) {
			t.Errorf("%v", r.Findings)
		}
	}
}
