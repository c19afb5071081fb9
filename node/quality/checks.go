package quality

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

//go:embed sql
var texts embed.FS

type judge func(c check, rows []measures.Row, year int, t disclosure.Quality) []Result

// check is one query and how its rows are judged. The first of its inputs is the table it is about.
type check struct {
	name   string
	file   string
	inputs []string
	needed bool // a table without rows fails it
	judge  judge
}

var checks = []check{
	{"month", "volume_medical", []string{"medical_claim"}, true, volume},
	{"month", "volume_pharmacy", []string{"pharmacy_claim"}, true, volume},
	{"month", "volume_lab", []string{"lab_result"}, true, volume},
	{"late", "late", []string{"medical_claim"}, false, share(nil, func(t disclosure.Quality) int64 { return t.MaxLatePercent })},
	{"coded", "coded", []string{"medical_claim"}, false, share(func(t disclosure.Quality) int64 { return t.MinCodedPercent }, nil)},
	{"npi", "npi", []string{"medical_claim"}, false, share(func(t disclosure.Quality) int64 { return t.MinNPIPercent }, nil)},
	{"attributed", "attributed", []string{"eligibility", "provider_attribution", "practice_crosswalk", "medical_claim"}, true,
		share(func(t disclosure.Quality) int64 { return t.MinAttributedPercent }, nil)},
	{"lab", "lab", []string{"lab_result", "eligibility"}, true, share(func(t disclosure.Quality) int64 { return t.MinLabPercent }, nil)},
	{"unit", "units_lab", []string{"lab_result"}, false, share(nil, func(t disclosure.Quality) int64 { return t.MaxUnitPercent })},
	{"unit", "units_observation", []string{"observation"}, false, share(nil, func(t disclosure.Quality) int64 { return t.MaxUnitPercent })},
	{"duplicate", "duplicate_medical", []string{"medical_claim"}, false, share(nil, func(t disclosure.Quality) int64 { return t.MaxDuplicatePercent })},
	{"duplicate", "duplicate_pharmacy", []string{"pharmacy_claim"}, false, share(nil, func(t disclosure.Quality) int64 { return t.MaxDuplicatePercent })},
}

// asked says whether all tables of the check are read by the run.
func (c check) asked(inputs []string) bool {
	return inputs == nil || !slices.ContainsFunc(c.inputs, func(in string) bool { return !slices.Contains(inputs, in) })
}

// spec is the query in the form in which sources take one. The sums are counts of rows, so the caps are the largest there are.
func (c check) spec() (*measures.Spec, error) {
	text, err := texts.ReadFile("sql/" + c.file + ".sql")
	if err != nil {
		return nil, fmt.Errorf("quality check %s: %w", c.file, err)
	}
	return &measures.Spec{ID: "check-" + strings.ReplaceAll(c.file, "_", "-"), Version: "1.0.0", Type: measures.Ratio, Inputs: c.inputs,
		SQL: strings.ReplaceAll(string(text), "$sum", luhn("d.npi")), Cap: measures.Cap{Num: 1 << 40, Den: 1 << 40}}, nil
}

// luhn is the sum of the ten digits of a text by the Luhn formula, NULL where one is no digit: every second one from the right counts
// twice, less 9 where that is above 9.
func luhn(text string) string {
	var terms []string
	for i := 1; i <= 10; i++ {
		var b strings.Builder
		fmt.Fprintf(&b, "CASE SUBSTRING(%s, %d, 1)", text, i)
		for digit := range 10 {
			value := digit
			if i%2 == 1 {
				if value *= 2; value > 9 {
					value -= 9
				}
			}
			fmt.Fprintf(&b, " WHEN '%d' THEN %d", digit, value)
		}
		terms = append(terms, b.String()+" END")
	}
	return strings.Join(terms, " + ")
}
