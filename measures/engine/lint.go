package engine

import "slices"

// scope is one pair of parentheses (or the whole statement).
type scope struct {
	query    bool            // its first word is SELECT or WITH
	function bool            // the arguments of EXTRACT or TRIM: FROM is no clause there
	cast     bool            // the arguments of CAST: AS names a type there
	listing  bool            // between WITH and the SELECT after its CTEs
	inFrom   bool            // between FROM and the next clause
	expect   bool            // a table reference must come next
	defines  string          // the CTE whose query this is; its name stands when the parenthesis closes, and not before
	ctes     map[string]bool // the CTEs that stand in this scope
}

// linter walks the tokens once, keeping the scopes.
type linter struct {
	tokens  []token
	inputs  []string
	defined map[string]bool // every CTE met, wherever it stands
	used    map[string]bool
	stack   []scope
}

// lint refuses everything but one SELECT over the declared inputs and the
// statement's own CTEs. Tokens come from tokenise. A declared input
// the statement does not read is refused too.
func lint(tokens []token, inputs []string) error {
	if len(tokens) == 0 {
		return refuse(1, "no statement")
	}
	if first := tokens[0]; first.kind != word || first.text != "select" && first.text != "with" {
		return refuse(first.line, "a measure is one SELECT or WITH statement, not %q", first.text)
	}
	l := &linter{tokens: tokens, inputs: inputs, defined: map[string]bool{}, used: map[string]bool{}, stack: []scope{{query: true}}}
	for i := range tokens {
		if err := l.step(i); err != nil {
			return err
		}
		if err := l.expression(i); err != nil {
			return err
		}
	}
	last := tokens[len(tokens)-1]
	if len(l.stack) != 1 {
		return refuse(last.line, "a parenthesis is not closed")
	}
	if l.stack[0].expect {
		return refuse(last.line, "a table name is missing at the end")
	}
	if err := l.bounds(); err != nil {
		return err
	}
	for _, in := range inputs {
		if !l.used[in] {
			return refuse(1, "declared input %q is not read; declare what is used and no more", in)
		}
	}
	return nil
}

// definition is the name of the CTE whose query the parenthesis i opens: "name AS (" after WITH or a comma, followed by a query. A
// CTE may not take the name of any input, nor of another CTE, so that no name has two meanings.
func (l *linter) definition(i int, top *scope) (string, error) {
	if !top.listing || !l.is(i-1, "as") || i < 3 || l.tokens[i-2].kind != word || !l.is(i+1, "select") && !l.is(i+1, "with") || !l.is(i-3, "with") && !l.is(i-3, ",") {
		return "", nil
	}
	switch t := l.tokens[i-2]; {
	case slices.Contains(l.inputs, t.text):
		return "", refuse(t.line, "the CTE %q has the name of an input", t.text)
	case l.defined[t.text]:
		return "", refuse(t.line, "the CTE %q is defined twice", t.text)
	case keywords[t.text] || allowedFunctions[t.text]:
		return "", refuse(t.line, "the CTE may not be called %q", t.text)
	default:
		l.defined[t.text] = true
		return t.text, nil
	}
}

// stands says whether a CTE of the name is in sight: defined before this place, in this scope or one around it. A name that is defined
// elsewhere, or only later, would be a table of the database here.
func (l *linter) stands(name string) bool {
	return slices.ContainsFunc(l.stack, func(s scope) bool { return s.ctes[name] })
}

func (l *linter) is(i int, text string) bool {
	return i >= 0 && i < len(l.tokens) && l.tokens[i].kind != str && l.tokens[i].text == text
}

func (l *linter) step(i int) error {
	t, top := l.tokens[i], &l.stack[len(l.stack)-1]
	if t.kind == word && forbiddenWords[t.text] {
		return refuse(t.line, "the word %q is not allowed in a measure%s", t.text, instead(t.text))
	}
	if top.expect {
		return l.reference(i, top)
	}
	switch {
	case t.text == "(" && t.kind == punct:
		return l.open(i, false)
	case t.text == ")" && t.kind == punct:
		if len(l.stack) == 1 {
			return refuse(t.line, "a closing parenthesis too many")
		}
		l.stack = l.stack[:len(l.stack)-1]
		if outer := &l.stack[len(l.stack)-1]; top.defines != "" {
			if outer.ctes == nil {
				outer.ctes = map[string]bool{}
			}
			outer.ctes[top.defines] = true
		}
	case t.text == "," && t.kind == punct:
		top.expect = top.inFrom
	case t.kind == word:
		return l.keyword(i, top)
	}
	return nil
}

