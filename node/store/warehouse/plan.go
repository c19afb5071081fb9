package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures/engine"
)

// plan reads the server's plan of a query and refuses functions that do more than compute a value of their arguments. A plan is made after
// views are opened up and functions in SQL put in place, so what it shows is what would run.
func (g *guard) plan(ctx context.Context, query string) error {
	var text []byte
	if err := g.conn.QueryRowContext(ctx, "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) "+query).Scan(&text); err != nil {
		return engine.Withheld(ctx, plain(err))
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return errors.New("Parser Error: the statement cannot be taken apart")
	}
	called := map[string]bool{}
	if err := calls(tree, called); err != nil {
		return err
	}
	names := []string{}
	for name := range called {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var harmless bool
		// Immutable in one of its forms and volatile in none: what it yields depends on its arguments alone. Conversions to and from text depend on
		// settings, which are fixed here.
		err := g.conn.QueryRowContext(ctx, "SELECT COALESCE(pg_catalog.bool_and(provolatile <> 'v') AND pg_catalog.bool_or(provolatile = 'i'"+
			" OR proname IN ('to_char', 'to_date', 'to_timestamp', 'to_number', 'concat', 'format')), false) FROM pg_catalog.pg_proc WHERE proname = $1", name).Scan(&harmless)
		if err != nil {
			return err
		}
		if !harmless {
			return fmt.Errorf("Binder Error: the statement calls %.70q, which does more than compute a value", name)
		}
	}
	return nil
}

// passive are the entries of a plan that hold names of ours or of the planner, or the text for another server, which this server checked before.
var passive = map[string]bool{"Remote SQL": true, "Subplan Name": true, "Alias": true, "CTE Name": true, "Relation Name": true, "Schema": true, "Index Name": true, "Node Type": true}

var (
	literal  = regexp.MustCompile(`E?'(?:[^'\\]|''|\\.)*'`)
	typed    = regexp.MustCompile(`::[a-z_ ."]+\(\d+(?:,\s*\d+)?\)`)
	session  = regexp.MustCompile(`\b(CURRENT_[A-Z]+|LOCALTIME|LOCALTIMESTAMP|SESSION_USER|SYSTEM_USER|USER)\b`) // as the server writes them; names of columns are in lower case
	function = regexp.MustCompile(`("(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)\(`)
)

// syntax is what the server writes like a function and is none; names of functions are in lower case there, or quoted.
var syntax = []string{"COALESCE", "NULLIF", "GREATEST", "LEAST", "EXTRACT", "SUBSTRING", "TRIM", "POSITION", "OVERLAY", "ROW", "GROUPING"}

func calls(node any, out map[string]bool) error {
	switch n := node.(type) {
	case []any:
		for _, c := range n {
			if err := calls(c, out); err != nil {
				return err
			}
		}
	case map[string]any:
		switch n["Node Type"] {
		case "Function Scan", "Table Function Scan":
			return errors.New("Binder Error: the statement calls a table function")
		case "ModifyTable", "LockRows":
			return errors.New("Binder Error: the statement does more than read")
		}
		for key, c := range n {
			if passive[key] {
				continue
			}
			if err := calls(c, out); err != nil {
				return err
			}
		}
	case string:
		text := typed.ReplaceAllString(literal.ReplaceAllString(n, "''"), "")
		if word := session.FindString(text); word != "" {
			return fmt.Errorf("Binder Error: the statement asks for %s, which is of the session and no column", word)
		}
		for _, m := range function.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(syntax, m[1]) {
				out[strings.ReplaceAll(strings.Trim(m[1], `"`), `""`, `"`)] = true
			}
		}
	}
	return nil
}
