package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
)

// Slot is what a definition leaves to the node that runs it: a payer's own list
// of codes for a value set's slot, held under the payer's licence and never sent
// anywhere, or the model on record that an observed_expected measure takes its
// expected values from.
type Slot struct {
	Name  string
	Codes []string
	Model *risk.Scorer // nil: codes
}

// expander replaces {{…}} in comment-free SQL, innermost first.
type expander struct {
	spec      *measures.Spec
	period    Period
	slots     map[string][]string
	dialect   Dialect
	members   bool              // summary_v1 yields the members instead of their sums
	summaries int               // how often summary_v1 was met
	narrow    map[string]search // see narrowed
	model     *risk.Scorer      // nil: none is at hand
	read      bool              // no model is asked for: nothing will run
	outcome   string            // of the block of observations that was met
	units     int               // how often one was
	expects   int               // how often expected_v1 was
}

func newExpander(spec *measures.Spec, period Period, slots []Slot) (*expander, error) {
	e := &expander{spec: spec, period: period, slots: map[string][]string{}}
	for _, s := range slots {
		if s.Model != nil {
			if s.Name != spec.Model || e.model != nil {
				return nil, fmt.Errorf("model %.70q is not the measure's, or is given twice", s.Name)
			}
			e.model = s.Model
			continue
		}
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
	var args []string
	if rest = strings.TrimSuffix(rest, ")"); strings.TrimSpace(rest) != "" {
		var err error
		if args, err = arguments(rest, line); err != nil {
			return "", err
		}
	}
	if _, ok := blockArguments[name]; ok {
		return e.block(name, args, line)
	}
	switch name {
	case "codes":
		if len(args) == 1 {
			return e.codes(args[0], line)
		}
	case "begins":
		if len(args) == 2 {
			return e.begins(args[:1], args[1], line)
		}
	case "diagnosis", "procedure":
		if len(args) == 1 {
			return e.anyOf(name+"_code", args[0], line)
		}
	case "diagnosis_begins", "procedure_begins":
		if len(args) == 1 {
			return e.begins(numbered(strings.TrimSuffix(name, "begins")+"code"), args[0], line)
		}
	case "diagnosis_rows":
		if len(args) == 1 {
			return e.dialect.diagnosisRows(args[0]), nil
		}
	case "date":
		if len(args) == 3 {
			return e.date(args, line)
		}
	case "age":
		if len(args) == 2 {
			return age(args[0], args[1]), nil
		}
	case "year_month":
		if len(args) == 1 {
			return fmt.Sprintf("CAST(CAST(EXTRACT(YEAR FROM %s) * 100 + EXTRACT(MONTH FROM %s) AS INTEGER) AS VARCHAR)", args[0], args[0]), nil
		}
	case "text_order":
		if len(args) == 1 {
			return e.dialect.textOrder(args[0]), nil
		}
	case "years_before", "days_before", "days_after":
		if len(args) == 2 {
			return e.shifted(name, args[0], args[1], line)
		}
	case "days_between":
		if len(args) == 2 {
			return e.dialect.daysBetween(args[0], args[1]), nil
		}
	case "add_days":
		if len(args) == 2 {
			return e.dialect.addDays(args[0], args[1]), nil
		}
	case "div":
		if len(args) == 2 {
			return e.dialect.div(args[0], args[1]), nil
		}
	default:
		return "", refuse(line, "unknown macro {{%.60s}}", name)
	}
	return "", refuse(line, "macro %s has %d arguments, which is not what it takes", name, len(args))
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
