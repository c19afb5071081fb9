package engine

import (
	"errors"
	"strings"
	"testing"
)

// TestSight: a common table expression stands from its end on, in its own query and those within. Anywhere else its name would be a table of the database.
func TestSight(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"WITH x AS (SELECT a FROM t) SELECT a FROM x", ""},
		{"WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x) SELECT a FROM y JOIN (SELECT a FROM x) AS z ON z.a = y.a", ""},
		{"SELECT a FROM (WITH x AS (SELECT a FROM t) SELECT a FROM x) AS y", ""},
		{"WITH x AS (SELECT a FROM t) SELECT a FROM x UNION ALL SELECT a FROM x", ""},
		{"SELECT a FROM (WITH secrets AS (SELECT a FROM t) SELECT a FROM secrets) AS y, secrets", `"secrets" is not in sight`},
		{"WITH secrets AS (SELECT a FROM secrets) SELECT a FROM secrets, t", `"secrets" is not`},
		{"WITH x AS (SELECT a FROM secrets), secrets AS (SELECT a FROM t) SELECT a FROM x, secrets", `"secrets" is not`},
		{"WITH x AS (WITH secrets AS (SELECT 1) SELECT a FROM t), y AS (SELECT a FROM secrets) SELECT a FROM x, y", `"secrets" is not in sight`},
		{"SELECT (WITH secrets AS (SELECT 1) SELECT a FROM secrets) FROM t WHERE a IN (SELECT a FROM secrets)", `"secrets" is not in sight`},
		{"(WITH secrets AS (SELECT 1) SELECT a FROM t) UNION SELECT a FROM secrets", "is one SELECT"},
		{"WITH x AS (SELECT 1), y AS (WITH x AS (SELECT 2) SELECT a FROM x) SELECT a FROM y, t", "defined twice"},
		{"WITH x AS (WITH t AS (SELECT 1) SELECT a FROM t) SELECT a FROM x", `"t" has the name of an input`},
		{"SELECT a, secrets AS (SELECT 1) FROM t, secrets", `"secrets"`},
		{"SELECT a FROM t, secrets AS (SELECT 1)", `"secrets"`},
		{"WITH x AS MATERIALIZED (SELECT a FROM t) SELECT a FROM x", `function "materialized"`},
		{"WITH x AS (SELECT a FROM t), t2 AS (TABLE secrets) SELECT a FROM x", `"table"`},
	} {
		held(t, c.sql, c.want)
	}
}

