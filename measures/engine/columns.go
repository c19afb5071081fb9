package engine

import (
	"fmt"

	"github.com/tacet-health/tacet/measures"
)

// CheckColumns refuses a measure that names a column none of its inputs has and
// that the query does not define itself: what a database would say only when the
// measure runs, and only on a node that has the table. columns are the tables'
// column names (node/store: Columns). Names are held against all inputs
// together, not resolved table by table, so a column of the wrong table passes
// here and fails in the database.
func CheckColumns(spec *measures.Spec, columns map[string][]string) error {
	if err := checkColumns(spec, columns); err != nil {
		return fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return nil
}

func checkColumns(spec *measures.Spec, columns map[string][]string) error {
	known := map[string]bool{}
	for _, in := range spec.Inputs {
		list, ok := columns[in]
		if !ok {
			return fmt.Errorf("the input %q is not a canonical table", in)
		}
		for _, c := range list {
			known[c] = true
		}
	}
	e, err := newExpander(spec, Period{Year: 2024}, nil)
	if err != nil {
		return err
	}
	e.dialect = neutral
	sql, err := e.expand(stripComments(spec.SQL))
	if err != nil {
		return err
	}
	tokens, err := tokenise(sql)
	if err != nil {
		return err
	}
	defined := definedNames(tokens, spec.Inputs)
	for i, t := range tokens {
		if t.kind != word || known[t.text] || defined[t.text] || keywords[t.text] || allowedFunctions[t.text] || allowedBeforeParen[t.text] || clauseWords[t.text] {
			continue
		}
		if i > 0 && tokens[i-1].kind == word && (tokens[i-1].text == "as" || tokens[i-1].text == "cast") {
			continue // a type or an alias; aliases are in defined
		}
		return refuse(t.line, "the column %q is in none of the inputs %v, and the query does not define it", t.text, spec.Inputs)
	}
	return nil
}

// clauseWords are the words of the subset that are neither columns nor in one of
// the lint's lists.
var clauseWords = set("unbounded", "preceding", "following", "current", "row", "year", "month", "day", "both", "leading", "trailing", "for",
	"bigint", "integer", "smallint", "timestamp", "varchar", "first", "last", quotient)

// definedNames are the tables, common table expressions and aliases of a query:
// what follows AS, what follows a table or a closed subquery in FROM.
func definedNames(tokens []token, inputs []string) map[string]bool {
	names := set(inputs...)
	for i, t := range tokens {
		if t.kind != word {
			continue
		}
		next := func(k int) token {
			if i+k < len(tokens) {
				return tokens[i+k]
			}
			return token{}
		}
		switch {
		case t.text == "as" && next(1).kind == word:
			names[next(1).text] = true
		case next(1).text == "as" && next(2).text == "(":
			names[t.text] = true
		case (t.text == "from" || t.text == "join") && next(1).kind == word:
			names[next(1).text] = true
			if a := next(2); a.kind == word && !keywords[a.text] {
				names[a.text] = true
			}
		}
	}
	return names
}
