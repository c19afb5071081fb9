package audit

import (
	"fmt"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// The words in the companion of a release.csv.
const (
	atOrAbove = "at_or_above_0.70"
	below     = "below_0.70"
)

// ReliabilityWord is a cell's word in the companion of release.csv: empty where the cell is suppressed, or the run does not ask.
func ReliabilityWord(reliable *bool) string {
	switch {
	case reliable == nil:
		return ""
	case *reliable:
		return atOrAbove
	}
	return below
}

// The marks of a cell in a certificate.
const (
	markAbove  = '+'
	markBelow  = '-'
	markSilent = '.'
)

// Marks reads a signed table and gives the marks of its cells, for its certificate.
func Marks(table []byte) (string, error) {
	t, err := readTable(table)
	return marks(t.Cells), err
}

// marks are what a table's cells say of their reliability, one mark a cell in their order: + at or above the line, - below it, . nothing. A certificate
// carries them, so that a release.csv, which has no such column, gives the signed table again. Empty: no cell says anything.
func marks(cells []Cell) string {
	out, says := make([]byte, len(cells)), false
	for i, c := range cells {
		out[i] = markSilent
		if c.Reliable != nil {
			out[i], says = markBelow, true
			if *c.Reliable {
				out[i] = markAbove
			}
		}
	}
	if !says {
		return ""
	}
	return string(out)
}

// mark has cells say what the marks in a certificate do.
func mark(cells []Cell, text string) error {
	if text == "" {
		return nil
	}
	if len(text) != len(cells) {
		return fmt.Errorf("the certificate says something of the reliability of %d cells, the release has %d", len(text), len(cells))
	}
	for i := range cells {
		switch text[i] {
		case markAbove, markBelow:
			v := text[i] == markAbove
			cells[i].Reliable = &v
		case markSilent:
		default:
			return fmt.Errorf("the certificate's mark of cell %d is %q", i+1, text[i])
		}
	}
	return nil
}

// marked holds what a certificate carries of the cells' reliability against the table. A certificate made without the table carries nothing.
func marked(certificate []byte, where string, t Table) *Finding {
	c, _, err := readCertificate(certificate)
	if err != nil || c.Reliability == "" || c.Reliability == marks(t.Cells) {
		return nil // the first is found where the certificate is checked
	}
	return bad(CodeCertificate, where, "says something else of the cells' reliability than the table that was signed")
}

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
