package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
)

// page prints lines and remembers the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, a ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", a...)
	}
}

func (p *page) findings(all []audit.Finding) {
	p.line("NOT VERIFIED")
	for i := range all {
		p.line("  %s", all[i].Error())
	}
}

func printResult(w io.Writer, r *audit.Result, o audit.Options) error {
	p := &page{w: w}
	if !r.Verified {
		p.findings(r.Findings)
		return p.err
	}
	p.line("verified")
	p.head(r.Report)
	if o.Genesis == "" && o.Policy == nil {
		p.line("  (nothing was given to tie this bundle to: compare the genesis with the one on a member's invitation)")
	}
	for _, x := range r.Runs {
		p.line("  run       %s", runLine(x))
	}
	for _, x := range r.Sums {
		p.line("  sum       %s", sumLine(x))
	}
	for _, x := range r.Held {
		p.line("  held      run %s is certified and not released: %s has not cosigned the log since", x.Run, strings.Join(x.Waiting, ", "))
	}
	for _, m := range r.Missing {
		p.line("  missing   the table of run %s: the bundle's maker did not receive it", m)
	}
	return p.err
}

func (p *page) head(r *audit.Report) {
	ledger := r.Ledger
	if r.Insecure {
		ledger += " (INSECURE: a ledger for tests)"
	}
	p.line("  ledger    %s", ledger)
	p.line("  genesis   %s", r.Genesis)
	p.line("  entries   %d, all rules applied again", r.Size)
	if r.Frozen != nil {
		p.line("  frozen    by entry %d, for good: %s", r.Frozen.Index, r.Frozen.Reason)
	}
	p.line("  root      %s", r.Root)
	p.line("  state     %s", r.State)
	p.line("  signed by %s", strings.Join(r.Signers, ", "))
}

func runLine(x audit.Run) string {
	s := fmt.Sprintf("%s %s", x.Run, x.Status)
	switch x.Status {
	case rules.RunCertified:
		if x.Sum != nil {
			s += fmt.Sprintf(": the exact sum %.16s, stage %s, %d elements; parameters %s", x.Sum.Sum, x.Sum.Stage, x.Sum.Length, x.Parameters)
			break
		}
		if x.Table != nil {
			s += fmt.Sprintf(": %d cells released, %d suppressed", x.Released, x.Suppressed)
			if x.Benchmarks > 0 {
				s += fmt.Sprintf("; %d benchmarks over %d cells", x.Benchmarks, x.Cells-x.Released-x.Suppressed)
			}
		} else {
			s += fmt.Sprintf(": %d cells", x.Cells)
		}
		s += fmt.Sprintf("; statistical security %d bits, parameters %s", x.Statement.StatisticalBits, x.Parameters)
	case rules.RunIsVoid:
		s += ": " + x.Reason
	}
	if x.Insecure {
		s += "; INSECURE"
	}
	return s
}

// sumLine says what of an exact sum was checked, and what was made of it again.
func sumLine(x audit.Sum) string {
	s := fmt.Sprintf("%s: %s version %d, stage %s: %d elements of %d payers, table as signed", x.Run, x.ID, x.Version, x.Stage, x.Length, x.Present)
	if x.Dropped > 0 {
		s += fmt.Sprintf(" (%d dropped out)", x.Dropped)
	}
	if x.Model == "" {
		return s
	}
	if x.Again {
		s += fmt.Sprintf("; the model follows from the sums, %.16s… as signed", x.Model)
	} else {
		s += fmt.Sprintf("; its model %.16s… was not made again: %s", x.Model, x.Why)
	}
	if x.Recorded > 0 {
		return s + fmt.Sprintf(", on record as version %d", x.Recorded)
	}
	return s + ", not on record"
}

func printRelease(w io.Writer, r *audit.Release, bundle string) error {
	p := &page{w: w}
	if !r.Verified {
		p.findings(r.Findings)
		return p.err
	}
	p.line("verified")
	against := "the policy alone"
	if bundle != "" {
		against = bundle
	}
	st := r.Statement
	benchmarks := ""
	if r.Benchmarks > 0 {
		benchmarks = fmt.Sprintf(", %d benchmarks", r.Benchmarks)
	}
	p.line("  run       %s, %d cells%s; statistical security %d bits, parameters %s", st.Run, r.Cells, benchmarks, st.StatisticalBits, st.Set)
	if r.Insecure {
		p.line("  INSECURE: computed under test parameters")
	}
	p.line("  table     %s", st.Table)
	p.line("  manifest  %s", st.Manifest)
	if r.Contributors != nil {
		p.line("  contributed %s", strings.Join(r.Contributors, ", "))
		p.line("  received  %s", strings.Join(r.Recipients, ", "))
	}
	if r.Restates != "" {
		p.line("  restates  run %s", r.Restates)
	}
	if r.RestatedBy != "" {
		p.line("  RESTATED by run %s: this table is no longer the one in force", r.RestatedBy)
	}
	p.line("  certified at entry %d; checkpoint signed by %s", r.Index, strings.Join(r.Signers, ", "))
	p.line("  against   %s", against)
	for _, u := range r.Unchecked {
		p.line("  not checked: %s", u)
	}
	return p.err
}

func printDifference(w io.Writer, d *audit.Difference) error {
	p := &page{w: w}
	if !d.Verified {
		p.findings(d.Findings)
		return p.err
	}
	p.line("verified: the new log continues the old one")
	p.line("  ledger    %s", d.Ledger)
	p.line("  entries   %d, then %d: %d added; consistency proof of %d hashes (--json prints it)", d.From, d.To, d.To-d.From, len(d.Proof))
	for _, e := range d.Entries {
		p.line("  + %-6d %-16s %-18s %s", e.Index, e.Author, e.Kind, e.Text)
	}
	for _, m := range d.Members {
		p.line("  member    %s", m)
	}
	for _, m := range d.Motions {
		p.line("  motion    %s, %s: %s: %s", m.ID, m.Status(), m.Subject, m.Text)
	}
	for _, x := range d.Later {
		p.line("  also      %s", x)
	}
	for _, m := range d.Measures {
		p.measure(m)
	}
	for _, x := range d.Profiles {
		p.line("  profile   %s version %d from entry %d", x.Name, x.Version, x.Index)
	}
	for _, x := range d.Runs {
		p.line("  run       %s", runLine(x))
	}
	return p.err
}
