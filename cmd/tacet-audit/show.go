package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
)

func showCommand() *cobra.Command {
	var a anchors
	var html bool
	c := &cobra.Command{
		Use: "show BUNDLE", Short: "Show who approved what and when, what ran, what was released", Args: exactly("BUNDLE"),
		Long: `Verify an evidence bundle and show what it says: members, charter and seats, motions, measures with every vote, agreements,
attestations, profiles, rosters, runs with their certificates and statistical security, the differencing ledger, appeals, structures and their adoption, providers' own
results, statements, witnessed roots, and every entry in a line. "When" is a place in the log and the log's time there: the moment that more than half of the
payers' signed clocks had reached. --html prints the page that is in the bundle as report/index.html, made again from the evidence; --json everything, tables and
entries included.

Exit codes: 0 verified, 2 usage, 3 not verified (what can be told is printed all the same), 4 a file cannot be read.`,
		RunE: func(c *cobra.Command, args []string) error {
			if html && a.json {
				return usageError{c, fmt.Errorf("--html and --json are two forms of the same: give one")}
			}
			o, err := a.options(c)
			if err != nil {
				return err
			}
			r, err := result(args[0], o)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			switch {
			case a.json:
				return verdict(r.Verified, printJSON(w, r))
			case html && r.Verified:
				page, err := audit.HTML(r.Report)
				if err == nil {
					_, err = w.Write(page)
				}
				return err
			}
			return verdict(r.Verified, printReport(w, r))
		},
	}
	c.Flags().BoolVar(&html, "html", false, "print the report as an HTML page")
	a.flags(c, true)
	return c
}

func printReport(w io.Writer, r *audit.Result) error {
	p := &page{w: w}
	if !r.Verified {
		p.findings(r.Findings)
	}
	if r.Report == nil {
		return p.err
	}
	p.line("LOG")
	p.head(r.Report)
	p.line("\nMEMBERS")
	for _, m := range r.Members {
		left := ""
		if m.Left {
			left = ", left " + r.When(m.Parted)
		}
		p.line("  %s (%s), from entry %d%s", m.Name, m.Role, m.Joined, left)
		p.line("    %s", m.Fingerprint)
		for _, k := range m.Earlier {
			p.line("    before %s: %s", r.When(k.Until), k.Fingerprint)
		}
	}
	p.committee(r.Report)
	p.line("\nMEASURES")
	for _, m := range r.Measures {
		p.measure(m)
	}
	p.line("\nDISCLOSURE PROFILES")
	for _, x := range r.Profiles {
		p.line("  %s version %d, class %s, in force from entry %d, hash %s", x.Name, x.Version, x.Class, x.Index, x.Hash)
	}
	p.line("\nROSTERS")
	for _, x := range r.Rosters {
		p.line("  %d practices, from entry %d, hash %s", x.Practices, x.Index, x.Hash)
	}
	p.line("\nRUNS")
	for _, x := range r.Runs {
		p.run(x)
		p.after(r.Report, x)
	}
	p.later(r.Report)
	p.line("\nENTRIES")
	for _, e := range r.Entries {
		when := ""
		if e.Time > 0 {
			when = time.Unix(e.Time, 0).UTC().Format("2006-01-02 15:04")
		}
		p.line("  %-6d %-16s %-12s %-18s %s", e.Index, when, e.Author, e.Kind, e.Text)
	}
	return p.err
}

func (p *page) measure(m audit.Measure) {
	p.line("  %s %s: %s", m.ID, m.Version, m.Title)
	p.line("    hash        %s", m.Hash)
	p.line("    proposed    by %s at entry %d", m.Proposer, m.Proposed)
	for _, v := range m.Votes {
		p.line("    vote        %-7s %s at entry %d", v.Choice, v.Member, v.Index)
	}
	if m.Status == rules.MeasureApproved {
		kind := ""
		if m.Kind != "" {
			kind = string(m.Kind) + ", "
		}
		p.line("    approved    at entry %d; released %sin %s under profile %s", m.Approved, kind, m.Unit, m.Profile)
	} else {
		p.line("    %s", m.Status)
	}
}

func (p *page) run(x audit.Run) {
	p.line("  %s", runLine(x))
	p.line("    authorised  at entry %d, manifest %s", x.Authorised, x.Manifest)
	if x.Ended > 0 {
		p.line("    ended       at entry %d", x.Ended)
	}
	p.line("    purpose     %s (agreement %s), period %s", x.Purpose, x.Agreement, x.Period)
	p.line("    contributed %s", strings.Join(x.Contributors, ", "))
	p.line("    received    %s", strings.Join(x.Recipients, ", "))
	for i, m := range x.Measures {
		p.line("    measure     %s %s under %s", m.ID, m.Version, x.Profiles[i])
	}
	who := "every recipient"
	if b := x.Sum; b != nil {
		who = fmt.Sprintf("at least %d of the contributors, who were present", b.Threshold)
		p.line("    exact sum   %s, stage %s, %d elements", b.Sum, b.Stage, b.Length)
	}
	if x.Statement != nil {
		p.line("    certificate signed by %s; table %s", who, x.Statement.Table)
		if x.Statement.Model != "" {
			p.line("    model       %s", x.Statement.Model)
		}
		p.line("    transcript  %s", x.Statement.Transcript)
	}
}
