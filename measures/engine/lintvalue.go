package engine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the engines compute differently, or from more than their arguments, although they all read it.

// castTypes are the types a value may be made into. None has a fraction, a length or an object of the database behind it.
var castTypes = set("bigint", "integer", "smallint", "varchar", "date", "timestamp")

// beforeString are the words after which a text may stand. Any other would be the name of a type.
var beforeString = set("select", "distinct", "all", "where", "and", "or", "not", "in", "on", "having", "when", "then", "else", "case", "between", "like", "escape",
	"by", "from", "both", "leading", "trailing")

// mostJoined is how many || a query may have: each may double a text.
const mostJoined = 16

// clockText is what a database reads as a date of its own clock.
var clockText = regexp.MustCompile(`(?i)(^|[^a-z])(now|today|tomorrow|yesterday)([^a-z]|$)`)

// expression holds what stands at i to what all engines read alike.
func (l *linter) expression(i int) error {
	t := l.tokens[i]
	switch {
	case t.kind == str:
		return l.text(i)
	case t.text == "." && (i == 0 || l.tokens[i-1].kind != word || i+1 == len(l.tokens) || l.tokens[i+1].kind != word && !l.is(i+1, "*")):
		return refuse(t.line, "only whole decimal numbers are allowed")
	case t.text == "like" && (i+1 == len(l.tokens) || l.tokens[i+1].kind != str):
		return refuse(t.line, "LIKE takes a text written out: what escapes in a pattern differs between the engines")
	case t.text == "all" && l.is(i-1, "by"), t.text == "by" && l.is(i-1, "union"):
		return refuse(t.line, "one engine alone knows %q here: write out the columns", "all")
	case t.text == "as" && l.stack[len(l.stack)-1].cast:
		return l.castType(i)
	case t.text == "over" && l.is(i+1, "("):
		return l.window(i)
	}
	return nil
}

// text refuses a literal of a type that is not DATE or TIMESTAMP, a date that is none, and words that stand for the present.
func (l *linter) text(i int) error {
	t := l.tokens[i]
	value := strings.Trim(t.text, "'")
	if i > 0 && l.tokens[i-1].kind == word && !beforeString[l.tokens[i-1].text] {
		layout := map[string]string{"date": time.DateOnly, "timestamp": time.DateTime}[l.tokens[i-1].text]
		if layout == "" {
			return refuse(t.line, "a text directly after %q, which is not the name of a type a measure may use%s", l.tokens[i-1].text, instead(l.tokens[i-1].text))
		}
		if _, err := time.Parse(layout, value); err != nil {
			return refuse(t.line, "a date is written DATE '2024-01-31', a time TIMESTAMP '2024-01-31 12:00:00'")
		}
	}
	if clockText.MatchString(value) {
		return refuse(t.line, "a text that a database reads as its own clock%s", instead("now"))
	}
	return nil
}

// castType holds the type after CAST(x AS to the list, and keeps texts that are put together from becoming dates.
func (l *linter) castType(i int) error {
	t := l.tokens[i]
	if i+2 >= len(l.tokens) || !castTypes[l.tokens[i+1].text] || !l.is(i+2, ")") {
		to := ""
		if i+1 < len(l.tokens) {
			to = l.tokens[i+1].text
		}
		return refuse(t.line, "CAST(… AS %.40q): a measure makes a BIGINT, INTEGER, SMALLINT, VARCHAR, DATE or TIMESTAMP, without a length%s", to, instead(to))
	}
	if to := l.tokens[i+1].text; to == "date" || to == "timestamp" {
		for k, depth := i-1, 0; k >= 0 && depth >= 0; k-- {
			switch {
			case l.is(k, ")"):
				depth++
			case l.is(k, "("):
				depth--
			case l.is(k, "||"), l.tokens[k].kind == str && l.yields(k):
				return refuse(t.line, "a text made into a date: write DATE '2024-01-31', or take the column")
			}
		}
	}
	return nil
}

// yields says whether the text at k may be what the expression around it comes to, and is not only compared with something.
func (l *linter) yields(k int) bool {
	if l.is(k-1, "then") || l.is(k-1, "else") {
		return true
	}
	if !l.is(k-1, "(") && !l.is(k-1, ",") {
		return false
	}
	for depth := 0; k > 0; k-- {
		if l.is(k-1, ")") {
			depth++
		} else if l.is(k-1, "(") {
			if depth--; depth < 0 {
				return !l.is(k-2, "in")
			}
		}
	}
	return true
}

