package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures"
)

// Submit is a provider organisation's own result for a practice that it speaks for. It counts once an auditor has confirmed it.
type Submit struct {
	Measure  string `json:"measure"` // hash
	Period   string `json:"period"`
	Practice string `json:"practice"`
	Stratum  string `json:"stratum"`
	Value    int64  `json:"value"`    // in the measure's released unit, on its scale
	Evidence string `json:"evidence"` // hex SHA-256 of what the auditor is shown
}

// SubmissionAudit is an auditor's finding on a submission, named by its entry. It is made once.
type SubmissionAudit struct {
	Submission uint64  `json:"submission"`
	Finding    Finding `json:"finding"`
	Text       string  `json:"text"`
}

// Finding is what an auditor says.
type Finding string

// The findings.
const (
	Confirmed Finding = "confirmed"
	Rejected  Finding = "rejected"
)

// Submission is a submission on record.
type Submission struct {
	Submit
	Index   uint64  `json:"index"`
	Author  string  `json:"author"`
	Finding Finding `json:"finding"` // empty before
	Auditor string  `json:"auditor"`
	Audited uint64  `json:"audited"` // index
	Text    string  `json:"text"`    // the auditor's
}

func validateSubmit(b *Submit) *Refusal {
	if !entry.IsHash(b.Measure) || !entry.IsHash(b.Evidence) || !isKey(b.Period, 32) || !isKey(b.Practice, 64) || !isKey(b.Stratum, 64) {
		return refuse(CodeForm, "measure, evidence, period, practice or stratum is not in its form")
	}
	return nil
}

func resolveSubmit(s *State, e *entry.Signed, b *Submit) (effect, *Refusal) {
	if m := s.active(e.Author); m.Role != RoleProvider || s.practices.known[b.Practice].Organisation != e.Author {
		return nil, refuse(CodeNotAllowed, "%q does not speak for practice %s; roster.identify names a practice's organisation", e.Author, b.Practice)
	}
	m := s.byHash[b.Measure]
	if m == nil || m.Status != MeasureApproved {
		return nil, refuse(CodeUnknownMeasure, "no approved measure has hash %.16q", b.Measure)
	}
	r := m.spec.Release
	if b.Value < r.Range[0] || b.Value > r.Range[1] || (b.Value-r.Range[0])%r.Step != 0 {
		return nil, refuse(CodeValue, "%d is not on the scale of %s: %d to %d in steps of %d", b.Value, m.ID, r.Range[0], r.Range[1], r.Step)
	}
	for _, o := range s.submissions {
		if o.figure() == b.figure() && o.Finding != Rejected {
			return nil, refuse(CodeDuplicate, "entry %d is a submission for this figure", o.Index)
		}
	}
	for _, run := range s.released[b.figure()] {
		if s.Final(run) {
			return nil, refuse(CodeFinal, "run %q has released this figure, and its result is final", run)
		}
	}
	return func(index uint64) {
		s.submissions = append(s.submissions, &Submission{Submit: *b, Index: index, Author: e.Author})
	}, nil
}

func (b *Submit) figure() releaseKey { return releaseKey{b.Measure, b.Period, b.Practice, b.Stratum} }

func validateSubmissionAudit(b *SubmissionAudit) *Refusal {
	if b.Finding != Confirmed && b.Finding != Rejected || !isText(b.Text, 10000) {
		return refuse(CodeForm, "an audit confirms or rejects, with a text")
	}
	return nil
}

func resolveSubmissionAudit(s *State, e *entry.Signed, b *SubmissionAudit) (effect, *Refusal) {
	if m := s.active(e.Author); m.Role != RoleAuditor {
		return nil, refuse(CodeNotAllowed, "auditors audit; %q has the role %s", e.Author, m.Role)
	}
	for _, x := range s.submissions {
		if x.Index != b.Submission {
			continue
		}
		if x.Finding != "" {
			return nil, refuse(CodeDuplicate, "the submission at entry %d was %s at entry %d", x.Index, x.Finding, x.Audited)
		}
		return func(index uint64) { x.Finding, x.Auditor, x.Audited, x.Text = b.Finding, e.Author, index, b.Text }, nil
	}
	return nil, refuse(CodeUnknownSubmission, "entry %d is no submission", b.Submission)
}

// Submissions returns all submissions in order.
func (s *State) Submissions() []Submission {
	out := make([]Submission, len(s.submissions))
	for i, x := range s.submissions {
		out[i] = *x
	}
	return out
}

// Better is the better of a released figure and a confirmed submission for it, by the measure's direction. An aggregated figure that ties wins; one that is
// suppressed (nil) loses to any confirmed submission; a submission that nobody has confirmed is not looked at. Found says whether there is a value at all.
func (s *State) Better(measure, period, practice, stratum string, aggregated *int64) (value int64, submitted, found bool) {
	if aggregated != nil {
		value, found = *aggregated, true
	}
	m := s.byHash[measure]
	i := slices.IndexFunc(s.submissions, func(x *Submission) bool {
		return x.figure() == releaseKey{measure, period, practice, stratum} && x.Finding == Confirmed
	})
	if m == nil || i < 0 {
		return value, false, found
	}
	own := s.submissions[i].Value
	better := own > value
	if m.spec.Direction == measures.Lower {
		better = own < value
	}
	if !found || better {
		return own, true, true
	}
	return value, false, true
}
