package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

// Slot is a payer's own list of codes for a value set's slot, held under the
// payer's licence and never sent anywhere.
type Slot struct {
	Name  string
	Codes []string
}

// expander replaces {{…}} in comment-free SQL, innermost first.
type expander struct {
	spec   *measures.Spec
	period Period
	slots  map[string][]string
}

func newExpander(spec *measures.Spec, period Period, slots []Slot) (*expander, error) {
	e := &expander{spec: spec, period: period, slots: map[string][]string{}}
	for _, s := range slots {
		if err := measures.CheckCodes(s.Codes); err != nil {
			return nil, fmt.Errorf("slot %.70q: %w", s.Name, err)
		}
		if _, twice := e.slots[s.Name]; twice {
			return nil, fmt.Errorf("slot %.70q is filled twice", s.Name)
		}
		e.slots[s.Name] = s.Codes
	}
	return e, nil
}

func (e *expander) expand(sql string) (string, error) {
	for n := 0; ; n++ {
		end := strings.Index(sql, "}}")
		if end < 0 {
			break
		}
		start := strings.LastIndex(sql[:end], "{{")
		line := 1 + strings.Count(sql[:end], "\n")
		if start < 0 {
			return "", refuse(line, "}} without {{")
		}
		if n == 2000 || len(sql) > 4<<20 {
			return "", refuse(line, "too many or too large macros")
		}
		body := sql[start+2 : end]
		if strings.Count(sql[:start], "'")%2 != 0 {
			return "", refuse(line, "a macro inside a string")
		}
		text, err := e.value(strings.TrimSpace(body), line)
		if err != nil {
			return "", err
		}
		// Line breaks of the macro's own text are kept after it, so that lines keep their numbers.
		lost := strings.Count(body, "\n") - strings.Count(text, "\n")
		sql = sql[:start] + text + strings.Repeat("\n", max(lost, 0)) + sql[end+2:]
	}
	if i := strings.Index(sql, "{{"); i >= 0 {
		return "", refuse(1+strings.Count(sql[:i], "\n"), "{{ without }}")
	}
	return sql, nil
}

func (e *expander) value(body string, line int) (string, error) {
	if c, ok := e.period.constants()[body]; ok {
		return c, nil
	}
	name, rest, ok := strings.Cut(body, "(")
	name = strings.TrimSpace(name)
	if !ok || !strings.HasSuffix(rest, ")") {
		return "", refuse(line, "unknown macro {{%.60s}}", body)
	}
	args, err := arguments(strings.TrimSuffix(rest, ")"), line)
	if err != nil {
		return "", err
	}
	switch name {
	case "codes":
		if len(args) == 1 {
			return e.codes(args[0], line)
		}
	case "years_before", "days_before", "days_after":
		if len(args) == 2 {
			return e.shifted(name, args[0], args[1], line)
		}
	case "days_between":
		if len(args) == 2 {
			return "(CAST(" + args[1] + " AS DATE) - CAST(" + args[0] + " AS DATE))", nil
		}
	case "add_days":
		if len(args) == 2 {
			return "(CAST(" + args[0] + " AS DATE) + CAST(" + args[1] + " AS INTEGER))", nil
		}
	case "div":
		if len(args) == 2 {
			return "((" + args[0] + ") " + quotient + " (" + args[1] + "))", nil
		}
	default:
		return "", refuse(line, "unknown macro {{%.60s}}", name)
	}
	return "", refuse(line, "macro %s has %d arguments, which is not what it takes", name, len(args))
}

// quotient stands for integer division until the lint has passed, because "/"
// is not in the subset; duckQuotient is DuckDB's operator for it.
const (
	quotient     = "tacet_quotient"
	duckQuotient = "//"
)

func (e *expander) codes(name string, line int) (string, error) {
	v, ok := e.spec.ValueSets[name]
	if !ok {
		return "", refuse(line, "value set %.60q is not in the header", name)
	}
	all := slices.Concat(v.Public, e.slots[v.Slot])
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 {
		return "(NULL)", nil // an unfilled slot without public codes: matches nothing
	}
	return "('" + strings.Join(all, "','") + "')", nil
}

func (e *expander) shifted(name, date, count string, line int) (string, error) {
	d, ok := e.period.dates()[date]
	if !ok {
		return "", refuse(line, "%s takes period_start, period_end, prior_start or prior_end, not %.40q", name, date)
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > 50_000 || name == "years_before" && n > 150 {
		return "", refuse(line, "%s takes a whole number of days or years, not %.40q", name, count)
	}
	switch name {
	case "years_before":
		return literal(yearsBefore(d, n)), nil
	case "days_before":
		return literal(d.AddDate(0, 0, -n)), nil
	}
	return literal(d.AddDate(0, 0, n)), nil
}

// arguments splits at commas outside parentheses and strings, and refuses an
// argument whose parentheses do not balance by themselves.
func arguments(s string, line int) ([]string, error) {
	var out []string
	depth, start, quoted := 0, 0, false
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == ',' && depth == 0 && !quoted {
			arg := strings.TrimSpace(s[start:i])
			if arg == "" || depth != 0 || quoted {
				return nil, refuse(line, "a macro's arguments are empty or not balanced")
			}
			out = append(out, arg)
			start = i + 1
			continue
		}
		switch s[i] {
		case '\'':
			quoted = !quoted
		case '(':
			if !quoted {
				depth++
			}
		case ')':
			if !quoted {
				depth--
			}
		}
		if depth < 0 {
			return nil, refuse(line, "a macro's arguments are not balanced")
		}
	}
	return out, nil
}
