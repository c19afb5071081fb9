package rules

import (
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
)

// ReliabilityLine has a release ask, of every cell of a measure that it shows, whether as many people are behind it as its reliability of 0.70 needs. The
// circuit asks the encrypted denominators; the answer alone is released.
type ReliabilityLine struct {
	Measure int    `json:"measure"` // by its place in Measures
	Run     string `json:"run"`     // the aggregate of the measure's variance components that the line follows from
	Line    int64  `json:"line"`    // people; 0: no number of people is enough
}

func validateReliability(b *RunAuthorise) *Refusal {
	for i, l := range b.Reliability {
		switch {
		case l.Measure < 0 || l.Measure >= len(b.Measures) || i > 0 && l.Measure <= b.Reliability[i-1].Measure:
			return refuse(CodeForm, "reliability is of measures in their order, each once")
		case !isID(l.Run) || l.Line < 0:
			return refuse(CodeForm, "the run or the line of a reliability is not in its form")
		}
	}
	return nil
}

// checkReliability holds the lines against the certified variance components: of this measure, of this period, of these contributors, and the number that
// follows from them. A stage of a sum is opened once a period, so there is one line for a measure's figures: no second question narrows a denominator down.
// A restatement asks the line that the run before it did, or none.
func (s *State) checkReliability(b *RunAuthorise, restated *Run) *Refusal {
	if len(b.Reliability) == 0 {
		return nil
	}
	asked := map[int]bool{}
	contributors := slices.Sorted(slices.Values(b.Contributors))
	for _, l := range b.Reliability {
		ref := b.Measures[l.Measure]
		asked[l.Measure] = true
		if spec := s.byHash[ref.Hash].spec; spec.Type != measures.Proportion || spec.Stratify != "" || spec.Release.Kind == measures.BenchmarkOnly {
			return refuse(CodeReliability, "%s is no proportion that releases its practices over all people; reliability is defined for these", ref.ID)
		}
		run := s.byRun[l.Run]
		if run == nil || run.Sum == nil || run.Status != RunCertified {
			return refuse(CodeUnknownRun, "run %q of the variance components of %s is no certified aggregate", l.Run, ref.ID)
		}
		r, ok := s.line(l.Run)
		switch {
		case !ok:
			return refuse(CodeReliability, "run %q has put no reliability on record", l.Run)
		case r.Measure != ref.Hash || run.Sum.Period != b.Period || !slices.Equal(run.Sum.Contributors, contributors):
			return refuse(CodeReliability, "the variance components of run %q are of another measure, period or set of contributors than %s here", l.Run, ref.ID)
		case restated != nil && restated.Body.askedLine(ref.ID, l.Line):
			return refuse(CodeReliability, "run %q asked for another line of %s; a second one would narrow denominators down", restated.Body.Run, ref.ID)
		case l.Line != r.Line:
			return refuse(CodeReliability, "by run %q a practice is reliable in %s from %d people on, not from %d", l.Run, ref.ID, r.Line, l.Line)
		}
	}
	cells := len(b.Cells)
	for _, c := range b.Cells {
		if asked[c.Measure] {
			cells++
		}
	}
	if cells > MaxCells {
		return refuse(CodeCells, "%d cells with those that ask for reliability, at most %d", cells, MaxCells)
	}
	return nil
}

// askedLine says whether the run asks for a line of a measure other than this one.
func (b *RunAuthorise) askedLine(measure string, other int64) bool {
	return slices.ContainsFunc(b.Reliability, func(l ReliabilityLine) bool { return b.Measures[l.Measure].ID == measure && l.Line != other })
}

// line is the reliability that a run of variance components has put on record.
func (s *State) line(run string) (r risk.Reliability, ok bool) {
	for _, m := range s.models {
		if m.Run != run {
			continue
		}
		if def, known := s.Sum(s.byRun[run].Sum.Sum); !known || def.Kind != SumReliability {
			return r, false
		}
		r, err := risk.ReadReliability(m.Model)
		return r, err == nil
	}
	return r, false
}

// Line returns the last reliability on record of a measure, by its hash, for a period and contributors, and the run it follows from.
func (s *State) Line(measure, period string, contributors []string) (ReliabilityLine, bool) {
	want := slices.Sorted(slices.Values(contributors))
	for _, m := range slices.Backward(s.models) {
		run := s.byRun[m.Run]
		if run == nil || run.Sum == nil || run.Sum.Period != period || !slices.Equal(run.Sum.Contributors, want) {
			continue
		}
		if r, ok := s.line(m.Run); ok && r.Measure == measure {
			return ReliabilityLine{Run: m.Run, Line: r.Line}, true
		}
	}
	return ReliabilityLine{}, false
}