// keyword follows the clauses of a query, so that every table reference is met.
func (l *linter) keyword(i int, top *scope) error {
	t := l.tokens[i]
	switch t.text {
	case "from":
		if l.is(i-1, "distinct") {
			// IS [NOT] DISTINCT FROM compares; any other DISTINCT FROM would be a clause in disguise.
			if l.is(i-2, "is") || l.is(i-2, "not") && l.is(i-3, "is") {
				return nil
			}
			return refuse(t.line, "SELECT DISTINCT without columns")
		}
		if top.function {
			return nil
		}
		if !top.query {
			return refuse(t.line, "FROM outside a query")
		}
		if top.inFrom {
			return refuse(t.line, "FROM twice in one query")
		}
		top.inFrom, top.expect = true, true
	case "join":
		if !top.inFrom {
			return refuse(t.line, "JOIN outside FROM")
		}
		top.expect = true
	case "where", "group", "having", "order", "union", "except", "intersect":
		top.inFrom = false
	case "select", "with":
		first := i == 0 || l.is(i-1, "(") || l.is(i-1, ")") || l.is(i-1, "union") || l.is(i-1, "all") ||
			l.is(i-1, "except") || l.is(i-1, "intersect") || l.is(i-1, "distinct")
		if !top.query || !first {
			return refuse(t.line, "%q in the middle of an expression", t.text)
		}
		top.inFrom, top.listing = false, t.text == "with"
	case "using":
		if !l.is(i+1, "(") {
			return refuse(t.line, "USING without a column list")
		}
	case "distinct":
		if l.is(i+1, "on") {
			return refuse(t.line, "DISTINCT ON picks rows without a total order: use row_number()")
		}
	}
	return nil
}

// reference accepts what may stand after FROM, JOIN or a comma in FROM: a
// declared input, a CTE, a subquery, or a parenthesised join.
func (l *linter) reference(i int, top *scope) error {
	t := l.tokens[i]
	top.expect = false
	switch {
	case t.kind == punct && t.text == "(":
		return l.open(i, true)
	case t.kind != word:
		return refuse(t.line, "a table name must stand here, not %s", t.text)
	case l.is(i+1, ".") || l.is(i+1, "("):
		return refuse(t.line, "%q is not a plain table name: no schemas, no table functions", t.text)
	case slices.Contains(l.inputs, t.text):
		l.used[t.text] = true
	case !l.stands(t.text):
		if l.defined[t.text] {
			return refuse(t.line, "the CTE %q is not in sight here: it is defined elsewhere, or is this one", t.text)
		}
		return refuse(t.line, "the table %q is not among the declared inputs, nor a CTE defined before; name it under inputs in measure.yaml", t.text)
	}
	return nil
}

// open pushes a scope and says what the parenthesis before it means.
func (l *linter) open(i int, fromClause bool) error {
	t := l.tokens[i]
	if len(l.stack) > 64 {
		return refuse(t.line, "more than 64 parentheses deep")
	}
	s := scope{query: l.is(i+1, "select") || l.is(i+1, "with")}
	if fromClause {
		s.inFrom, s.expect = !s.query, !s.query
		l.stack = append(l.stack, s)
		return nil
	}
	if i > 0 && l.tokens[i-1].kind == word {
		name := l.tokens[i-1]
		known := allowedFunctions[name.text] || allowedBeforeParen[name.text]
		if !known || l.is(i-2, ".") {
			return refuse(name.line, "the function %q is not among those a measure may use%s", name.text, instead(name.text))
		}
		if err := l.call(i - 1); err != nil {
			return err
		}
		s.function = (name.text == "extract" || name.text == "trim") && !s.query
		s.cast = name.text == "cast"
	} else if i > 0 && (l.tokens[i-1].kind != punct || l.is(i-1, ".") || l.is(i-1, ")")) {
		return refuse(t.line, "a parenthesis directly after a value")
	}
	var err error
	if s.defines, err = l.definition(i, &l.stack[len(l.stack)-1]); err != nil {
		return err
	}
	l.stack = append(l.stack, s)
	return nil
}
