package testnet

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse"
	"github.com/tacet-health/tacet/node/store/warehouse/throwaway"
)

// TestPayerOnWarehouse: one of the payers has its data in a PostgreSQL. Every command that asks the data says the same as on the embedded database, those that
// belong to the embedded one say what to do instead, and a run with it releases what the pooled plain data says.
func TestPayerOnWarehouse(t *testing.T) {
	t.Parallel()
	server, err := throwaway.Start()
	if err != nil {
		if os.Getenv(throwaway.Require) != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: %v (.ci/postgres installs it; %s=1 makes this a failure)", err, throwaway.Require)
	}
	t.Cleanup(server.Stop)
	o, _ := small(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	payer := n.payers()[0]
	ask := func(code int, args ...string) string {
		t.Helper()
		c := exec.CommandContext(ctx, os.Getenv("TACET_TEST_BINARY"), append(args, "--dir", payer.cfg.Dir)...)
		out, _ := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != code {
			t.Errorf("tacet %v ends with %d, want %d: %s", args, got, code, out)
		}
		return string(out)
	}
	codes := filepath.Join(t.TempDir(), "codes.txt")
	must(t, os.WriteFile(codes, []byte("X9999\n"), 0o600))
	ask(0, "node", "value-set", "add", slotName, codes)
	ask(0, "node", "value-set", "list")
	ask(0, "node", "withheld")
	person := somebody(t, ctx, payer)
	questions := [][]string{
		{"node", "check", "--period", "2024", "--json"}, {"node", "check", "--period", "2024"}, {"node", "preview", "--period", "2024", "--measures", "qp-crc,qa-pcp", "--json"},
		{"node", "preview", "qp-crc", "--period", "2024"}, {"node", "explain", "qp-crc", person, "--period", "2024"}, {"node", "explain", "qp-crc", person, "--period", "2024", "--json"},
	}
	var want []string
	for _, q := range questions {
		want = append(want, ask(0, q...))
	}
	removed := ask(1, "node", "explain", "qp-crc", "nobody", "--period", "2024")

	must(t, warehouse.Make(ctx, server.DSN("owner", "claims")))
	must(t, node.WithStore(ctx, payer.cfg, func(st *store.Store) error {
		for _, table := range store.TableNames() {
			if _, err := warehouse.Fill(ctx, server.DSN("owner", "claims"), table, st.Export(ctx, table)); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, os.RemoveAll(filepath.Join(payer.cfg.Dir, "store")))
	payer.cfg.Database.DSN = server.DSN("reader", "claims")
	must(t, node.WriteConfig(payer.cfg))
	if text := ask(1, "node", "check", "--period", "2024"); !strings.Contains(text, "look at role, database, password") {
		t.Errorf("without the role: %s", text)
	}
	must(t, server.Do(ctx, "CREATE ROLE reader LOGIN", "GRANT USAGE ON SCHEMA claims TO reader"))
	if text := ask(1, "node", "preview", "qp-crc", "--period", "2024"); !strings.Contains(text, "may not read claims.eligibility.person_id: GRANT USAGE ON SCHEMA claims and SELECT") {
		t.Errorf("without its rights: %s", text)
	}
	must(t, server.Do(ctx, "GRANT SELECT ON ALL TABLES IN SCHEMA claims TO reader"))
	for i, q := range questions {
		if got := ask(0, q...); got != want[i] {
			t.Errorf("tacet %v on the warehouse:\n%s\nwant\n%s", q, got, want[i])
		}
	}
	where := regexp.MustCompile(`tacet: .*explain qp-crc:`) // who has the row: the store, or the store of one person of the warehouse
	if got := ask(1, "node", "explain", "qp-crc", "nobody", "--period", "2024"); where.ReplaceAllString(got, "") != where.ReplaceAllString(removed, "") {
		t.Errorf("a person who is not there: %s", got)
	}
	for _, cmd := range [][]string{{"node", "load", t.TempDir()}, {"node", "unload", "eligibility"}} {
		if text := ask(1, cmd...); !strings.Contains(text, "is in the warehouse of database.dsn, not in the embedded database: load it there (tacet node schema prints the tables), or take dsn out of tacet.toml") {
			t.Errorf("%v: %s", cmd, text)
		}
	}
	if text := ask(0, "node", "schema", "--dialect", "postgres"); !strings.Contains(text, "CREATE TABLE") {
		t.Error("no schema")
	}

	must(t, n.start(ctx))
	if text := doctor(ctx, payer); !strings.Contains(text, "ok    warehouse      can be asked") {
		t.Errorf("the doctor: %s", text)
	}
	_, err = n.govern(ctx, draft, roster)
	must(t, err)
	_, err = n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
	must(t, err)
	r, err := payer.client.WaitRun(ctx, body.Run)
	must(t, err)
	if r.State != "certified" {
		t.Fatalf("the run is %s: %s", r.State, r.Reason)
	}
	for i, q := range questions[2:] { // a warehouse answers several at once: beside the service too
		if got := ask(0, q...); got != want[i+2] {
			t.Errorf("tacet %v beside the service:\n%s\nwant\n%s", q, got, want[i+2])
		}
	}
	ask(0, "node", "preview", body.Run)

	src, err := o.openCanonical(filepath.Join(o.Out, "population"), 2024)
	must(t, err)
	expected, _, err := o.expect(src, draft.Profiles)
	must(t, err)
	if differing, err := (&Members{n: n, expected: expected}).Differing(r.Table); err != nil || len(differing) > 0 || len(expected) != 24 {
		t.Errorf("of %d cells these differ: %v, %v", len(expected), differing, err)
	}
}

// doctor is what `tacet doctor` says of a member; what this machine lacks is not the member's fault.
func doctor(ctx context.Context, m *member) string {
	out, _ := exec.CommandContext(ctx, os.Getenv("TACET_TEST_BINARY"), "doctor", "--dir", m.cfg.Dir).CombinedOutput()
	return string(out)
}

// somebody is a person of a payer who has a claim.
func somebody(t *testing.T, ctx context.Context, m *member) (person string) {
	t.Helper()
	must(t, node.WithStore(ctx, m.cfg, func(st *store.Store) error {
		for row, err := range st.Export(ctx, "medical_claim") {
			if err != nil {
				return err
			}
			for i, c := range store.Columns()["medical_claim"] {
				if c == "person_id" {
					person = row[i].(string)
					return nil
				}
			}
		}
		return nil
	}))
	return person
}
