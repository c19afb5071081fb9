package audit

import (
	"bytes"
	_ "embed" // the templates
	"fmt"
	"html/template"
	"strings"
	text "text/template"

	"github.com/tacet-health/tacet/governance/rules"
)

//go:embed report.html
var reportText string

//go:embed readme.txt
var readmeText string

var (
	reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"votes": votes, "list": list, "short": short, "limits": limits, "moment": moment, "decision": decision, "days": days}).Parse(reportText))
	readmeTemplate = text.Must(text.New("readme").Funcs(text.FuncMap{"list": list}).Parse(readmeText))
)

// HTML prints a report as one page without scripts and without anything from elsewhere: for a screen, for paper, for a court. The same report gives the
// same bytes.
func HTML(r *Report) ([]byte, error) {
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("print report: %w", err)
	}
	return b.Bytes(), nil
}

// readme is README.txt: what is in the bundle and how to check it by hand.
func readme(r *Report) ([]byte, error) {
	var b bytes.Buffer
	if err := readmeTemplate.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("print %s: %w", readmeName, err)
	}
	return b.Bytes(), nil
}

// votes is a tally with names: "yes payer-a (entry 4), …; no …".
func votes(all []rules.Vote) string {
	var parts []string
	for _, choice := range []rules.Choice{rules.Yes, rules.No, rules.Abstain} {
		var who []string
		for _, v := range all {
			if v.Choice == choice {
				who = append(who, fmt.Sprintf("%s (entry %d)", v.Member, v.Index))
			}
		}
		if who != nil {
			parts = append(parts, fmt.Sprintf("%d %s: %s", len(who), choice, strings.Join(who, ", ")))
		}
	}
	if parts == nil {
		return "no vote"
	}
	return strings.Join(parts, "; ")
}

// decision is a tally with what it rests on.
func decision(d *rules.Decision) string {
	if d == nil {
		return "not decided"
	}
	tally := fmt.Sprintf("%d yes, %d no, %d abstain of %d", d.Yes, d.No, d.Abstain, d.Voting)
	switch d.Basis {
	case rules.ByConsent:
		return "by unanimous consent of the committee (" + tally + ")"
	case rules.ByBallot:
		return "by a ballot of the committee: " + tally
	}
	return "by the payers: " + tally
}

func list(names []string) string { return strings.Join(names, ", ") }

// short is enough of a hash for two people to compare; the whole one is beside it in the page's data.
func short(hash string) string {
	if len(hash) > 16 {
		return hash[:16] + "…"
	}
	return hash
}

// limits are a profile's rules as a sentence.
func limits(p Profile) string {
	s := fmt.Sprintf("at least %d contributors, none with more than %d %% of the denominator; denominator at least %d, and %d without any one contributor",
		p.MinContributors, p.MaxSharePercent, p.MinDen, p.MinResidual)
	if p.MinNumerator > 0 || p.MinComplement > 0 {
		s += fmt.Sprintf("; numerator 0 or at least %d, complement 0 or at least %d", p.MinNumerator, p.MinComplement)
	}
	if p.MinDataAgeDays > 0 {
		s += fmt.Sprintf("; data at least %d days old", p.MinDataAgeDays)
	}
	if p.PercentLo > 0 || p.PercentHi < 100 {
		s += fmt.Sprintf("; percentages shown from %d to %d", p.PercentLo, p.PercentHi)
	}
	s += fmt.Sprintf("; a benchmark alone takes at least %d practices", p.MinBenchmarkPractices)
	return s
}

// describe names a profile that was in force.
func describe(p rules.ProfileRecord) string {
	return fmt.Sprintf("%s version %d (entry %d, %s)", p.Profile.Name, p.Profile.Version, p.Index, p.Hash)
}
