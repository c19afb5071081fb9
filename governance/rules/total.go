package rules

import (
	"encoding/json"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures"
)

// Exact totals: the numerators and denominators of practices that a certified release shows, added up by region or over all. See doc.go, "Totals".

// SumTotal is the kind of sum that adds shown practices up.
const SumTotal = "total"

// StageTotals is the one stage of a sum of kind total, GroupAll the total over all practices; no region is called so.
const (
	StageTotals = "totals"
	GroupAll    = "all"
)

// MaxGroups is how many totals a run opens at most.
const MaxGroups = 4096

// TotalDefinition is the definition of a sum of kind total: the approved measure whose practices are added up.
type TotalDefinition struct {
	Measure string `json:"measure"` // hash
}

// Total says what a run of a sum of kind total opens: two elements a group, its numerator and its denominator.
type Total struct {
	Run    string       `json:"run"`    // the certified release that shows the practices
	Groups []TotalGroup `json:"groups"` // GroupAll first, if it is opened, then regions in alphabetical order
}

// TotalGroup is a region of the release's roster, or GroupAll.
type TotalGroup struct {
	Name string `json:"name"`
	// Practices is how many practices are added up: those of the group that the release shows with a value that is no end of the shown range.
	Practices int64 `json:"practices"`
}

func validateTotal(b *RunAggregate) *Refusal {
	groups := b.Total.Groups
	switch {
	case !isID(b.Total.Run):
		return refuse(CodeForm, "the release that totals are of is not named")
	case b.Stage != StageTotals || len(b.After) > 0:
		return refuse(CodeForm, "totals have one stage, %q, and come after their release alone", StageTotals)
	case len(groups) == 0 || len(groups) > MaxGroups:
		return refuse(CodeForm, "%d totals, want 1 to %d", len(groups), MaxGroups)
	case b.Length != 2*int64(len(groups)):
		return refuse(CodeForm, "a vector of %d elements for the numerators and denominators of %d totals", b.Length, len(groups))
	case b.Threshold != int64(len(b.Contributors)):
		return refuse(CodeContributors, "%d of %d must be present; a total is of everybody whose figures were tested", b.Threshold, len(b.Contributors))
	}
	for i, g := range groups {
		if !isID(g.Name) || g.Name == GroupAll && i > 0 || i > 0 && groups[i-1].Name != GroupAll && groups[i-1].Name >= g.Name {
			return refuse(CodeForm, "total %d, %.70q, is out of order or not in its form", i, g.Name)
		}
		if g.Practices < 1 || g.Practices > MaxPractices {
			return refuse(CodeForm, "total %s is over %d practices", g.Name, g.Practices)
		}
	}
	return nil
}

// checkTotalDefinition asks of a sum of kind total that its measure is one whose totals its profile allows.
func (s *State) checkTotalDefinition(b *SumDefine) *Refusal {
	if b.Kind != SumTotal {
		return nil
	}
	var d TotalDefinition
	if err := entry.Decode(b.Definition, &d); err != nil {
		return refuse(CodeForm, "definition of a total: %v", err)
	}
	m := s.byHash[d.Measure]
	if m == nil || m.Status != MeasureApproved {
		return refuse(CodeUnknownMeasure, "no approved measure has hash %.16q", d.Measure)
	}
	if want := m.spec.Release.Profile; b.Profile != want {
		return refuse(CodeProfileMismatch, "%s %s is released under profile %q, not %q", m.ID, m.Version, want, b.Profile)
	}
	p, _ := s.Profile(b.Profile) // resolveSum has found it
	if err := p.Profile.AllowsTotals(m.spec); err != nil {
		return refuse(CodeProfileMismatch, "%v", err)
	}
	return nil
}

// checkTotal judges what a run of exact totals would open, and keeps the sums apart that would be subtracted from each other.
func (s *State) checkTotal(b *RunAggregate, def SumRecord) *Refusal {
	if (def.Kind == SumTotal) != (b.Total != nil) {
		return refuse(CodeForm, "a sum of kind %q names its release and groups, any other none; this is of kind %q", SumTotal, def.Kind)
	}
	spec := s.summed(def)
	if r := s.checkDisjoint(b, def, spec); r != nil || b.Total == nil {
		return r
	}
	run := s.byRun[b.Total.Run]
	if run == nil || run.Sum != nil || run.Status != RunCertified {
		return refuse(CodeUnknownRun, "run %.70q is no certified release", b.Total.Run)
	}
	if run.Body.Period != b.Period {
		return refuse(CodeUnknownRun, "run %q is of period %s, not %s", run.Body.Run, run.Body.Period, b.Period)
	}
	if b.Withhold != "" && run.Body.Withhold != b.Withhold { // entries from before aggregates said it have none
		return refuse(CodeUnknownRun, "run %q withholds other records under 42 CFR Part 2 than this one: its tests do not hold for these totals", run.Body.Run)
	}
	for _, later := range s.runs {
		if later.Restates == run.Body.Run && later.Status == RunCertified {
			return refuse(CodeUnknownRun, "run %q was restated by %q; totals are of the figures in force", run.Body.Run, later.Body.Run)
		}
	}
	at := slices.IndexFunc(run.Body.Measures, func(ref MeasureRef) bool { return s.byHash[ref.Hash].spec == spec })
	if at < 0 {
		return refuse(CodeUnknownMeasure, "run %q does not release %s %s", run.Body.Run, spec.ID, spec.Version)
	}
	if !slices.Equal(sorted(run.Body.Contributors), b.Contributors) {
		return refuse(CodeContributors, "run %q tested the figures of %q; a total of others was not tested", run.Body.Run, run.Body.Contributors)
	}
	now, _ := s.Profile(def.Profile) // resolveAggregate has found it
	least := int64(0)
	for _, p := range []ProfileRecord{run.Profiles[at], now} { // what the cells were tested for, and what is agreed on now
		if err := p.Profile.AllowsTotals(spec); err != nil {
			return refuse(CodeProfileMismatch, "run %q, version %d of its profile: %v", run.Body.Run, p.Profile.Version, err)
		}
		least = max(least, p.Profile.MinTotalPractices)
	}
	return s.checkGroups(b.Total, run, at, least)
}

