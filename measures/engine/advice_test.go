package engine

import (
	"strings"
	"testing"
)

// TestAdvise: each doubt once, at its line, and none where the text leaves none.
func TestAdvise(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT row_number() OVER (PARTITION BY person_id ORDER BY d) FROM t":                         "1 ROW_NUMBER depends",
		"SELECT\n SUM(a) OVER (ORDER BY d ROWS UNBOUNDED PRECEDING) FROM t":                           "2 SUM depends",
		"SELECT lag(a) OVER (PARTITION BY p ORDER BY d, claim_id) FROM t":                             "",
		"SELECT row_number() OVER (ORDER BY d, {{text_order(COALESCE(a, {{codes(tests)}}))}}) FROM t": "",
		"SELECT rank() OVER (ORDER BY d) FROM t":                                                      "",
		"SELECT rank() OVER (ORDER BY d DESC) FROM t":                                                 "1 ORDER BY … DESC",
		"SELECT rank() OVER (ORDER BY d DESC NULLS LAST) FROM t":                                      "",
		"SELECT LOWER(a) FROM t":                                         "1 LOWER changes",
		"SELECT\n\n SUM(a * b.c) FROM t":                                 "3 a product",
		"SELECT COUNT(*), SUM(2 * a), SUM(CAST(a AS BIGINT) * b) FROM t": "",
		"SELECT {{lines_v1(x,\n a = 1)}}, CAST(t.x AS INTEGER) FROM t":   "2 CAST(x AS INTEGER)",
		"SELECT CAST(SUM(a) AS BIGINT), CAST(d AS DATE), CAST({{year}} AS BIGINT) FROM t -- CAST(a AS BIGINT), lower(a)": "",
	} {
		got := Advise(spec(sql, "t"), func(c string) bool { return c == "x" })
		text := ""
		if len(got) > 0 {
			text = string(rune('0'+got[0].Line)) + " " + got[0].Text
		}
		if len(got) > 1 || want == "" && text != "" || !strings.HasPrefix(text, want) {
			t.Errorf("%s: %v, want %s", sql, got, want)
		}
	}
}