// call looks at the arguments of the function whose name stands at i.
func (l *linter) call(i int) error {
	t, args := l.tokens[i], l.arguments(i+1)
	first := func(n int) token {
		if n < len(args) && len(args[n]) == 1 {
			return args[n][0]
		}
		return token{}
	}
	switch t.text {
	case "extract":
		if len(args) != 1 || len(args[0]) < 3 || args[0][1].text != "from" || !slices.Contains([]string{"year", "month", "day"}, args[0][0].text) {
			return refuse(t.line, "EXTRACT takes YEAR, MONTH or DAY: the other parts have other numbers on other engines")
		}
	case "substring", "substr":
		if n, err := strconv.Atoi(first(1).text); len(args) < 2 || first(1).kind != number || err != nil || n < 1 {
			return refuse(t.line, "%s takes a text and a place written out, from 1: before it the engines differ", strings.ToUpper(t.text))
		}
	case "replace":
		if old, with := first(1), first(2); len(args) != 3 || old.kind != str || with.kind != str || len(with.text) > len(old.text) || len(old.text) < 3 {
			return refuse(t.line, "REPLACE takes a column and two texts written out, the second no longer than the first")
		}
	case "mod":
		if len(args) != 2 || !divisor(args[1]) {
			return refuse(t.line, "MOD takes a divisor written out, or NULLIF(x, 0): dividing by 0 is NULL on one engine and an error on another")
		}
	case "row_number", "rank", "dense_rank", "lag", "lead":
		end := l.closing(i + 1)
		if !l.is(end+1, "over") || !slices.ContainsFunc(l.flat(end+2), func(t token) bool { return t.text == "order" }) {
			return refuse(t.line, "%s without OVER (… ORDER BY …): which row comes first is left to the database", strings.ToUpper(t.text))
		}
	}
	return nil
}

// divisor says whether what stands there is never 0: a number from 1, or NULL instead of 0.
func divisor(arg []token) bool {
	if len(arg) == 1 && arg[0].kind == number {
		return strings.Trim(arg[0].text, "0") != ""
	}
	return len(arg) > 1 && arg[0].text == "nullif"
}

// window refuses a frame of rows over rows in no order.
func (l *linter) window(i int) error {
	inside := l.flat(i + 1)
	has := func(word string) bool {
		return slices.ContainsFunc(inside, func(t token) bool { return t.kind != str && t.text == word })
	}
	if has("rows") && !has("order") {
		return refuse(l.tokens[i].line, "OVER (… ROWS …) without ORDER BY: which rows come before is left to the database")
	}
	return nil
}

// bounds holds the query to sizes with which a text stays in memory and a parser on its stack.
func (l *linter) bounds() error {
	joined, deep, most := 0, 0, 0
	for i, t := range l.tokens {
		switch {
		case t.kind == str:
		case t.text == "||":
			if joined++; joined > mostJoined {
				return refuse(t.line, "more than %d times ||", mostJoined)
			}
		case t.text == "case":
			if deep++; deep > 64 {
				return refuse(t.line, "more than 64 times CASE within each other")
			}
		case t.text == "end":
			deep = max(deep-1, 0)
		case t.text == "not" && l.is(i-1, "not"), t.text == "-" && l.is(i-1, "-"), t.text == "+" && l.is(i-1, "+"):
			return refuse(t.line, "%q twice in a row", t.text)
		case t.text == "union", t.text == "except", t.text == "intersect":
			if most++; most > 200 {
				return refuse(t.line, "more than 200 queries joined by UNION, EXCEPT and INTERSECT")
			}
		}
	}
	return nil
}

// closing is where the parenthesis that opens at i closes.
func (l *linter) closing(i int) int {
	for depth := 0; i < len(l.tokens); i++ {
		if l.is(i, "(") {
			depth++
		} else if l.is(i, ")") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// flat are the tokens between the parenthesis at i and its end, without those in parentheses of their own.
func (l *linter) flat(i int) []token {
	var out []token
	for _, arg := range l.arguments(i) {
		depth := 0
		for _, t := range arg {
			switch {
			case t.kind == punct && t.text == "(":
				depth++
			case t.kind == punct && t.text == ")":
				depth--
			case depth == 0:
				out = append(out, t)
			}
		}
	}
	return out
}

// arguments are what stands between the parenthesis at i and its end, divided at the commas.
func (l *linter) arguments(i int) [][]token {
	if !l.is(i, "(") {
		return nil
	}
	end := min(l.closing(i), len(l.tokens))
	out, depth := [][]token{nil}, 0
	for _, t := range l.tokens[i+1 : max(end, i+1)] {
		switch {
		case t.kind == punct && t.text == "(":
			depth++
		case t.kind == punct && t.text == ")":
			depth--
		case t.kind == punct && t.text == "," && depth == 0:
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], t)
	}
	return out
}
