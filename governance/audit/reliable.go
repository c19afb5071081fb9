package audit

import (
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// ReliabilityColumn is the column of release.csv that a run has which asks for reliability; it is part of what was signed.
const ReliabilityColumn = "reliability"

// The words in that column.
const (
	atOrAbove = "at_or_above_0.70"
	below     = "below_0.70"
)

// ReliabilityWord is a cell's word in release.csv: empty where the cell is suppressed, or the run does not ask.
func ReliabilityWord(reliable *bool) string {
	switch {
	case reliable == nil:
		return ""
	case *reliable:
		return atOrAbove
	}
	return below
}

func readReliability(word string) (*bool, error) {
	for _, v := range []*bool{nil, new(bool), ptr(true)} {
		if ReliabilityWord(v) == word {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%.40q is neither %s nor %s", word, atOrAbove, below)
}

func ptr(v bool) *bool { return &v }

// reliableIn says what is wrong with what a cell says of its reliability; empty when it is what the rules can give.
func reliableIn(c Cell, b rules.RunAuthorise, measure int, p disclosure.Program) string {
	for _, l := range b.Reliability {
		if l.Measure != measure {
			continue
		}
		asked, reliable := p.Line(l.Line, len(b.Contributors))
		switch {
		case c.Status != released && c.Reliable != nil:
			return "a suppressed cell says something of its reliability"
		case c.Status == released && c.Reliable == nil:
			return "the cell says nothing of its reliability, which the run asks for"
		case c.Status == released && !asked && *c.Reliable != reliable:
			return fmt.Sprintf("with a line of %d people every released cell is reliable: %t", l.Line, reliable)
		}
		return ""
	}
	if c.Reliable != nil {
		return "the cell says something of its reliability, which the run does not ask for"
	}
	return ""
}
