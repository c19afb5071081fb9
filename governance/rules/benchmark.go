package rules

import (
	"slices"

	"github.com/tacet-health/tacet/measures"
)

// checkBenchmarks holds the benchmark-only measures of a manifest, whose cells are in order, against what they would give away.
//
// A benchmark is a function of all its cells and its contributors. Two benchmarks of one measure and period whose rosters differ by a
// practice would say on which side of a percentile that practice lies, and so would a benchmark beside values of the same practices that
// are computed for other contributors. So a practice's data of a measure and period enter one benchmark at most, whatever the version of
// the measure, and no benchmark beside a release by practice. A restatement takes the very practices of what it restates; its contributors are
// held against the earlier ones like those of any figure (checkReleased).
func (s *State) checkBenchmarks(b *RunAuthorise, restated *Run) *Refusal {
	for i, ref := range b.Measures {
		only := s.benchmarkOnly(ref)
		for _, o := range b.Measures[:i] {
			if o.ID == ref.ID && (only || s.benchmarkOnly(o)) {
				return refuse(CodeCells, "%s is in the run twice, and one of them releases a benchmark only; together they would show single practices", ref.ID)
			}
		}
		if only {
			if r := s.checkBenchmarkCells(b, i); r != nil {
				return r
			}
		}
		if run, practice := s.benchmarked(b, i, only, restated != nil); run != "" {
			return refuse(CodeReleased, "%s of practice %s, period %s was part of run %q; a benchmark takes a practice once, and none that was released by itself",
				ref.ID, practice, b.Period, run)
		}
	}
	return nil
}

// checkBenchmarkCells: enough practices for the benchmark ever to be released, each once.
func (s *State) checkBenchmarkCells(b *RunAuthorise, measure int) *Refusal {
	ref, n := b.Measures[measure], int64(0)
	for _, c := range b.Cells {
		if c.Measure != measure {
			continue
		}
		if c.Stratum != measures.Unstratified {
			return refuse(CodeCells, "%s releases a benchmark only, which takes stratum %q alone, not %q", ref.ID, measures.Unstratified, c.Stratum)
		}
		n++
	}
	p, _ := s.Profile(ref.Profile) // checkMeasures has found it
	if least := p.Profile.MinBenchmarkPractices; n < least {
		return refuse(CodeCells, "%s releases a benchmark only and has %d practices; under profile %q at least %d must pass its rules", ref.ID, n, ref.Profile, least)
	}
	return nil
}

// benchmarkOnly says whether an approved measure releases a benchmark only.
func (s *State) benchmarkOnly(ref MeasureRef) bool {
	m := s.byHash[ref.Hash]
	return m != nil && m.spec.Release.Kind == measures.BenchmarkOnly
}

// benchmarked finds a certified run of the same measure, whatever its version, and period that shares a practice, where it or this run
// releases a benchmark only.
func (s *State) benchmarked(b *RunAuthorise, measure int, only, restating bool) (run, practice string) {
	var mine map[string]bool
	for _, r := range s.runs {
		if r.Status != RunCertified || r.Body.Period != b.Period {
			continue
		}
		for i, ref := range r.Body.Measures {
			if ref.ID != b.Measures[measure].ID || !only && !s.benchmarkOnly(ref) {
				continue
			}
			if restating && slices.Equal(r.Body.practices(i), b.practices(measure)) {
				continue
			}
			if mine == nil {
				mine = map[string]bool{}
				for _, c := range b.Cells {
					if c.Measure == measure {
						mine[c.Practice] = true
					}
				}
			}
			for _, c := range r.Body.Cells {
				if c.Measure == i && mine[c.Practice] {
					return r.Body.Run, c.Practice
				}
			}
		}
	}
	return "", ""
}

// practices are those of a measure's cells, in order.
func (b *RunAuthorise) practices(measure int) (out []string) {
	for _, c := range b.Cells {
		if c.Measure == measure {
			out = append(out, c.Practice)
		}
	}
	return out
}
