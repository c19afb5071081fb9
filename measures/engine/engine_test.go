package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

func spec(sql string, inputs ...string) *measures.Spec {
	return &measures.Spec{
		ID: "t-one", Version: "1.0.0", Inputs: inputs, SQL: sql, Type: measures.Proportion, Cap: measures.Cap{Num: 9, Den: 9},
		ValueSets: map[string]measures.ValueSet{"tests": {Public: []string{"G0121", "G0105"}, Slot: "mine"}, "empty": {Slot: "none"}},
	}
}

func TestQueryAccepts(t *testing.T) {
	for _, sql := range []string{
		"SELECT a FROM t",
		"select x.a, count(*) from t as x left join u on x.a = u.a, u v where x.b in (select b from u) group by x.a",
		"WITH c AS (SELECT a FROM t), d AS (SELECT a FROM c JOIN u USING (a, b)) SELECT a FROM d UNION ALL SELECT a FROM (SELECT a FROM u) AS z",
		"SELECT EXTRACT(YEAR FROM d) AS y, SUBSTRING(a, 1, 3) FROM t, u WHERE a IS NOT DISTINCT FROM b AND c IS DISTINCT FROM d",
		"SELECT row_number() OVER (PARTITION BY a, b ORDER BY c DESC, d) AS n FROM (t JOIN u ON t.a = u.a)",
		"SELECT CASE WHEN (a > 1) THEN (b) ELSE (-1) END, SUM(a) FILTER (WHERE b = 'it''s; -- no comment') FROM t JOIN u ON (t.a = u.a)",
		"-- heading; with a semicolon and an apostrophe's\nSELECT a -- why\nFROM t, u",
		"SELECT CAST(a AS BIGINT) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.b NOT IN ('x', 'y'))",
		"SELECT DISTINCT a FROM t CROSS JOIN u ORDER BY a, b",
		"SELECT a FROM t, u --\r; DROP TABLE t", // all comment up to the line feed: never reaches the database
	} {
		if _, err := Query(spec(sql, "t", "u"), Period{Year: 2010}); err != nil && !strings.Contains(err.Error(), "is not read") {
			t.Errorf("%s\n  %v", sql, err)
		}
	}
}

