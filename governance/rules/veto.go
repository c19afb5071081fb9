package rules

import "github.com/tacet-health/tacet/governance/entry"

// RunVeto ends an authorised run before it starts. It is counsel's to write; nothing else of counsel's changes anything.
type RunVeto struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

func validateVeto(b *RunVeto) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "a veto needs a reason, in at most 1000 bytes")
	}
	return nil
}

func resolveVeto(s *State, e *entry.Signed, b *RunVeto) (effect, *Refusal) {
	if m := s.active(e.Author); m.Role != RoleCounsel {
		return nil, refuse(CodeNotAllowed, "counsel vetoes; %q has the role %s", e.Author, m.Role)
	}
	run, r := s.openRun(b.Run)
	if r != nil {
		return nil, r
	}
	if run.Start > 0 && s.now >= run.Start {
		return nil, refuse(CodeVetoLate, "run %q could start from %s on, and it is %s; counsel's time to veto is over", b.Run, moment(run.Start), moment(s.now))
	}
	return func(index uint64) {
		run.Status, run.Ended, run.EndedAt, run.Vetoed, run.Reason = RunIsVoid, index, s.now, true, "vetoed by counsel: "+b.Reason
	}, nil
}

// MayStart says whether a run is authorised and counsel's time to veto it is over. A node computes nothing before; when it may not, from is the log time at
// which it may (0: never, the run is over).
func (s *State) MayStart(name string) (ok bool, from int64) {
	run := s.byRun[name]
	if run == nil || run.Status != RunAuthorised {
		return false, 0
	}
	return s.now >= run.Start, run.Start
}
