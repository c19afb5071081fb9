package store

import (
	"fmt"
	"strings"
)

// What DuckDB's parser may make of a measure: its own names for the kinds of things, and nothing else. So a kind that a later version brings is
// refused until somebody looked at it.
var (
	// plainNodes are queries, what stands in FROM, and what comes after: no table function, VALUES, PIVOT, SHOW or recursion.
	plainNodes = names("SELECT_NODE", "SET_OPERATION_NODE", "BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "ORDER_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING")
	// plainClasses are expressions: no parameter, lambda, collation, position.
	plainClasses = names("BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR", "STAR", "SUBQUERY", "WINDOW")
	// plainOperators leave out what takes lists and structures apart.
	plainOperators = names("COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_COALESCE", "OPERATOR_IS_NOT_NULL", "OPERATOR_IS_NULL", "OPERATOR_NOT")
	// plainFunctions are those that measures may name, and those that the macros become. Each computes a value of its arguments.
	plainFunctions = names("*", "+", "-", "//", "||", "~~", "!~~", "like_escape", "not_like_escape", "abs", "chr", "concat_ws", "contains", "count", "count_star", "date_part",
		"dense_rank", "lag", "lead", "length", "lower", "max", "min", "mod", "nullif", "rank", "regexp_matches", "replace", "row_number", "substr", "substring", "suffix", "sum",
		"trim", "upper")
	// sessionWords are columns to the parser and functions of the session to the database where no table has such a column; none of ours has.
	sessionWords = names("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "user", "current_role", "current_schema",
		"current_catalog", "current_database", "get_current_timestamp", "rowid")
)

func names(list ...string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}

func plainTree(node any) error {
	switch n := node.(type) {
	case []any:
		for _, c := range n {
			if err := plainTree(c); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := plainNode(n); err != nil {
			return err
		}
		for _, c := range n {
			if err := plainTree(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func plainNode(n map[string]any) error {
	kind, isNode := n["type"].(string)
	class, isExpression := n["class"].(string)
	name, isCall := n["function_name"].(string)
	empty := func(key string) bool { return n[key] == nil || n[key] == "" }
	switch {
	case !isNode: // a part of a node, or the type of a value
	case kind == "TABLE_FUNCTION":
		return fmt.Errorf("Binder Error: the statement calls a table function")
	case kind == "BASE_TABLE" && (!empty("schema_name") || !empty("catalog_name")):
		return fmt.Errorf("Binder Error: the statement names a schema or catalogue")
	case !isExpression && !plainNodes[kind], isExpression && !plainClasses[class], class == "OPERATOR" && !plainOperators[kind]:
		return fmt.Errorf("Binder Error: the statement has a %.40q, which no measure has", kind)
	case !empty("sample"), !empty("at_clause"):
		return fmt.Errorf("Binder Error: the statement takes a sample or another version of a table")
	case kind == "JOIN" && n["ref_type"] != "REGULAR" && n["ref_type"] != "CROSS":
		return fmt.Errorf("Binder Error: the statement has a join which no measure has")
	case class == "STAR" && n["columns"] == true:
		return fmt.Errorf("Binder Error: the statement chooses columns by a pattern")
	case class == "COLUMN_REF" && sessionWords[lastName(n)]:
		return fmt.Errorf("Binder Error: the statement asks for %.70q, which is no column", lastName(n))
	case isCall && (!plainFunctions[name] || !empty("schema") && n["schema"] != "main" || !empty("catalog")): // some syntax is a function of main to the parser
		return fmt.Errorf("Binder Error: the statement calls %.70q, which no measure calls", name)
	}
	return nil
}

// lastName is the name of a column without that of its table, in lower case.
func lastName(column map[string]any) string {
	list, _ := column["column_names"].([]any)
	if len(list) == 0 {
		return ""
	}
	name, _ := list[len(list)-1].(string)
	return strings.ToLower(name)
}
