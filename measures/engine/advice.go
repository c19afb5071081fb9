package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// Advice is something in a measure's own text that the lint cannot decide and a reader should look at before a vote. Line counts from 1 in the SQL file.
type Advice struct {
	Line int
	Text string
}

// innermost is a macro without another one in it.
var innermost = regexp.MustCompile(`\{\{[^{}]*\}\}`)

const macroWord = "tacet_macro"

// Advise looks for what may come out differently on another engine, or on another day, although every word is allowed: order among equal rows, NULLs in
// an order, letters beyond ASCII, products, texts made into numbers. Only the author's own text is looked at, not the building blocks. The measure has passed [Check];
// isText says of a column's name whether it is text in the canonical tables.
func Advise(spec *measures.Spec, isText func(column string) bool) []Advice {
	sql := stripComments(spec.SQL)
	for {
		next := innermost.ReplaceAllStringFunc(sql, func(m string) string {
			word := macroWord
			if strings.Contains(m, "text_order") || strings.Contains(m, macroWord+"_total") {
				word += "_total"
			}
			return " " + word + " " + strings.Repeat("\n", strings.Count(m, "\n"))
		})
		if next == sql {
			break
		}
		sql = next
	}
	tokens, err := tokenise(sql)
	if err != nil {
		return nil // the lint has said so
	}
	l := &linter{tokens: tokens}
	var out []Advice
	for i, t := range tokens {
		if t.kind == str {
			continue
		}
		if text := l.advice(i, isText); text != "" {
			out = append(out, Advice{t.line, text})
		}
	}
	return slices.Compact(out)
}

func (l *linter) advice(i int, isText func(string) bool) string {
	switch t := l.tokens[i]; {
	case t.text == "over" && l.is(i+1, "("):
		return l.orders(i)
	case (t.text == "lower" || t.text == "upper") && l.is(i+1, "("):
		return strings.ToUpper(t.text) + " changes letters beyond ASCII on one engine and not on another: use it for codes alone"
	case t.text == "*" && l.operand(i-1) && l.operand(i+1):
		return "a product of two columns may not fit where a column has 32 bits: write CAST(… AS BIGINT) * …"
	case t.text == "cast" && l.is(i+1, "("):
		args := l.arguments(i + 1)
		if n := len(args[0]); len(args) == 1 && (n == 3 || n == 5 && args[0][1].text == ".") && args[0][n-2].text == "as" && isText(args[0][n-3].text) && args[0][n-1].text != "varchar" {
			return fmt.Sprintf("CAST(%s AS %s): one text that is none ends the measure on that payer's node, and 5.5 is 6 on one engine and an error on another; result_micros has numbers", args[0][n-3].text, strings.ToUpper(args[0][n-1].text))
		}
	}
	return ""
}

// operand says whether what stands there may be a column.
func (l *linter) operand(i int) bool {
	return i >= 0 && i < len(l.tokens) && l.tokens[i].kind == word && !keywords[l.tokens[i].text] && !strings.HasPrefix(l.tokens[i].text, macroWord) && !l.is(i-1, "cast")
}

// keyColumns tell rows of a person apart, or people.
var keyColumns = regexp.MustCompile(`(^|_)(claim|encounter|condition|procedure|service_request|medication_request|observation|immunization|lab_result)_id$|^` + macroWord + `_total$|^stay$`)

// orders looks at a window whose function depends on which row comes first.
func (l *linter) orders(i int) string {
	inside := l.flat(i + 1)
	at := slices.IndexFunc(inside, func(t token) bool { return t.text == "order" })
	if at < 0 {
		return ""
	}
	function := ""
	for k, depth := i-1, 0; k >= 0; k-- {
		if l.is(k, ")") {
			depth++
		} else if l.is(k, "(") {
			if depth--; depth == 0 {
				function = l.tokens[max(k-1, 0)].text
				break
			}
		}
	}
	ordered := slices.ContainsFunc(inside, func(t token) bool { return t.text == "rows" }) || slices.Contains([]string{"row_number", "lag", "lead"}, function)
	total := slices.ContainsFunc(inside, func(t token) bool { return keyColumns.MatchString(t.text) })
	for k := at; k < len(inside); k++ {
		if inside[k].text == "desc" && (k+1 == len(inside) || inside[k+1].text != "nulls") {
			return "ORDER BY … DESC puts NULLs first on PostgreSQL and last on the others: write DESC NULLS LAST, unless the column is required"
		}
	}
	if ordered && !total {
		return strings.ToUpper(function) + " depends on the order of rows that are equal in ORDER BY: end it with what tells them apart, such as claim_id and claim_line_number, or {{text_order(x)}}, unless they are one row each"
	}
	return ""
}
