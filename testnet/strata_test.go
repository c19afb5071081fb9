package testnet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// TestStrataNetwork: measures by race, of which a run names some values, through a whole run with evidence, equal to the pooled data.
func TestStrataNetwork(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	o.Synthetic.People, o.Strata = 6000, "race=white,black,unknown"
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "all 72 cells equal") {
		t.Error("not 2 measures of 12 practices by 3 strata")
	}
	release, err := os.ReadFile(filepath.Join(o.Out, "release.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{",qa-pcp-by-race,", ",white,released,", ",black,released,", ",suppressed,"} {
		if !strings.Contains(string(release), want) {
			t.Errorf("release.csv has no %q", want)
		}
	}
	noFigureOutside(t, o)
}

// TestStrataAreNotDifferenced: after a run by dual, no member's log takes one of all people together or by another dimension.
func TestStrataAreNotDifferenced(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Measures, o.Strata = []string{"qa-pcp"}, "dual"
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(o.check())
	must(o.prepareOut())
	src, err := o.open()
	must(err)
	profiles, err := o.profiles()
	must(err)
	n := newNetwork(&o)
	defer n.stop()
	must(n.loadData(ctx, src))
	expected, practices, err := o.expect(src, profiles)
	must(err)
	draft := o.draft(src, practices, profiles)
	_, roster, _, err := node.Authorise(draft)
	must(err)
	must(n.initialise())
	must(n.start(ctx))
	_, err = n.govern(ctx, draft, roster)
	must(err)
	whole, err := library.Measure("qa-pcp")
	must(err)
	byRace, err := (&Options{Strata: "race=white"}).stratify([]*measures.Spec{whole})
	must(err)
	_, err = n.approve(ctx, append(byRace, whole))
	must(err)

	// The request takes the id of the measure and the kind, as the command does.
	q := admin.RunRequest{Run: "by-dual", Measures: []string{"qa-pcp"}, Stratify: "dual", Period: draft.Period, Purpose: draft.Purpose, Agreement: draft.Agreement, Seconds: 60}
	for _, id := range practices["practice"] {
		q.Practices = append(q.Practices, admin.Practice{Grain: "practice", ID: id})
	}
	convener := n.members[0].client
	refused := func(code string, q admin.RunRequest) {
		t.Helper()
		if _, err := convener.Authorise(ctx, q); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s of %v by %q: %v, want %s", q.Run, q.Measures, q.Stratify, err, code)
		}
	}
	both := q
	both.Stratify, both.Measures = "", []string{"qa-pcp", "qa-pcp-by-dual"}
	refused("are in one run", both)
	unnamed := q
	unnamed.Stratify = "race"
	refused("name those to release", unnamed)

	_, err = convener.Authorise(ctx, q)
	must(err)
	for _, m := range n.members {
		r, err := m.client.WaitRun(ctx, "by-dual")
		must(err)
		if r.State != "certified" {
			t.Fatalf("%s: %s", m.cfg.Name, r.Reason)
		}
		table, err := node.ParseTable(r.Table)
		must(err)
		var got []oracle.Row
		strata := map[string]bool{}
		for _, row := range rows(table, src.measures) {
			got = append(got, row.Cell())
			strata[row.Stratum] = strata[row.Stratum] || row.Status == oracle.Released
		}
		if d := oracle.Compare(got, expected); len(d) > 0 || len(got) != 36 {
			t.Errorf("%s: %d cells, %v", m.cfg.Name, len(got), d)
		}
		if !strata["dual-or-lis"] || !strata["neither"] || len(strata) != 3 {
			t.Errorf("released: %v", strata)
		}
	}
	all, race := q, q
	all.Run, all.Stratify = "all", ""
	refused("differencing", all)
	race.Run, race.Stratify, race.Strata = "by-race", "race", []string{"white"}
	refused("differencing", race)
	q.Run = "again"
	refused("already_released", q)
}