func TestQueryRefuses(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"", "no statement"},
		{"-- only a comment", "no statement"},
		{"SELECT a FROM t; DROP TABLE t", "line 1: a semicolon"},
		{"SELECT a FROM t;", "a semicolon"},
		{"SELECT a\nFROM t /* x */", "line 2: a block comment"},
		{"SELECT a FROM t /*--*/ ; DROP TABLE t", "a block comment"},
		{"SELECT '--' FROM t ; DELETE", "a semicolon"},
		{"COPY t TO 'x'", "is one SELECT or WITH statement"},
		{"PRAGMA x", "is one SELECT or WITH"}, {"ATTACH 'x' AS y", "is one SELECT or WITH"}, {"FROM t", "is one SELECT or WITH"},
		{"(SELECT a FROM t)", "is one SELECT or WITH"},
		{"WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM x", `"insert" is not allowed`},
		{"WITH x AS (SELECT 1) DELETE FROM t", `"delete" is not allowed`},
		{"SELECT a INTO x FROM t", `"into"`}, {"SELECT a FROM t FOR UPDATE", `"update"`},
		{"WITH RECURSIVE x AS (SELECT 1) SELECT a FROM x, t", `"recursive"`},
		{"SELECT a FROM read_csv('/etc/passwd')", "is not"},
		{"SELECT a FROM t, range(10)", "no table functions"}, {"SELECT a FROM t JOIN duckdb_settings() ON 1 = 1", "no table functions"},
		{"SELECT a FROM '/etc/passwd'", "must stand here"}, {`SELECT a FROM "t"`, "a quoted name"}, {"SELECT a FROM `t`", "a quoted name"},
		{"SELECT a FROM main.t", "no schemas"}, {"SELECT a FROM secrets", `"secrets" is not among the declared`},
		{"SELECT a FROM t, secrets", `"secrets"`}, {"SELECT a FROM t x, secrets y", `"secrets"`}, {"SELECT a FROM t LEFT JOIN secrets ON 1 = 1", `"secrets"`},
		{"SELECT a FROM (t CROSS JOIN secrets)", `"secrets"`}, {"SELECT a FROM (SELECT 1 FROM secrets) x, t", `"secrets"`},
		{"SELECT (SELECT max(a) FROM secrets) FROM t", `"secrets"`}, {"SELECT a FROM t WHERE a IN (SELECT a FROM secrets)", `"secrets"`},
		{"SELECT a FROM t UNION SELECT a FROM secrets", `"secrets"`}, {"SELECT extract(YEAR FROM (SELECT a FROM secrets)) FROM t", `"secrets"`},
		{"SELECT trim((SELECT a FROM secrets) FROM b) FROM t", `"secrets"`}, {"SELECT DISTINCT FROM secrets, t", "without columns"},
		{"SELECT NOT DISTINCT FROM secrets", "without columns"},
		{"WITH t AS (SELECT a FROM u) SELECT a FROM t", `CTE "t" has the name of an input`},
		{"WITH secrets(a) AS (SELECT 1) SELECT a FROM secrets, t", "function \"secrets\""},
		{"WITH x AS (SELECT 1), x AS (SELECT 2) SELECT a FROM x, t", "defined twice"},
		{"SELECT random() FROM t", `"random"`}, {"SELECT now() FROM t", `"now"`}, {"SELECT current_date FROM t", `"current_date"`},
		{"SELECT getenv('HOME') FROM t", `"getenv"`}, {"SELECT nextval('s') FROM t", `"nextval"`}, {"SELECT a FROM t LIMIT 1", `"limit"`},
		{"SELECT a FROM t TABLESAMPLE 10", `"tablesample"`}, {"SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON"}, {"SELECT any_value(a) FROM t", "any_value"},
		{"SELECT b.upper() FROM t", `function "upper"`}, {"SELECT ('a')('b') FROM t", "directly after"}, {"SELECT 'a'('b') FROM t", "directly after"},
		{"SELECT e'\\'' FROM t", "directly after"}, {"SELECT x'00' FROM t", "directly after"}, {"SELECT 'a\\' FROM t", "backslash"},
		{"SELECT 'a FROM t", "does not end"}, {"SELECT $$a$$ FROM t", "'$'"}, {"SELECT $1 FROM t", "'$'"}, {"SELECT ? FROM t", "'?'"},
		{"SELECT a::text FROM t", "':'"}, {"SELECT [a] FROM t", "'['"}, {"SELECT {'a': 1} FROM t", "'{'"}, {"SELECT a / b FROM t", "{{div(a, b)}}"},
		{"SELECT 1.5 FROM t", "whole decimal"}, {"SELECT 0x10 FROM t", "whole decimal"}, {"SELECT 1e3 FROM t", "whole decimal"},
		{"SELECT (a FROM t", "FROM outside a query"}, {"SELECT a FROM t)", "too many"}, {"SELECT a) FROM t) x, (SELECT 1", "too many"}, {"SELECT (a", "not closed"},
		{"SELECT a FROM t,", "missing at the end"}, {"SELECT a FROM t WHERE a SELECT b", "in the middle"}, {"SELECT a FROM t FROM u", "twice"},
		{"SELECT ａ FROM t", "'ａ'"}, {"SELECT a\u00a0FROM t", `'\u00a0'`}, {"SELECT a FROM t WHERE 'x\ny' = a", "line break"},
		{"SELECT {{nothing}} FROM t", "unknown macro"}, {"SELECT {{codes(other)}} FROM t", "not in the header"}, {"SELECT {{year FROM t", "without }}"},
		{"SELECT year}} FROM t", "}} without {{"}, {"SELECT '{{year}}' FROM t", "inside a string"}, {"SELECT {{years_before(today, 4)}} FROM t", "takes period_start"},
		{"SELECT {{years_before(period_end, -4)}} FROM t", "whole number"}, {"SELECT {{days_between(a)}} FROM t", "has 1 arguments"},
		{"SELECT {{div(a), (b, 1)}} FROM t", "not balanced"}, {"SELECT {{div(a, (SELECT 1 FROM secrets))}} FROM t", `"secrets"`},
		{"SELECT {{div(a, 1); x(2, 3)}} FROM t", "not balanced"}, {"SELECT a FROM t\x00", `'\x00'`},
		{strings.Repeat("(", 1), "is one SELECT"}, {"SELECT " + strings.Repeat("(", 100) + " FROM t", "64 parentheses"},
	} {
		q, err := Query(spec(c.sql, "t"), Period{Year: 2010})
		var se *SyntaxError
		if err == nil || !errors.As(err, &se) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n  gave %q, %v\n  want %s", c.sql, q, err, c.want)
		}
	}
	if _, err := Query(spec("SELECT a FROM t", "t", "u"), Period{Year: 2010}); err == nil || !strings.Contains(err.Error(), `"u" is not read`) {
		t.Error(err)
	}
	if _, err := Query(spec("SELECT a FROM t", "t"), Period{Year: 20100}); err == nil || !strings.Contains(err.Error(), "period 20100") {
		t.Error(err)
	}
}

