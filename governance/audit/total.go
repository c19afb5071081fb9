package audit

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// TotalOf is what the table of exact totals says of itself beside its values, two a group: numerator and denominator.
type TotalOf struct {
	Measure string             `json:"measure"`
	Version string             `json:"version"`
	Release string             `json:"release"` // the run whose shown practices are added up
	Groups  []rules.TotalGroup `json:"groups"`
}

// Group is a total and the practices that are added up.
type Group struct {
	Name      string
	Practices []string
}

// TotalGroups are the totals that a release's table has practices for, rules.GroupAll first, then the regions of its roster in alphabetical order. A practice is
// added up when the table shows it with a value that is no end of the range.
func TotalGroups(t Table, run rules.Run, st *rules.State, def rules.SumRecord) ([]Group, error) {
	m, err := totalMeasure(st, def)
	if err != nil {
		return nil, err
	}
	roster, ok := st.Roster(run.Body.Roster)
	if !ok {
		return nil, fmt.Errorf("the roster of run %s is not on record", run.Body.Run)
	}
	region := make(map[string]string, len(roster.Practices))
	for i, p := range roster.Practices {
		region[p] = roster.Region(i)
	}
	all, by := Group{Name: rules.GroupAll}, map[string][]string{}
	for _, c := range t.Cells {
		if c.Measure != m.ID || c.Version != m.Version || c.Status != released || c.Bound != "" {
			continue
		}
		all.Practices = append(all.Practices, c.Practice)
		if r := region[c.Practice]; r != "" {
			by[r] = append(by[r], c.Practice)
		}
	}
	out := []Group{all}
	for r, practices := range by {
		out = append(out, Group{r, practices})
	}
	slices.SortFunc(out[1:], func(a, b Group) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out, nil
}

// CheckTotal holds what a manifest says of its groups against the release's table and returns them with their practices.
func CheckTotal(b *rules.Total, t Table, run rules.Run, st *rules.State, def rules.SumRecord) (out []Group, err error) {
	groups, err := TotalGroups(t, run, st, def)
	if err != nil {
		return nil, err
	}
	for _, want := range b.Groups {
		at := slices.IndexFunc(groups, func(g Group) bool { return g.Name == want.Name })
		if at < 0 || int64(len(groups[at].Practices)) != want.Practices {
			shown := 0
			if at >= 0 {
				shown = len(groups[at].Practices)
			}
			return nil, fmt.Errorf("total %s would be over %d practices, the table of run %s shows %d there", want.Name, want.Practices, run.Body.Run, shown)
		}
		out = append(out, groups[at])
	}
	return out, nil
}

// totalMeasure is the measure whose practices a sum of kind total adds up.
func totalMeasure(st *rules.State, def rules.SumRecord) (rules.Measure, error) {
	var d rules.TotalDefinition
	if err := entry.Decode(def.Definition, &d); err != nil {
		return rules.Measure{}, fmt.Errorf("definition of %s: %w", def.ID, err)
	}
	m, ok := st.Measure(d.Measure)
	if !ok {
		return m, fmt.Errorf("the measure of %s is not on record", def.ID)
	}
	return m, nil
}

// TotalOfRun is what the table of a run of exact totals has to say of itself; nil of another run.
func TotalOfRun(b *rules.RunAggregate, st *rules.State) (*TotalOf, error) {
	if b.Total == nil {
		return nil, nil
	}
	def, ok := st.Sum(b.Sum)
	if !ok {
		return nil, fmt.Errorf("the sum of run %s is not on record", b.Run)
	}
	m, err := totalMeasure(st, def)
	if err != nil {
		return nil, err
	}
	return &TotalOf{Measure: m.ID, Version: m.Version, Release: b.Total.Run, Groups: b.Total.Groups}, nil
}

// checkTotalTable says what is wrong with the table of exact totals: something else than authorised, not of everybody, or figures that shown practices cannot add up
// to. It is empty where nothing is.
func checkTotalTable(t SumTable, run rules.Run, st *rules.State) string {
	want, err := TotalOfRun(run.Sum, st)
	if err != nil {
		return err.Error()
	}
	switch {
	case (want == nil) != (t.Total == nil):
		return "says something of totals, or nothing, and the manifest otherwise"
	case want == nil:
		return ""
	case t.Total.Measure != want.Measure || t.Total.Version != want.Version || t.Total.Release != want.Release || !slices.Equal(t.Total.Groups, want.Groups):
		return "is of another measure, release or other groups than authorised"
	case len(t.Present) != len(run.Sum.Contributors) || len(t.Dropped) > 0:
		return "is not of all contributors"
	case len(t.Values) != 2*len(want.Groups):
		return "" // checkSum has said so
	}
	p, err := testedUnder(run.Sum.Total.Run, st, want)
	if err != nil {
		return err.Error()
	}
	regions := [2]int64{}
	for i, g := range want.Groups {
		num, den := t.Values[2*i], t.Values[2*i+1]
		if num < g.Practices*p.MinNumerator || den-num < g.Practices*p.MinComplement || den < g.Practices*p.MinDen || 100*num <= p.PercentLo*den || 100*num >= p.PercentHi*den {
			return fmt.Sprintf("total %s is none that %d practices shown under profile %s add up to", g.Name, g.Practices, p.Name)
		}
		if g.Name != rules.GroupAll {
			regions[0], regions[1] = regions[0]+num, regions[1]+den
		}
	}
	if want.Groups[0].Name == rules.GroupAll && (regions[0] > t.Values[0] || regions[1]-regions[0] > t.Values[1]-t.Values[0]) {
		return "has regions that are more than all"
	}
	return ""
}

// testedUnder is the profile that the release's cells were tested under.
func testedUnder(release string, st *rules.State, of *TotalOf) (disclosure.Profile, error) {
	run, _ := st.Run(release)
	for i, ref := range run.Body.Measures {
		if ref.ID == of.Measure && ref.Version == of.Version && i < len(run.Profiles) {
			return run.Profiles[i].Profile, nil
		}
	}
	return disclosure.Profile{}, fmt.Errorf("run %s does not release %s %s", release, of.Measure, of.Version)
}

// checkTotals holds the manifests of exact totals against the tables of their releases, where these are at hand.
func (h *history) checkTotals(tables map[string]Table) (found []*Finding) {
	for _, run := range h.state.Runs() {
		if run.Sum == nil || run.Sum.Total == nil || run.Status != rules.RunCertified {
			continue
		}
		t, ok := tables[run.Sum.Total.Run]
		release, known := h.state.Run(run.Sum.Total.Run)
		def, defined := h.state.Sum(run.Sum.Sum)
		if !ok || !known || !defined {
			continue
		}
		if _, err := CheckTotal(run.Sum.Total, t, release, h.state, def); err != nil {
			found = append(found, bad(CodeTable, releaseName(run.Body.Run, tableName), "%v", err))
		}
	}
	return found
}
