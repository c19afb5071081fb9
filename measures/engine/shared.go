package engine

import (
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// Shared is a common table expression of building blocks that hold nothing of a measure's own, neither code nor value set: its rows are the same for every
// measure of a period that reads the same tables. A store may keep them and let the next measure's query read what it kept.
type Shared struct {
	Name  string   // of the common table expression
	Query string   // that yields its rows
	Reads []string // the inputs that the query reads

	text, head string // the block's text in a query, and what of it stands before the definition of Name
}

// sharedBlocks are the calls as measures write them, those that hold another before it: what is kept of a part helps to make the whole.
var sharedBlocks = []struct {
	call  string
	reads []string
}{
	{"panel_v1()", []string{"eligibility", "provider_attribution", "practice_crosswalk", "medical_claim"}},
	{"assigned_v1()", []string{"provider_attribution", "practice_crosswalk", "medical_claim"}},
	{"enrolled_v1(45)", []string{"eligibility"}},
	{"hospice_v1()", []string{"medical_claim"}},
	{"ed_visits_v1()", []string{"medical_claim"}},
	{"stays_v1({{period_start}}, {{period_end}})", []string{"medical_claim"}},
	{"stays_v1({{prior_start}}, {{period_end}})", []string{"medical_claim"}},
}

// SharedIn finds what a query on the embedded engine, compiled for the period, has in common with other measures over inputs. It is found by the text that
// the blocks became, so whoever wrote that text by hand means the same. A block that reads a table that is not among the inputs is left out: its
// name may mean something else in that query.
func SharedIn(query string, inputs []string, period Period) ([]Shared, error) {
	e, err := newExpander(&measures.Spec{}, period, nil)
	if err != nil {
		return nil, err
	}
	e.dialect = DuckDB
	var out []Shared
	for _, b := range sharedBlocks {
		text, err := e.expand("{{" + b.call + "}}")
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", b.call, err)
		}
		if !strings.Contains(query, text) || !containsAll(inputs, b.reads) {
			continue
		}
		cut := lastDefinition(text)
		name, _, _ := strings.Cut(text[cut:], " ")
		out = append(out, Shared{Name: name, Query: "WITH " + text + "\nSELECT * FROM " + name, Reads: b.reads, text: text, head: text[:cut]})
	}
	return out, nil
}

// From is the query with the rows of the common table expression taken from table, which holds them, where it would have computed them. The
// expressions before it stay, for the query may name them; those that nothing names cost nothing.
func (s Shared) From(query, table string) string {
	return strings.ReplaceAll(query, s.text, s.head+s.Name+" AS (SELECT * FROM "+table+")")
}

// lastDefinition is where the last of a block's common table expressions begins.
func lastDefinition(text string) int {
	depth, at, quoted := 0, 0, false
	for i, c := range text {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			at = i + 1
		}
	}
	return at + len(text[at:]) - len(strings.TrimLeft(text[at:], " "))
}

func containsAll(all, some []string) bool {
	have := set(all...)
	for _, s := range some {
		if !have[s] {
			return false
		}
	}
	return true
}
