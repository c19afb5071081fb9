package audit

import "github.com/tacet-health/tacet/governance/rules"

// Submission is a provider's own result and, once an auditor has confirmed it, what counts: the better of it and the released figure, where the bundle
// has the table of the figure's last release or there is none.
type Submission struct {
	rules.Submission
	Released *int64 `json:"released,omitempty"` // nil: not released, or suppressed
	Counts   *int64 `json:"counts,omitempty"`
	Own      bool   `json:"own_counts,omitempty"` // the submission is what counts
}

// submissions holds every confirmed one against the runs, which are in the order of the log: the last release of a figure is the one in force.
func submissions(s *rules.State, runs []Run) (out []Submission) {
	for _, x := range s.Submissions() {
		o := Submission{Submission: x}
		unknown := false
		for _, r := range runs {
			if r.Status == rules.RunCertified && r.Table == nil {
				unknown = unknown || r.covers(s, x)
			} else if cell := r.cell(x); cell != nil {
				o.Released, unknown = cell.Value, false
			}
		}
		if x.Finding == rules.Confirmed && !unknown {
			if v, own, found := s.Better(x.Measure, x.Period, x.Practice, x.Stratum, o.Released); found {
				o.Counts, o.Own = &v, own
			}
		}
		out = append(out, o)
	}
	return out
}

// cell is the submission's figure in a run's table.
func (r Run) cell(x rules.Submission) *Cell {
	if r.Table == nil || r.Period != x.Period {
		return nil
	}
	for i, c := range r.Table.Cells {
		for _, m := range r.Measures {
			if m.Hash == x.Measure && m.ID == c.Measure && m.Version == c.Version && c.Practice == x.Practice && c.Stratum == x.Stratum {
				return &r.Table.Cells[i]
			}
		}
	}
	return nil
}

// covers says whether a run released the submission's figure, whatever it is.
func (r Run) covers(s *rules.State, x rules.Submission) bool {
	run, _ := s.Run(r.Run)
	for _, c := range run.Body.Cells {
		if run.Body.Period == x.Period && run.Body.Measures[c.Measure].Hash == x.Measure && c.Practice == x.Practice && c.Stratum == x.Stratum {
			return true
		}
	}
	return false
}