// TestOneMeaning: what the engines read in more than one way, or from more than the arguments, is refused, with what to write.
func TestOneMeaning(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		// other objects of the database, and types with fractions or lengths
		{"SELECT CAST(a AS regclass) FROM t", `CAST(… AS "regclass")`}, {"SELECT regclass 'secrets' FROM t", "not the name of a type"}, {"SELECT CAST(a AS xml) FROM t", "CAST(…"},
		{"SELECT CAST(a AS VARCHAR(5)) FROM t", "without a length"}, {"SELECT CAST(a AS DOUBLE) FROM t", "cents"}, {"SELECT SUM(CAST(a AS DECIMAL(18, 2))) FROM t", "cents"},
		{"SELECT .5 * a FROM t", "whole decimal"}, {"SELECT a * 1.0 FROM t", "whole decimal"}, {"SELECT a FROM t WHERE b = 1 . 5", "whole decimal"}, {"SELECT 2 ** a FROM t", "two operators"}, {"SELECT a -> 'x' FROM t", "two operators"},
		{"SELECT a == b FROM t", "two operators"}, {"SELECT a <=> b FROM t", "two operators"}, {"SELECT SUM(a => 1) FROM t", "two operators"}, {"SELECT AVG(a) FROM t", "the sum as num"}, {"SELECT a ^ 2 FROM t", "'^'"},
		// the clock, and rows in no order
		{"SELECT a FROM t WHERE d < 'today'", "its own clock"}, {"SELECT a FROM t WHERE d < DATE 'now'", "DATE '2024-01-31'"}, {"SELECT CAST('to' || 'day' AS DATE) FROM t", "made into a date"},
		{"SELECT a FROM t WHERE d < ' Yesterday 12:00'", "its own clock"}, {"SELECT CAST(CASE WHEN b = 'x' THEN 'epoch' END AS DATE) FROM t", "made into a date"}, {"SELECT CAST(COALESCE(d, 'epoch') AS DATE) FROM t", "made into a date"},
		{"SELECT CAST(CASE WHEN b IN ('x', 'y') AND c = 'z' THEN d END AS DATE), b = 'not known' FROM t WHERE d < DATE '2024-02-29' AND e < TIMESTAMP '2024-02-29 12:00:00'", ""},
		{"SELECT DATE '2023-02-29' FROM t", "DATE '2024-01-31'"}, {"SELECT TIME '12:00' FROM t", "not the name of a type"}, {"SELECT system_user FROM t", `"system_user"`}, {"SELECT xmin FROM t", `"xmin"`},
		{"SELECT row_number() OVER () FROM t", "without OVER (… ORDER BY"}, {"SELECT row_number() OVER (PARTITION BY a) FROM t", "without OVER"}, {"SELECT lag(a) FROM t", "without OVER"},
		{"SELECT row_number() OVER (PARTITION BY (SELECT max(b) FROM t ORDER BY b)) FROM t", "without OVER"},
		{"SELECT SUM(a) OVER (PARTITION BY b ROWS UNBOUNDED PRECEDING) FROM t", "without ORDER BY"}, {"SELECT SUM(a) OVER (PARTITION BY b) FROM t", ""}, {"SELECT lag(a) OVER (ORDER BY b) FROM t", ""},
		{"SELECT string_agg(a, ',') FROM t", "order of rows"}, {"SELECT a FROM t LIMIT 1", "row_number()"}, {"SELECT any_value(a) FROM t", "MIN or MAX"}, {"SELECT approx_distinct(a) FROM t", "COUNT(DISTINCT"},
		{"SELECT now() FROM t", "{{period_start}}"}, {"SELECT a FROM t WHERE d > current_date - 30", "{{period_start}}"}, {"SELECT gen_random_uuid() FROM t", "the same every time"},
		// engine differences
		{"SELECT EXTRACT(DOW FROM d) FROM t", "YEAR, MONTH or DAY"}, {"SELECT EXTRACT(EPOCH FROM d) FROM t", "YEAR, MONTH or DAY"}, {"SELECT EXTRACT(YEAR FROM d) FROM t", ""},
		{"SELECT SUBSTRING(a, 0, 2) FROM t", "from 1"}, {"SELECT SUBSTR(a, b) FROM t", "from 1"}, {"SELECT SUBSTRING(a FROM 2) FROM t", "from 1"}, {"SELECT SUBSTR(a, 2) FROM t", ""}, {"SELECT SUBSTRING(a, -1) FROM t", "from 1"},
		{"SELECT a FROM t WHERE b LIKE c", "written out"}, {"SELECT a FROM t WHERE b LIKE 'A%'", ""}, {"SELECT a FROM t WHERE b ILIKE 'A%'", "LOWER(x) LIKE"},
		{"SELECT MOD(a, b) FROM t", "dividing by 0"}, {"SELECT MOD(a, 0) FROM t", "dividing by 0"}, {"SELECT MOD(a, 7), MOD(a, NULLIF(b, 0)) FROM t", ""},
		{"SELECT a, COUNT(*) FROM t GROUP BY ALL", "write out the columns"}, {"SELECT a FROM t UNION BY NAME SELECT a FROM t", "write out the columns"}, {"SELECT greatest(a, b) FROM t", "CASE"},
		// sizes
		{"SELECT REPLACE(a, 'x', 'xxxxxxxxxxxxxxxx') FROM t", "no longer than the first"}, {"SELECT REPLACE(a, b, c) FROM t", "no longer"}, {"SELECT REPLACE(a, '', 'x') FROM t", "no longer"}, {"SELECT REPLACE(a, '-', '') FROM t", ""},
		{"SELECT a" + strings.Repeat(" || a", 17) + " FROM t", "16 times ||"}, {"SELECT NOT NOT a FROM t", "twice in a row"}, {"SELECT 1 - - 1 FROM t", "twice in a row"},
		{"SELECT " + strings.Repeat("CASE WHEN 1 = 1 THEN ", 65) + "1" + strings.Repeat(" END", 65) + " FROM t", "64 times CASE"},
		{"SELECT a FROM t" + strings.Repeat(" UNION ALL SELECT a FROM t", 201), "200 queries"},
	} {
		held(t, c.sql, c.want)
	}
}

// held wants a refusal that names a line and says want, or none where want is empty.
func held(t *testing.T, sql, want string) {
	t.Helper()
	_, err := Query(spec(sql, "t"), Period{Year: 2024})
	var line *SyntaxError
	if want == "" && err != nil || want != "" && (!errors.As(err, &line) || line.Line < 1 || !strings.Contains(err.Error(), want)) {
		t.Errorf("%.200s\n  gave %v\n  want %s", sql, err, want)
	}
}
