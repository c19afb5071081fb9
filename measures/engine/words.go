package engine

// allowedFunctions is every word that may stand before an opening parenthesis
// as a function. All are deterministic, read nothing but their arguments, and
// mean the same on DuckDB, PostgreSQL and Trino. Ranking functions depend on
// ORDER BY: an author who leaves ties open gets an undefined choice, so the
// order must be total. GREATEST, LEAST and CONCAT are not among them: with a NULL
// they answer NULL on one engine and not on another.
var allowedFunctions = set(
	"sum", "count", "min", "max",
	"coalesce", "nullif", "abs", "mod",
	"lower", "upper", "trim", "substring", "substr", "length", "replace",
	"extract", "cast",
	"row_number", "rank", "dense_rank", "lag", "lead",
)

// allowedBeforeParen is every keyword after which a parenthesis opens a
// condition, list, subquery or window rather than arguments.
var allowedBeforeParen = set(
	"select", "from", "join", "on", "where", "and", "or", "not", "in", "exists", "as", "over", "by", "having",
	"when", "then", "else", "case", "between", "like", "union", "all", "except", "intersect", "distinct",
	"decimal", "numeric", "varchar", "char", "any", "is", "using", "filter", quotient,
)

// forbiddenWords start other statements, change state, reach outside, depend
// on the clock or pick rows without an order. They are refused wherever they
// stand, even as a column name or alias.
var forbiddenWords = set(
	// statements and state
	"insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "copy", "attach", "detach", "use",
	"pragma", "set", "reset", "call", "install", "load", "export", "import", "checkpoint", "vacuum", "analyze",
	"execute", "prepare", "deallocate", "begin", "commit", "rollback", "abort", "grant", "revoke", "into", "returning",
	"explain", "describe", "summarize", "show", "do", "listen", "notify", "lock", "reindex", "refresh", "force",
	// reach and dialect
	"lateral", "unnest", "table", "values", "pivot", "unpivot", "recursive", "macro", "function", "window", "qualify",
	"asof", "positional", "anti", "semi", "natural", "using_sample", "glob", "read_csv", "read_parquet", "read_json",
	"read_text", "read_blob", "getenv", "columns", "exclude", "similar", "collate", "at", "version",
	// no order, no repeatability
	"tablesample", "sample", "limit", "offset", "fetch", "first_value", "last_value", "any_value", "random", "uuid",
	"setseed", "rowid", "ctid", "now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
	"current_user", "session_user", "user", "current_schema", "current_catalog", "current_role", "current_setting",
	"interval", "double", "float", "float4", "float8", "real",
)

// keywords are the words that cannot be the alias of a table.
var keywords = set(
	"select", "from", "where", "group", "having", "order", "union", "except", "intersect", "join", "inner", "left",
	"right", "full", "outer", "cross", "on", "using", "as", "and", "or", "not", "in", "exists", "between", "like", "is",
	"null", "case", "when", "then", "else", "end", "distinct", "all", "by", "with", "over", "partition", "rows", "range",
	"filter", "asc", "desc", "nulls", "date", "true", "false",
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
