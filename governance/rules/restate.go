package rules

import "github.com/tacet-health/tacet/governance/entry"

// ReleaseRestate authorises a run that releases figures of an earlier run again: because an appeal was upheld, or because an error was found while the
// result was not final. Manifest is judged as run.authorise is, and its figures are figures of the earlier run, with contributors from whose difference nothing
// can be read.
type ReleaseRestate struct {
	Restates string       `json:"restates"`
	Appeal   string       `json:"appeal"` // the upheld appeal, or empty
	Reason   string       `json:"reason"`
	Manifest RunAuthorise `json:"manifest"`
}

func validateRestate(b *ReleaseRestate) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "a restatement needs a reason, in at most 1000 bytes")
	}
	return validateAuthorise(&b.Manifest)
}

func resolveRestate(s *State, e *entry.Signed, b *ReleaseRestate) (effect, *Refusal) {
	run := s.byRun[b.Restates]
	if run == nil {
		return nil, refuse(CodeUnknownRun, "run %.70q is not authorised", b.Restates)
	}
	if run.Status != RunCertified {
		return nil, refuse(CodeRunClosed, "run %q is %s; a certified run is restated", b.Restates, run.Status)
	}
	if b.Appeal != "" {
		a := s.appeal(b.Appeal)
		switch {
		case a == nil || a.Run != b.Restates || a.Outcome != Upheld:
			return nil, refuse(CodeUnknownAppeal, "no appeal %.70q on run %q was upheld", b.Appeal, b.Restates)
		case s.followed(a):
			return nil, refuse(CodeFinal, "appeal %q has been followed by a restatement", b.Appeal)
		}
	} else if s.now >= run.AppealUntil {
		return nil, refuse(CodeFinal, "the result of run %q stands: the time to correct it without an appeal is over", b.Restates)
	}
	return s.authorise(e, &b.Manifest, run, b.Appeal)
}

// followed says whether an upheld appeal has been followed by a run that is not void.
func (s *State) followed(a *Appeal) bool {
	for _, r := range s.runs {
		if r.Appeal == a.ID && r.Status != RunIsVoid {
			return true
		}
	}
	return false
}

// Final says whether the result of a certified run can change no more: the time for appeals is over, each was decided, and each that was upheld has been followed.
func (s *State) Final(name string) bool {
	run := s.byRun[name]
	if run == nil || run.Status != RunCertified || s.now < run.AppealUntil {
		return false
	}
	for _, a := range s.appeals {
		if a.Run == name && (a.Outcome == "" || a.Outcome == Upheld && !s.followed(a)) {
			return false
		}
	}
	return true
}
