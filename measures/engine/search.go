package engine

import (
	"maps"
	"slices"
	"strings"
)

// mostSearched is how many codes one pattern may have; longer lists are compared column by column.
const mostSearched = 300

func searchable(codes []string) bool { return len(codes) > 0 && len(codes) <= mostSearched }

// searched asks DuckDB the same as the chain of comparisons that the other engines get, in one pass over the columns instead of one or more for
// each: their text side by side, with the unit separator between (no text in the store has it, see store.Text), searched for the codes. What the
// chain says is kept in all three values: true where a column fits, else NULL where a column is NULL, else false. Of 25 columns the last one is
// nearly always NULL, so it is asked first.
func (e *expander) searched(columns, codes []string, exact bool) string {
	s := search{column: strings.TrimSuffix(columns[0], "_1") + "s"}
	for _, c := range codes {
		if exact {
			c += unit
		}
		s.codes = append(s.codes, c)
	}
	absent := slices.Clone(columns)
	slices.Reverse(absent)
	list := strings.Join(columns, ", ")
	wide := "CASE WHEN COALESCE(" + list + ") IS NOT NULL AND regexp_matches(chr(31) || concat_ws(chr(31), " + list + ") || chr(31), " + s.pattern() + ") THEN TRUE WHEN " +
		strings.Join(absent, " IS NULL OR ") + " IS NULL THEN NULL ELSE FALSE END"
	if e.narrow == nil {
		e.narrow = map[string]search{}
	}
	e.narrow[wide] = s
	return wide
}

// narrowed puts the search of the joined column in the place of each wide one: where the condition stands on medical_claim itself, which in DuckDB has
// the columns diagnosis_codes and procedure_codes (node/store: Joined). In a query within the condition they would be those of the line outside of it.
func (e *expander) narrowed(condition string) string {
	if strings.Contains(strings.ToLower(condition), "select") {
		return condition
	}
	var found []search
	for _, wide := range slices.Sorted(maps.Keys(e.narrow)) {
		if strings.Contains(condition, wide) {
			condition = strings.ReplaceAll(condition, wide, e.narrow[wide].condition())
			found = append(found, e.narrow[wide])
		}
	}
	return merged(condition, found)
}

// search asks the joined column for codes; those that end in a unit are whole, the others beginnings.
type search struct {
	column string
	codes  []string
}

const unit = "\x1f"

// fewSearched is how many codes are faster looked for one by one than by a pattern.
const fewSearched = 3

func (s search) pattern() string {
	text := strings.ReplaceAll(strings.Join(s.codes, "|"), ".", `\.`) // else letters, digits and hyphens (measures.CheckCodes)
	return `'\x1F(` + strings.ReplaceAll(text, unit, `\x1F`) + ")'"
}

// condition is true where a code is found, else NULL where one of the 25 columns is NULL, else false, as a chain of comparisons is.
func (s search) condition() string {
	find := "regexp_matches(" + s.column + ", " + s.pattern() + ")"
	if len(s.codes) <= fewSearched {
		var terms []string
		for _, c := range s.codes {
			text, whole := strings.CutSuffix(c, unit)
			text = "chr(31) || '" + text + "'"
			if whole {
				text += " || chr(31)"
			}
			terms = append(terms, "contains("+s.column+", "+text+")")
		}
		find = strings.Join(terms, " OR ")
	}
	return "CASE WHEN " + find + " THEN TRUE WHEN suffix(" + s.column + ", chr(30)) THEN FALSE ELSE NULL END"
}

// merged makes one search of two of the same column that stand beside each other in a disjunction. What they say where they find nothing is the same.
func merged(condition string, found []search) string {
	for i, a := range found {
		for j, b := range found {
			if i == j || a.column != b.column || len(a.codes)+len(b.codes) > mostSearched {
				continue
			}
			pair := a.condition() + " OR " + b.condition()
			at := strings.Index(condition, pair)
			if at < 0 {
				continue
			}
			before, after := strings.TrimSpace(condition[:at]), strings.TrimSpace(condition[at+len(pair):])
			if (before == "" || strings.HasSuffix(before, "(") || strings.HasSuffix(before, " OR")) && (after == "" || strings.HasPrefix(after, ")") || strings.HasPrefix(after, "OR ")) {
				one := search{a.column, slices.Concat(a.codes, b.codes)}
				return merged(condition[:at]+one.condition()+condition[at+len(pair):], append(slices.Clone(found), one))
			}
		}
	}
	return condition
}

// element is what the condition of [matched] calls a column.
const element = "one_of_them"

// matched asks Trino whether one of the columns fits. any_match is true, NULL or false as a chain of OR is; the chain over 25 columns with all their codes
// becomes a Java method that is too large to be compiled.
func matched(columns []string, condition string) string {
	return "any_match(ARRAY[" + strings.Join(columns, ", ") + "], " + element + " -> " + condition + ")"
}
