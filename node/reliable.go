package node

import (
	"encoding/hex"
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/admin"
)

// question asks the denominators of a cell for the line of its measure: a further cell of the circuit, behind all others, with the inputs of the first.
type question struct {
	cell int // that it is asked of
	line int64
}

// questions are those of a run's cells, in their order. A line that every released cell reaches, or none can, asks nothing.
func questions(programs []disclosure.Program, refs []cellRef, lines []rules.ReliabilityLine, payers int) (out []question) {
	for i, ref := range refs {
		for _, l := range lines {
			if asked, _ := programs[ref.measure].Line(l.Line, payers); asked && l.Measure == ref.measure {
				out = append(out, question{i, l.Line})
			}
		}
	}
	return out
}

// linesOf are the lines on record for a draft's measures, by id.
func linesOf(s *rules.State, d Draft) map[string]rules.ReliabilityLine {
	out := map[string]rules.ReliabilityLine{}
	for _, spec := range d.Measures {
		hash := spec.Hash()
		if l, ok := s.Line(hex.EncodeToString(hash[:]), d.Period, d.Payers); ok && spec.Stratify == "" && spec.Release.Kind != measures.BenchmarkOnly {
			out[spec.ID] = l
		}
	}
	return out
}

// lines are what a run's cells were asked for.
func (s *Service) lines(run string) (out []admin.Line) {
	s.replica.View(func(st *rules.State) {
		r, _ := st.Run(run)
		for _, l := range r.Body.Reliability {
			ref := r.Body.Measures[l.Measure]
			out = append(out, admin.Line{Measure: ref.ID, Version: ref.Version, People: l.Line, Run: l.Run})
		}
	})
	return out
}

// answers takes the questions' results out of the circuit's figures; by cell. A question says nothing of a cell that is suppressed, and its value is 0: inputs that
// are not the cell's own, of a payer that gave others, end the run.
func (a *agreed) answers(all []opened) (map[int]bool, error) {
	values, out := map[int]bool{}, map[int]bool{}
	for _, v := range all {
		if v.Cell >= 0 && v.Cell < len(a.cells) {
			values[v.Cell] = v.Released
		}
	}
	for _, v := range all {
		if v.Cell < len(a.cells) {
			continue
		}
		cell := a.questions[v.Cell-len(a.cells)].cell
		if out[cell] = v.Released; v.Released && (v.Steps != 0 || !values[cell]) {
			c := a.cells[cell]
			return nil, fmt.Errorf("run %s: %s of practice %s, stratum %s: its reliability was asked with other inputs than its value; some payer contributed two vectors", a.run, a.specs[c.measure].ID, c.practice, c.stratum)
		}
	}
	return out, nil
}

// reliable is what a released cell's row says: nothing where the run does not ask.
func (a *agreed) reliable(cell int, answers map[int]bool) *bool {
	m := a.cells[cell].measure
	for _, l := range a.lines {
		if l.Measure != m {
			continue
		}
		asked, reliable := a.programs[m].Line(l.Line, len(a.payers))
		if asked {
			reliable = answers[cell]
		}
		return &reliable
	}
	return nil
}
