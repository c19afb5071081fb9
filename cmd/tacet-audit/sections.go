package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
)

func moment(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04 UTC") }

// committee prints how members decide, and what they have decided on beside measures.
func (p *page) committee(r *audit.Report) {
	if r.Charters != nil {
		p.line("\nCHARTER")
	}
	for _, c := range r.Charters {
		p.line("  version %d %s: %d plan, %d provider, %d expert seats; quorum %d %%, majority over %d %%", c.Version, r.When(c.Index), c.PlanSeats, c.ProviderSeats, c.ExpertSeats,
			c.QuorumPercent, c.MajorityPercent)
	}
	for _, s := range r.Seats {
		chair := ""
		if s.Holder == r.Chair {
			chair = ", in the chair"
		}
		p.line("  seat %s (%s): %s%s", s.ID, s.Class, s.Holder, chair)
	}
	if r.Motions != nil {
		p.line("\nMOTIONS")
	}
	for _, m := range r.Motions {
		p.line("  %s, %s: %s: %s", m.ID, m.Status(), m.Subject, m.Text)
		p.line("    put         by %s %s", m.Mover, r.When(m.Index))
		p.discussion(r, m.Deliberation)
		if m.Ended > 0 {
			p.line("    %-11s %s", m.Status(), r.When(m.Ended))
		}
	}
	if r.Agreements != nil {
		p.line("\nDATA AGREEMENTS")
	}
	for _, a := range r.Agreements {
		ended := ""
		if a.Ended > 0 {
			ended = "; ended or replaced " + r.When(a.Ended)
		}
		p.line("  %s version %d, %q, of %s, enacted %s%s", a.ID, a.Version, a.Title, strings.Join(a.Parties, ", "), r.When(a.Index), ended)
		for _, x := range a.Purposes {
			p.line("    purpose     %s", x)
		}
	}
	if r.Attestations != nil {
		p.line("\nATTESTATIONS")
	}
	for _, a := range r.Attestations {
		p.line("  %s for %d %s, statement %s", a.Member, a.Year, r.When(a.Index), a.Statement)
	}
}

// discussion prints comments, objections, votes and the decision.
func (p *page) discussion(r *audit.Report, d rules.Deliberation) {
	for _, c := range d.Comments {
		answer := "no answer"
		if c.Answered > 0 {
			answer = fmt.Sprintf("%s %s: %s", c.By, r.When(c.Answered), c.Response)
		}
		p.line("    comment     of %s %s: %s — %s", c.Author, r.When(c.Index), c.Text, answer)
	}
	for _, o := range d.Objections {
		p.line("    objection   of %s %s: %s", o.Member, r.When(o.Index), o.Text)
	}
	for _, v := range d.Votes {
		p.line("    vote        %-7s %s %s", v.Choice, v.Member, r.When(v.Index))
	}
	if x := d.Decision; x != nil {
		p.line("    decided     by %s: %d yes, %d no, %d abstain of %d", x.Basis, x.Yes, x.No, x.Abstain, x.Voting)
	}
}

// after prints what became of a run.
func (p *page) after(r *audit.Report, x audit.Run) {
	if x.Charter > 0 {
		p.line("    charter     version %d in force at the authorisation", x.Charter)
	}
	if x.Vetoed {
		p.line("    VETOED      by %s %s", r.Author(x.Ended), r.When(x.Ended))
	}
	if x.Restates != "" {
		p.line("    restates    run %s %s", x.Restates, x.Appeal)
	}
	if x.AppealUntil > 0 {
		p.line("    appeals     until %s; final: %v", moment(x.AppealUntil), x.Final)
	}
	for _, b := range x.Bound {
		p.line("    bound       %s in step %s at entry %d", b.Member, b.Step, b.Index)
	}
}

// later prints what comes after releases, and the rest of the log.
func (p *page) later(r *audit.Report) {
	p.line("\nDIFFERENCING LEDGER")
	for _, f := range r.Figures {
		p.line("  %s, period %s: %d figures, released by %s", f.Measure, f.Period, f.Figures, strings.Join(f.Runs, "; then "))
	}
	for _, a := range r.Appeals {
		p.line("\nAPPEAL %s on run %s %s %s", a.ID, a.Run, a.Measure, a.Practice)
		p.line("  opened by %s %s: %s", a.Appellant, r.When(a.Index), a.Ground)
		p.line("  panel: %s", strings.Join(a.Panel, ", "))
		for _, x := range a.Answers {
			p.line("  answer of %s %s: %s", x.Author, r.When(x.Index), x.Text)
		}
		for _, x := range a.Opinions {
			p.line("  %s: %s %s: %s", x.Outcome, x.Member, r.When(x.Index), x.Text)
		}
		if a.Decided > 0 {
			p.line("  %s %s, for good", a.Outcome, r.When(a.Decided))
		}
	}
	for _, s := range r.Structures {
		p.line("\nSTRUCTURE %s version %d (recommended, not binding) %s: %s", s.ID, s.Version, r.When(s.Index), s.Title)
	}
	for _, a := range r.Adoptions {
		p.line("\nADOPTION %s: %s of %s, sealed until %s", a.ID, a.About, a.Structure, moment(a.Close))
		for _, x := range a.Answers {
			answer := string(x.Answer)
			if answer == "" {
				answer = "sealed"
			}
			p.line("  %s: %s", x.Member, answer)
		}
	}
	for _, s := range r.Submissions {
		audited := "not audited: it does not count"
		if s.Finding != "" {
			audited = fmt.Sprintf("%s by %s %s", s.Finding, s.Auditor, r.When(s.Audited))
		}
		if s.Own {
			audited += fmt.Sprintf("; better than the released figure: %d counts", *s.Counts)
		} else if s.Counts != nil {
			audited += fmt.Sprintf("; the released figure is as good or better: %d counts", *s.Counts)
		}
		p.line("\nOWN RESULT of %s %s: %d for practice %s, stratum %s, period %s; %s", s.Author, r.When(s.Index), s.Value, s.Practice, s.Stratum, s.Period, audited)
	}
	for _, s := range r.Statements {
		p.line("\nROOM %s %s, present %s", s.Room, r.When(s.Index), strings.Join(s.Present, ", "))
		for _, x := range s.Statements {
			p.line("  “%s”", x)
		}
	}
	if r.Witnessed != nil {
		p.line("\nWITNESSED ROOTS (each is this log's)")
	}
	for _, w := range r.Witnessed {
		p.line("  %s %s: size %d, root %s", w.Member, r.When(w.Index), w.Size, w.Root)
	}
}