func TestExpansion(t *testing.T) {
	sql := `SELECT {{year}}, {{prior_year}}, {{period_start}}, {{ period_end }}, {{prior_start}}, {{prior_end}}, {{first_month}}, {{last_month}},
{{years_before(period_end, 45)}}, {{days_before(period_start, 14)}}, {{days_after(period_end, 30)}},
{{days_between(a, {{period_end}})}}, {{add_days(d, 30)}}, {{div(a + 5, 10)}} FROM t WHERE c IN {{codes(tests)}} AND d IN {{codes(empty)}}`
	const want = `SELECT 2012, 2011, DATE '2012-01-01', DATE '2012-12-31', DATE '2011-01-01', DATE '2011-12-31', '201201', '201212',
DATE '1967-12-31', DATE '2011-12-18', DATE '2013-01-30',
(CAST(DATE '2012-12-31' AS DATE) - CAST(a AS DATE)), (CAST(d AS DATE) + CAST(30 AS INTEGER)), ((a + 5) // (10)) FROM t WHERE c IN ('G0105','G0121','L1') AND d IN (NULL)`
	got, err := Query(spec(sql, "t"), Period{Year: 2012}, Slot{Name: "mine", Codes: []string{"L1", "G0105"}})
	if err != nil || got != want {
		t.Fatalf("%v\n%s", err, got)
	}
	for _, s := range []Slot{{Name: "unknown"}, {Name: "mine", Codes: []string{"a'b"}}} {
		if _, err := Query(spec(sql, "t"), Period{Year: 2012}, s); err == nil {
			t.Errorf("took slot %+v", s)
		}
	}
	// Line numbers survive comments and macros over several lines.
	_, err = Query(spec("SELECT -- one\n{{div(a,\nb)}}\n; FROM t", "t"), Period{Year: 2012})
	if err == nil || !strings.Contains(err.Error(), "line 4: a semicolon") {
		t.Error(err)
	}
}

// FuzzQuery: what the lint lets through has none of the characters on which
// statement, comment and name tricks rest, and balanced parentheses.
func FuzzQuery(f *testing.F) {
	f.Add("SELECT a FROM t WHERE x IN {{codes(tests)}} AND b = 'it''s' -- c")
	f.Add("WITH c AS (SELECT {{div(a, b)}} FROM t) SELECT a FROM c, t x")
	f.Add("SELECT {{days_between({{period_start}}, d)}} FROM (t JOIN t u ON 1 = 1)")
	f.Fuzz(func(t *testing.T, sql string) {
		q, err := Query(spec(sql, "t"), Period{Year: 2010})
		if err != nil {
			return
		}
		depth := 0
		for i, part := range strings.Split(q, "'") {
			if i%2 == 1 {
				continue // inside a string
			}
			if strings.ContainsAny(part, ";\"`$?\\{}[]:@#\r\x00") || strings.Contains(part, "--") || strings.Contains(part, "/*") {
				t.Fatalf("let through %q", part)
			}
			for _, c := range part {
				switch c {
				case '(':
					depth++
				case ')':
					depth--
				}
				if depth < 0 {
					t.Fatal("leaves the wrapper's parentheses")
				}
			}
		}
		if depth != 0 {
			t.Fatal("unbalanced")
		}
	})
}
