package testnet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/quality"
	"github.com/tacet-health/tacet/node/store"
)

// ended waits for a run at every member and returns why it is void, as each of them has it.
func (n *network) void(t *testing.T, ctx context.Context, run string) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, run)
		must(t, err)
		if r.State != "void" || r.Table != nil {
			t.Fatalf("%s: run %s is %s, with a table of %d bytes", m.cfg.Name, run, r.State, len(r.Table))
		}
		said[m.cfg.Name] = r.Reason
	}
	return said
}

// inLog is the reason that the log has for the end of a run.
func (n *network) inLog(t *testing.T, ctx context.Context, run string) string {
	t.Helper()
	all, err := n.members[0].client.Log(ctx, 0)
	must(t, err)
	for _, e := range all {
		if e.Kind == rules.KindRunVoid && strings.Contains(string(e.Body), `"`+run+`"`) {
			return string(e.Body)
		}
	}
	t.Fatalf("the log has no end of run %s", run)
	return ""
}

// TestQualityGateEndsRun: the claims of one payer were never loaded. Its gate fails, so the run is void before anybody has a key share to give; everybody learns
// which payer's data did not pass, and only that payer what was found.
func TestQualityGateEndsRun(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	for _, m := range n.payers() {
		m.cfg.Quality = quality.Defaults() // which this population passes
	}
	faulty := n.payers()[1]
	must(t, node.WithStore(ctx, faulty.cfg, func(st *store.Store) error {
		_, err := st.Unload(ctx, "medical_claim")
		return err
	}))
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	_, err = n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
	must(t, err)
	said := n.void(t, ctx, body.Run)
	said["the log"] = n.inLog(t, ctx, body.Run)
	for who, text := range said {
		if !strings.Contains(text, "payer-2") || !strings.Contains(text, "quality gate") {
			t.Errorf("%s has as the reason: %s", who, text)
		}
		for _, finding := range []string{"month", "medical_claim", "rows", "none", "%", "coded"} {
			if strings.Contains(text, finding) {
				t.Errorf("%s knows of the finding: %s", who, text)
			}
		}
	}
	for _, m := range n.members {
		text := memberLog(t, m)
		if own := m == faulty; strings.Contains(text, "quality gate: check failed") != own {
			t.Errorf("the own log of %s tells of the checks that failed: %v, want %v", m.cfg.Name, !own, own)
		}
		if steps, _ := filepath.Glob(filepath.Join(m.cfg.Dir, "runs", body.Run, "*keys*")); len(steps) > 0 {
			t.Errorf("%s has %v of a run that should not have begun", m.cfg.Name, steps)
		}
	}
}

// memberLog is what a member's service wrote down for its operator.
func memberLog(t *testing.T, m *member) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.cfg.Dir, "*.log"))
	must(t, err)
	if len(files) == 0 {
		t.Fatalf("%s has no log", m.cfg.Name)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		text += string(b)
	}
	return text
}

// TestSlotEndsRun: a definition names the hash of licensed codes. While a payer has none, or other ones, runs of it are void and name the payer, and no more;
// with the right ones the run is certified.
func TestSlotEndsRun(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Measures = []string{"qp-crc"}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	n, draft, _, roster := loaded(t, ctx, &o)
	spec, edition := withSlotHash(t, draft.Measures[0])
	draft.Measures = []*measures.Spec{spec}
	late := n.payers()[1]
	for _, m := range n.payers() {
		if m != late {
			fillSlot(t, m, edition)
		}
	}
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	try := func(run string) {
		t.Helper()
		draft.Run = run
		body, _, _, err := node.Authorise(draft)
		must(t, err)
		_, err = n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
		must(t, err)
	}
	refused := func(run, own string) {
		t.Helper()
		try(run)
		said := n.void(t, ctx, run)
		if !strings.Contains(said[late.cfg.Name], own) {
			t.Errorf("%s itself: %q, want %q", late.cfg.Name, said[late.cfg.Name], own)
		}
		delete(said, late.cfg.Name)
		said["the log"] = n.inLog(t, ctx, run)
		for who, text := range said {
			if !strings.Contains(text, "payer-2 declines the run") {
				t.Errorf("%s has as the reason: %s", who, text)
			}
			if strings.Contains(text, "sha256") || strings.Contains(text, "local_") {
				t.Errorf("%s knows what the payer lacks: %s", who, text)
			}
		}
	}
	refused("empty", "nothing fills it: tacet node value-set add")
	fillSlot(t, late, "X9999\n")
	refused("another", "get the edition it means from its licensor")
	fillSlot(t, late, edition)
	try("filled")
	for _, m := range n.members {
		if r, err := m.client.WaitRun(ctx, "filled"); err != nil || r.State != "certified" {
			t.Errorf("%s: %s %s, %v", m.cfg.Name, r.State, r.Reason, err)
		}
	}
}

// withSlotHash is the measure with the hash of an edition of codes for one of its slots.
func withSlotHash(t *testing.T, s *measures.Spec) (*measures.Spec, string) {
	t.Helper()
	edition := "X0001\nX0002\n"
	out := *s
	out.ValueSets = map[string]measures.ValueSet{}
	done := false
	for name, v := range s.ValueSets {
		if v.Slot == slotName {
			v.SlotHash, done = measures.SlotHash(strings.Fields(edition)), true
		}
		out.ValueSets[name] = v
	}
	if !done {
		t.Fatalf("%s has no slot %s", s.ID, slotName)
	}
	return &out, edition
}

const slotName = "local_colonoscopy"

func fillSlot(t *testing.T, m *member, codes string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "codes.txt")
	must(t, os.WriteFile(file, []byte(codes), 0o600))
	_, err := node.AddValueSet(m.cfg.Dir, slotName, file)
	must(t, err)
}
