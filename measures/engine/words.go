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
	"any", "is", "using", "filter", quotient,
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
	"system_user", "current_path", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid",
	"interval", "double", "float", "float4", "float8", "real", "decimal", "numeric", "rename",
)

// insteads say what to write for words that authors know from one database.
var insteads = map[string]string{
	"now": "the period's dates are {{period_start}} and {{period_end}}", "today": "now", "current_date": "now", "current_timestamp": "now", "current_time": "now",
	"localtimestamp": "now", "getdate": "now", "sysdate": "now", "clock_timestamp": "now",
	"random": "a measure gives the same every time", "uuid": "random", "setseed": "random", "tablesample": "random", "sample": "random", "gen_random_uuid": "random", "rand": "random", "newid": "random",
	"limit": "number the rows with row_number() OVER (… ORDER BY …) in an order without ties, and keep those you want", "fetch": "limit", "offset": "limit", "qualify": "limit",
	"any_value": "use MIN or MAX, or row_number() in an order without ties", "first_value": "any_value", "last_value": "any_value", "first": "any_value", "last": "any_value", "arbitrary": "any_value", "mode": "any_value",
	"array_agg": "lists depend on the order of rows; use MIN, MAX or COUNT(DISTINCT …)", "string_agg": "array_agg", "listagg": "array_agg", "group_concat": "array_agg", "list": "array_agg", "json_agg": "array_agg",
	"approx_count_distinct": "use COUNT(DISTINCT …)", "approx_distinct": "approx_count_distinct", "approx_quantile": "a measure is a sum over a sum", "approx_percentile": "approx_quantile",
	"median": "approx_quantile", "percentile_cont": "approx_quantile", "percentile_disc": "approx_quantile", "stddev": "approx_quantile", "variance": "approx_quantile",
	"avg": "give the sum as num and the count as den", "round": "{{div(a + b / 2, b)}} with b / 2 written out rounds whole numbers", "floor": "{{div(a, b)}} is the whole quotient", "ceil": "floor", "ceiling": "floor", "trunc": "floor", "sqrt": "floor", "power": "floor", "ln": "floor", "exp": "floor",
	"double": "keep whole numbers: cents, millionths (result_micros), {{div(a, b)}}", "float": "double", "float4": "double", "float8": "double", "real": "double", "decimal": "double", "numeric": "double", "to_number": "double",
	"interval": "use {{add_days(d, n)}}, {{days_before(period_start, n)}} or {{years_before(period_end, n)}}", "date_add": "interval", "dateadd": "interval", "date_sub": "interval",
	"date_diff": "use {{days_between(a, b)}}", "datediff": "date_diff", "age": "use {{age(birth_date, d)}}", "date_part": "use EXTRACT(YEAR FROM d) or {{year_month(d)}}", "date_trunc": "date_part", "to_char": "date_part", "strftime": "date_part", "year": "date_part", "month": "date_part", "day": "date_part",
	"greatest": "with a NULL it is NULL on one engine and not on another: use CASE", "least": "greatest", "concat": "with a NULL it is NULL on one engine and not on another: use ||", "concat_ws": "concat",
	"collate": "use {{text_order(x)}}", "ilike": "use LOWER(x) LIKE '…'", "regexp_matches": "use LIKE, SUBSTRING or {{begins(x, set)}}", "regexp_like": "regexp_matches", "similar": "regexp_matches", "starts_with": "regexp_matches",
	"unnest": "name the columns one by one, or use {{diagnosis(set)}}", "values": "write SELECT … UNION ALL SELECT …", "generate_series": "values", "lateral": "join a subquery with its own GROUP BY",
}

// instead is the next step for a word that is refused, or nothing.
func instead(word string) string {
	text := insteads[word]
	if other, ok := insteads[text]; ok {
		text = other
	}
	if text == "" {
		return ""
	}
	return ": " + text
}

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
