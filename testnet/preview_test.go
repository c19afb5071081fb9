package testnet

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// twoYears writes the folder of a payer with figures that can be counted by hand. North has three members in both years, one screened in the first and two in
// the second; south has one from the second year on; west loses its one.
func twoYears(t *testing.T, dir string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	p := filepath.Base(dir) + "-"
	people, attributed, claims := "person_id,birth_date,gender,enrollment_start_date,enrollment_end_date\n", "person_id,year_month,payer_attributed_provider_practice\n", "claim_id,claim_line_number,person_id,claim_start_date,hcpcs_code\n"
	for _, m := range []struct{ person, practice, years, screened string }{
		{"n1", "north", "2023 2024", "2023 2024"}, {"n2", "north", "2023 2024", "2024"}, {"n3", "north", "2023 2024", ""}, {"s1", "south", "2024", ""}, {"w1", "west", "2023", ""},
	} {
		people += p + m.person + ",1964-07-01,female,2019-01-01,2025-12-31\n"
		for _, y := range strings.Fields(m.years) {
			attributed += fmt.Sprintf("%s%s,%s12,%s\n", p, m.person, y, m.practice)
		}
		for _, y := range strings.Fields(m.screened) {
			claims += fmt.Sprintf("%s%s%s,1,%s%s,%s-05-01,G0328\n", p, m.person, y, p, m.person, y)
		}
	}
	for name, text := range map[string]string{"eligibility": people, "provider_attribution": attributed, "medical_claim": claims} {
		must(t, os.WriteFile(filepath.Join(dir, name+".csv"), []byte(text), 0o600))
	}
}

// TestPreviewOfRun: `tacet node preview RUN` beside a running service says what this payer contributes to a run, beside the year before; other commands that
// need the data say that the service has it.
func TestPreviewOfRun(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	data := t.TempDir()
	for i := range o.Payers {
		twoYears(t, filepath.Join(data, fmt.Sprintf("p%d", i+1)))
	}
	o.Data, o.Period, o.Measures, o.Practices = data, 2024, []string{"qp-crc"}, 3
	o.Synthetic.People, o.Synthetic.Practices = 0, 0
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	n, draft, body, roster := loaded(t, ctx, &o)
	must(t, n.start(ctx))
	_, err := n.govern(ctx, draft, roster)
	must(t, err)
	dir := n.payers()[0].cfg.Dir
	tacet := func(code int, args ...string) string {
		t.Helper()
		c := exec.CommandContext(ctx, os.Getenv("TACET_TEST_BINARY"), append(args, "--dir", dir)...)
		out, _ := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != code {
			t.Errorf("tacet %v ends with %d, want %d: %s", args, got, code, out)
		}
		return string(out)
	}
	if text := tacet(1, "node", "preview", body.Run); !strings.Contains(text, "not authorised in the log") {
		t.Errorf("before it is authorised: %s", text)
	}
	_, err = n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
	must(t, err)
	if _, err := n.payers()[0].client.WaitRun(ctx, body.Run); err != nil {
		t.Fatal(err)
	}
	text := tacet(0, "node", "preview", body.Run)
	for _, want := range []string{
		"qp-crc  north  all  2 of 3  (year before: 1 of 3)",
		"qp-crc  south  all  0 of 1  (year before: 0 of 0)  nobody the year before",
		"qp-crc  west  all  0 of 0  (year before: 0 of 1)  nobody this year",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
	var rows []admin.Previewed
	if err := json.Unmarshal([]byte(tacet(0, "node", "preview", body.Run, "--json")), &rows); err != nil || len(rows) != 3 || rows[0].PriorNum != 1 || rows[0].Num != 2 {
		t.Errorf("%+v, %v", rows, err)
	}
	file := filepath.Join(t.TempDir(), "page.html")
	tacet(0, "node", "preview", body.Run, "--html", file)
	if page, err := os.ReadFile(file); err != nil || !strings.Contains(string(page), "Preview of "+body.Run) || !strings.Contains(string(page), ">-1</td>") {
		t.Errorf("the page: %v", err)
	}
	busy := map[string][]string{
		"check": {"node", "check", "--period", "2024"}, "load": {"node", "load", filepath.Join(data, "p1")}, "explain": {"node", "explain", "qp-crc", "p1-n1", "--period", "2024"},
		"preview": {"node", "preview", "qp-crc", "--period", "2024"}, "unload": {"node", "unload", "--all"},
	}
	for _, name := range slices.Sorted(maps.Keys(busy)) {
		if text := tacet(1, busy[name]...); !strings.Contains(text, "in use by another process: its service") {
			t.Errorf("%s beside the service: %s", name, text)
		}
	}
}
