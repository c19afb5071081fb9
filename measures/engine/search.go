package engine

import (
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
	var pattern []string
	for _, c := range codes {
		pattern = append(pattern, strings.ReplaceAll(c, ".", `\.`)) // else letters, digits and hyphens (measures.CheckCodes)
	}
	find := `, '\x1F(` + strings.Join(pattern, "|") + ")"
	if exact {
		find += `\x1F`
	}
	find += "') THEN TRUE WHEN "
	absent := slices.Clone(columns)
	slices.Reverse(absent)
	list := strings.Join(columns, ", ")
	wide := "CASE WHEN COALESCE(" + list + ") IS NOT NULL AND regexp_matches(chr(31) || concat_ws(chr(31), " + list + ") || chr(31)" + find +
		strings.Join(absent, " IS NULL OR ") + " IS NULL THEN NULL ELSE FALSE END"
	joined := strings.TrimSuffix(columns[0], "_1") + "s"
	if e.narrow == nil {
		e.narrow = map[string]string{}
	}
	e.narrow[wide] = "CASE WHEN regexp_matches(" + joined + find + "suffix(" + joined + ", chr(30)) THEN FALSE ELSE NULL END"
	return wide
}

// narrowed puts the search of the joined column in the place of each wide one: where the condition stands on medical_claim itself, which in DuckDB has
// the columns diagnosis_codes and procedure_codes (node/store: Joined). In a query within the condition they would be those of the line outside of it.
func (e *expander) narrowed(condition string) string {
	if strings.Contains(strings.ToLower(condition), "select") {
		return condition
	}
	for wide, narrow := range e.narrow {
		condition = strings.ReplaceAll(condition, wide, narrow)
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
