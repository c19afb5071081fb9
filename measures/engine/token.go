package engine

import (
	"fmt"
	"strings"
)

type kind uint8

const (
	word   kind = iota // identifier or keyword, text in lower case
	number             // digits with at most one dot
	str                // '…' with '' inside
	punct              // one of the operators below
)

type token struct {
	kind kind
	text string
	line int
}

// operators, longest first: everything the subset needs and no more.
var operators = []string{"<>", "!=", "<=", ">=", "||", "(", ")", ",", ".", "+", "-", "*", "=", "<", ">"}

// symbols are those operators that others are made of.
var symbols = set("<>", "!=", "<=", ">=", "||", "+", "-", "*", "=", "<", ">")

// SyntaxError is a refusal by the lint. Line counts from 1 in the measure's
// SQL file.
type SyntaxError struct {
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("sql line %d: %s", e.Line, e.Reason) }

func refuse(line int, format string, a ...any) error {
	return &SyntaxError{Line: line, Reason: fmt.Sprintf(format, a...)}
}

// stripComments takes line comments out and keeps the line breaks. It knows
// strings, so that '--' inside one stays.
func stripComments(sql string) string {
	var b strings.Builder
	inString := false
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '\'':
			inString = !inString // '' toggles twice
		case !inString && c == '-' && i+1 < len(sql) && sql[i+1] == '-':
			for i < len(sql) && sql[i] != '\n' {
				i++
			}
			i--
			continue
		}
		b.WriteByte(sql[i])
	}
	return b.String()
}

// tokenise splits comment-free SQL. Anything outside the subset's alphabet is
// refused here, so later stages see words, numbers, strings and operators only.
func tokenise(sql string) ([]token, error) {
	var out []token
	line := 1
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c == '\n':
			line++
			i++
		case c == ' ' || c == '\t':
			i++
		case isLetter(c):
			j := i + 1
			for j < len(sql) && (isLetter(sql[j]) || isDigit(sql[j])) {
				j++
			}
			// e'…', x'…', u&'…': a prefix changes what a string means.
			if j < len(sql) && sql[j] == '\'' {
				return nil, refuse(line, "a string directly after %q is refused: write a space, and no escape strings", sql[i:j])
			}
			out = append(out, token{word, strings.ToLower(sql[i:j]), line})
			i = j
		case isDigit(c):
			j := i + 1
			for j < len(sql) && isDigit(sql[j]) {
				j++
			}
			if j < len(sql) && (isLetter(sql[j]) || sql[j] == '\'' || sql[j] == '.') {
				return nil, refuse(line, "only whole decimal numbers are allowed")
			}
			if j-i > 18 {
				return nil, refuse(line, "a number of more than 18 digits")
			}
			out = append(out, token{number, sql[i:j], line})
			i = j
		case c == '\'':
			end, err := stringEnd(sql, i, line)
			if err != nil {
				return nil, err
			}
			out = append(out, token{str, sql[i:end], line})
			i = end
		default:
			op := operatorAt(sql[i:])
			if op == "" {
				return nil, refuseByte(line, sql[i:])
			}
			// Side by side some engines read one operator of their own: ** -> == => <<.
			if n := len(out); n > 0 && symbols[op] && out[n-1].kind == punct && symbols[out[n-1].text] && i > 0 && sql[i-1] != ' ' && sql[i-1] != '\t' && sql[i-1] != '\n' {
				return nil, refuse(line, "%q directly after %q: write a space between two operators", op, out[n-1].text)
			}
			out = append(out, token{punct, op, line})
			i += len(op)
		}
	}
	return out, nil
}

// stringEnd returns the index after the closing quote. Strings stay on one
// line and hold neither backslashes (an escape on some engines) nor braces.
func stringEnd(sql string, start, line int) (int, error) {
	for i := start + 1; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '\'' && i+1 < len(sql) && sql[i+1] == '\'':
			i++
		case c == '\'':
			if i+1 < len(sql) && isLetter(sql[i+1]) {
				return 0, refuse(line, "a word directly after a string; write a space")
			}
			return i + 1, nil
		case c < 0x20 || c == '\\' || c == 0x7f:
			return 0, refuse(line, "a string with a line break, control character or backslash")
		}
	}
	return 0, refuse(line, "a string that does not end")
}

func operatorAt(s string) string {
	for _, op := range operators {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

func refuseByte(line int, rest string) error {
	switch {
	case rest[0] == ';':
		return refuse(line, "a semicolon: a measure is exactly one statement, without one")
	case strings.HasPrefix(rest, "/*"):
		return refuse(line, "a block comment: use -- at the end of a line")
	case rest[0] == '/':
		return refuse(line, "\"/\" divides differently on each database: use {{div(a, b)}}")
	case rest[0] == '"' || rest[0] == '`':
		return refuse(line, "a quoted name: use plain lower-case names")
	}
	return refuse(line, "the character %q is not allowed", []rune(rest)[0])
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