// checkGroups holds the groups against the release's roster, and what follows from them together against the profile: no total, and no difference of totals, is over
// fewer practices than least.
func (s *State) checkGroups(t *Total, run *Run, measure int, least int64) *Refusal {
	cells := s.groupCells(run, measure)
	all, regions := int64(0), int64(0)
	for _, g := range t.Groups {
		switch n := cells[g.Name]; {
		case n == 0:
			return refuse(CodeUnknownPractice, "run %q has no practice in region %s", run.Body.Run, g.Name)
		case g.Practices > n:
			return refuse(CodeCells, "total %s is over %d practices; run %q has %d there", g.Name, g.Practices, run.Body.Run, n)
		case g.Practices < least:
			return refuse(CodeDifferencing, "total %s is over %d practices, the profile asks for %d; of fewer it would show one of them", g.Name, g.Practices, least)
		}
		if g.Name == GroupAll {
			all = g.Practices
		} else {
			regions += g.Practices
		}
	}
	rest := all - regions
	if all > 0 && rest < 0 {
		return refuse(CodeCells, "the regions are over %d practices, all over %d", regions, all)
	}
	if all > 0 && regions > 0 && rest > 0 && rest < least {
		return refuse(CodeDifferencing, "all less the regions is the total of %d practices, the profile asks for %d; leave out a region, or all", rest, least)
	}
	return nil
}

// groupCells counts the cells of a measure of a release by region, and over all.
func (s *State) groupCells(run *Run, measure int) map[string]int64 {
	roster, _ := s.Roster(run.Body.Roster) // checkCells has found it
	region := make(map[string]string, len(roster.Practices))
	for i, p := range roster.Practices {
		region[p] = roster.Region(i)
	}
	out := map[string]int64{} // looked up, never walked
	for _, c := range run.Body.Cells {
		if c.Measure != measure {
			continue
		}
		out[GroupAll]++
		if x := region[c.Practice]; x != "" {
			out[x]++
		}
	}
	return out
}

// checkDisjoint: of a measure (whatever counts the same) and period one sum over practices is opened exactly. A second set of totals, of another roster or
// another release, would be subtracted from the first; and variance components hold the sum over all practices, shown or not.
func (s *State) checkDisjoint(b *RunAggregate, def SumRecord, spec *measures.Spec) *Refusal {
	if spec == nil {
		return nil
	}
	for _, run := range s.runs {
		if run.Sum == nil || run.Sum.Period != b.Period || !run.opened() || run.repeats(b) {
			continue
		}
		other, _ := s.Sum(run.Sum.Sum)
		o := s.summed(other)
		switch {
		case o == nil || !sameCounts(spec, o):
		case def.Kind == SumTotal && other.Kind == SumTotal:
			return refuse(CodeReleased, "run %q has opened totals of %s, period %s, or may have; the difference of two sets of totals would show what neither does", run.Body.Run, o.ID, b.Period)
		case def.Kind == SumTotal || other.Kind == SumTotal:
			return refuse(CodeDifferencing, "run %q has opened %s of %s, period %s, or may have; a sum over all practices less that of the shown ones is that of the suppressed", run.Body.Run, other.ID, o.ID, b.Period)
		}
	}
	return nil
}

// summed is the measure whose practices a sum is over; nil of a sum of another kind.
func (s *State) summed(def SumRecord) *measures.Spec {
	var d TotalDefinition
	if def.Kind != SumTotal && def.Kind != SumReliability || json.Unmarshal(def.Definition, &d) != nil || s.byHash[d.Measure] == nil {
		return nil
	}
	return s.byHash[d.Measure].spec
}

// opened says whether an aggregate run has opened its sum, or may have.
func (r *Run) opened() bool { return r.Status == RunCertified || len(r.Bound) > 0 }

// repeats says whether b asks for the very totals of a run that ended void: the same sum of the same people, which shows nothing more.
func (r *Run) repeats(b *RunAggregate) bool {
	return r.Status == RunIsVoid && b.Total != nil && r.Sum.Total != nil && r.Sum.Sum == b.Sum && r.Sum.Withhold == b.Withhold && r.Sum.Total.Run == b.Total.Run &&
		slices.Equal(r.Sum.Total.Groups, b.Total.Groups)
}
