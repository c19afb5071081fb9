package rules

import (
	"reflect"

	"github.com/tacet-health/tacet/measures"
)

// checkStrata holds every measure of a manifest to one division of the people: the strata of one dimension, or all of them together.
//
// Strata of one dimension are disjoint (a person has one), so a released figure depends on its own stratum's people alone: of a suppressed stratum
// the release shows that it is suppressed and nothing else, whatever its neighbours show. The figure of all of them, or of another dimension's
// strata, is what would end that: with denominators known from elsewhere, the whole less the strata shown is the stratum that is not, up to
// rounding. So a measure's figures of a period are of one division, in a run and in all certified runs, over all practices (a practice that is a
// part of another one would do for the whole). What counts the same is one measure here: see sameCounts.
func (s *State) checkStrata(b *RunAuthorise) *Refusal {
	specs := make([]*measures.Spec, len(b.Measures))
	for i, ref := range b.Measures {
		specs[i] = s.byHash[ref.Hash].spec // checkMeasures has found it
	}
	for _, c := range b.Cells {
		if ref, kind := b.Measures[c.Measure], specs[c.Measure].Stratify; (kind == "") != (c.Stratum == measures.Unstratified) {
			if kind == "" {
				return refuse(CodeStrata, "%s %s has no strata, so stratum is %q and not %q", ref.ID, ref.Version, measures.Unstratified, c.Stratum)
			}
			return refuse(CodeStrata, "%s %s is by %s; %q is no stratum of it", ref.ID, ref.Version, kind, c.Stratum)
		}
	}
	for i, spec := range specs {
		for _, o := range specs[:i] {
			if sameCounts(spec, o) && spec.Stratify != o.Stratify {
				return refuse(CodeDifferencing, "%s and %s are in one run, which count the same, %s and %s; a suppressed stratum would follow from the others", o.ID, spec.ID, division(o), division(spec))
			}
		}
		for _, r := range s.runs {
			if r.Status != RunCertified || r.Body.Period != b.Period {
				continue
			}
			for _, ref := range r.Body.Measures {
				if o := s.byHash[ref.Hash].spec; sameCounts(spec, o) && spec.Stratify != o.Stratify {
					return refuse(CodeDifferencing, "run %q released %s %s of period %s, %s; %s counts the same %s, and a suppressed stratum would follow from the two",
						r.Body.Run, ref.ID, ref.Version, b.Period, division(o), spec.ID, division(spec))
				}
			}
		}
	}
	return nil
}

// sameCounts says whether two measures sum the same people and events: by name (a version, or a stratified form, of one measure) or by text. Two
// definitions that count nearly the same under two names are seen by those who vote, not here.
func sameCounts(a, b *measures.Spec) bool {
	return a.ID == b.ID || a.Base() == b.Base() || a.SQL == b.SQL && reflect.DeepEqual(a.ValueSets, b.ValueSets)
}

func division(s *measures.Spec) string {
	if s.Stratify == "" {
		return "over all"
	}
	return "by " + s.Stratify
}
