package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A code or an id that has once been a number somewhere, in a spreadsheet or in a column of numbers, is another code: 0450 became 450, an id of 16
// digits 1.23457E+15, a column with gaps 450.0. Nobody sees it in a table, and nothing matches it. Where the width of a code says what it
// was, its zeros are put back; where something can be no code, or may be two, the field is refused.
var errSpoiled = errors.New("is what a spreadsheet or a column of numbers makes of a code or id (leading zeros lost, a fraction or an exponent): write it as text at its source")

// widths are the codes of digits alone that have one width: shorter ones have lost leading zeros, which some payers never write.
var widths = map[string]int{"revenue_center_code": 4, "place_of_service_code": 2, "discharge_disposition_code": 2, "drg_code": 3}

const (
	withExponent = `[0-9](\.[0-9]+)?[eE]\+[0-9]+`
	asNumber     = `[0-9]+\.0+|` + withExponent
	shortZIP     = `[0-9]{3,4}|[0-9]{7,8}|[0-9]{3,4}-[0-9]{4}` // with a country's own code of four digits it would be one of another place
)

var spoiledPatterns = map[string]*regexp.Regexp{}

func init() {
	for _, t := range tables {
		for _, c := range t.Columns {
			if p := c.spoiled(); p != "" {
				spoiledPatterns[c.Name] = regexp.MustCompile("^(?:" + p + ")$")
			}
		}
	}
}

// spoiled is the pattern of what the column refuses for this reason, or "". Codes of ICD-9 have a dot and may end in zeros, so of them the exponent
// alone says it.
func (c Column) spoiled() string {
	switch {
	case c.Kind != Text || c.Name == "dual_status_code":
		return ""
	case c.Name == "zip_code":
		return shortZIP + "|" + asNumber
	case strings.HasPrefix(c.Name, "diagnosis_code_") || strings.HasPrefix(c.Name, "procedure_code_") || c.Name == "source_code":
		return withExponent
	}
	for _, end := range []string{"_id", "_npi", "_code", "_rxcui", "_practice"} {
		if strings.HasSuffix(c.Name, end) {
			return asNumber
		}
	}
	return ""
}

// isSpoiled is asked of a text that is not empty.
func (c Column) isSpoiled(s string) bool {
	p := spoiledPatterns[c.Name]
	return p != nil && c.Kind == Text && s[0] >= '0' && s[0] <= '9' && p.MatchString(s)
}

// whole puts back the zeros of a code of one width, and takes the fraction from a dual status, which is a number where Tuva writes it.
func (c Column) whole(s string) string {
	if n, ok := widths[c.Name]; ok && len(s) < n {
		if _, ok := digits(s); ok {
			return strings.Repeat("0", n-len(s)) + s
		}
	}
	if c.Name == "dual_status_code" && len(s) <= 4 {
		if n, cut := strings.CutSuffix(s, ".0"); cut {
			if _, ok := digits(n); ok {
				return n
			}
		}
	}
	return s
}

// sqlWhole is whole in SQL, of a text column.
func (c Column) sqlWhole(x string) string {
	if n, ok := widths[c.Name]; ok {
		return fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '[0-9]{1,%[2]d}') THEN lpad(%[1]s, %[3]d, '0') ELSE %[1]s END", x, n-1, n)
	}
	if c.Name == "dual_status_code" {
		return fmt.Sprintf(`regexp_replace(%s, '^([0-9]{1,2})\.0$', '\1')`, x)
	}
	return x
}
