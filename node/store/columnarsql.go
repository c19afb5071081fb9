package store

import (
	"fmt"
	"strings"
)

// source is a column of a Parquet file and how SQL reads it: value is what is kept, good whether the kind takes it; both see a
// field that is neither NULL nor the empty text.
type source struct {
	column  Column
	empty   string // the field is absent
	good    string
	value   string
	spoiled string // why a text is not good, where it is not its characters
}

// wanted says which types of a Parquet file a kind takes.
var wanted = [...]string{
	Text: "write it as text (VARCHAR), so that leading zeros are kept", Date: "write it as DATE, or as text YYYY-MM-DD",
	Timestamp: "write it as TIMESTAMP without time zone, DATE, or text", Month: "write it as text YYYYMM or a whole number",
	Integer: "write it as a whole number", Flag: "write it as BOOLEAN, 0 or 1", Cents: "write dollars as DECIMAL, DOUBLE or text",
	NDC: "write it as text (VARCHAR), so that leading zeros are kept", Micros: "",
}

const (
	sqlDay   = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	sqlClock = `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]`
)

// read says how to read a column of a file's type; ok is false where the type could lose what the kind keeps. It is the SQL of
// [Column.parse]: a test holds the two to each other.
func (c Column) read(kind string) (s source, ok bool) {
	x := `"` + c.Name + `"`
	s = source{column: c, empty: x + " IS NULL"}
	base, _, _ := strings.Cut(kind, "(")
	text := base == "VARCHAR"
	whole, small := wholeTypes[base], kind == "TINYINT" || kind == "SMALLINT"
	stamp := base == "TIMESTAMP" || base == "TIMESTAMP_S" || base == "TIMESTAMP_MS" || base == "TIMESTAMP_NS"
	if text {
		s.empty = "(" + x + " IS NULL OR " + x + " = '')"
	}
	matches := func(pattern string) string { return "regexp_full_match(" + x + ", " + quote(pattern) + ")" }
	const centuries = " BETWEEN DATE '1800-01-01' AND DATE '9999-12-31'"
	switch c.Kind {
	case Text:
		s.good = fmt.Sprintf(`(strlen(%s) <= %d AND NOT regexp_matches(%[1]s, '[\x00-\x08\x0b-\x1f\x7f]'))`, x, maxText)
		if p := c.spoiled(); p != "" {
			s.spoiled = matches(p)
			s.good = "(" + s.good + " AND NOT " + s.spoiled + ")"
		}
		s.value = c.sqlWhole(x)
		return s, text
	case NDC:
		s.good = "(" + matches(`[0-9]{11}|[0-9]{5}-[0-9]{4}-[0-9]{2}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]`) + ")"
		part := func(i, n int) string { return fmt.Sprintf("lpad(split_part(%s, '-', %d), %d, '0')", x, i, n) }
		s.value = "CASE WHEN strlen(" + x + ") = 11 AND instr(" + x + ", '-') = 0 THEN " + x + " ELSE " + part(1, 5) + " || " + part(2, 4) + " || " + part(3, 2) + " END"
		return s, text
	case Date:
		s.value = "CAST(" + x + " AS DATE)"
		switch {
		case base == "DATE":
			s.good, s.value = x+centuries, x
		case stamp:
			s.good = "(" + x + " = date_trunc('day', " + x + ") AND TRY_CAST(" + x + " AS DATE)" + centuries + ")"
		case text:
			s.good = "(" + matches(sqlDay) + " AND coalesce(TRY_CAST(" + x + " AS DATE)" + centuries + ", false))"
			s.value = "TRY_CAST(" + x + " AS DATE)"
		}
		return s, s.good != ""
	case Timestamp:
		s.value = "CAST(" + x + " AS TIMESTAMP)"
		switch {
		case base == "DATE" || stamp:
			s.good = "coalesce(TRY_CAST(" + x + " AS DATE)" + centuries + ", false)"
		case text:
			s.good = "(" + matches(sqlDay+"([ T]"+sqlClock+")?") + " AND coalesce(TRY_CAST(" + x + " AS DATE)" + centuries + ", false))"
			s.value = "TRY_CAST(" + x + " AS TIMESTAMP)"
		}
		return s, s.good != ""
	case Month:
		s.value = "CAST(" + x + " AS VARCHAR)"
		s.good = "regexp_full_match(CAST(" + x + " AS VARCHAR), '(1[89]|[2-9][0-9])[0-9]{2}(0[1-9]|1[0-2])')"
		return s, text || whole
	case Flag:
		s.value = "CAST(" + x + " AS BIGINT)"
		switch {
		case base == "BOOLEAN":
			s.good = "true"
		case whole:
			s.good = x + " IN (0, 1)"
		case text:
			s.good, s.value = x+" IN ('0', '1')", "TRY_CAST("+x+" AS BIGINT)"
		}
		return s, s.good != ""
	case Integer:
		s.value = "TRY_CAST(" + x + " AS BIGINT)"
		switch {
		case whole && base != "BIGINT" && base != "UBIGINT" && base != "HUGEINT" && base != "UHUGEINT":
			s.good, s.value = "true", "CAST("+x+" AS BIGINT)"
		case whole:
			s.good = x + " BETWEEN -999999999999999999 AND 999999999999999999"
		case base == "DECIMAL":
			s.good = "(" + x + " = round(" + x + ", 0) AND coalesce(" + s.value + " BETWEEN -999999999999999999 AND 999999999999999999, false))"
		case base == "DOUBLE": // as writers make of whole numbers with gaps
			s.good = "(" + x + " = round(" + x + ", 0) AND abs(" + x + ") <= 9007199254740991)"
		case text:
			s.good = matches(`-?[0-9]{1,18}`)
		}
		return s, s.good != ""
	case Cents:
		dollars := "TRY_CAST(" + x + " AS DECIMAL(18, 2))"
		s.value = "CAST(TRY_CAST(" + x + " AS DECIMAL(24, 2)) * 100 AS BIGINT)" // of 24 digits, so that the product has room
		switch {
		case small:
			s.good = "true"
		case whole:
			s.good = x + " BETWEEN -9999999999999999 AND 9999999999999999"
		case base == "DECIMAL":
			s.good = "(" + x + " = round(" + x + ", 2) AND " + dollars + " IS NOT NULL)"
		case base == "DOUBLE": // exactly the double that is nearest to a whole number of cents
			s.value = "TRY_CAST(round(" + x + " * 100) AS BIGINT)"
			s.good = "(abs(" + x + ") < 1e13 AND round(" + x + " * 100) / 100 = " + x + ")"
		case text:
			s.good = matches(`-?[0-9]{1,16}(\.[0-9]{1,2}0*)?`)
		}
		return s, s.good != ""
	}
	return s, false
}

var wholeTypes = map[string]bool{"TINYINT": true, "SMALLINT": true, "INTEGER": true, "BIGINT": true, "HUGEINT": true,
	"UTINYINT": true, "USMALLINT": true, "UINTEGER": true, "UBIGINT": true, "UHUGEINT": true}

// sqlMicros is the SQL of the function micros, on a text column.
func sqlMicros(from string) string {
	x := `"` + from + `"`
	return "CASE WHEN regexp_full_match(" + x + `, '-?[0-9]{1,12}(\.[0-9]{1,6}0*)?') THEN CAST(TRY_CAST(` + x + " AS DECIMAL(30, 6)) * 1000000 AS BIGINT) END"
}

// ok is the condition under which the column takes the field, absent or not.
func (s source) ok() string {
	if s.column.Required {
		return "(NOT " + s.empty + " AND " + s.good + ")"
	}
	return "(" + s.empty + " OR " + s.good + ")"
}

// checked is what is inserted: NULL, the value, or an end of the statement.
func (s source) checked() string {
	c := "CASE WHEN " + s.empty + " THEN "
	if s.column.Required {
		c += "error(" + quote(refused) + ")"
	} else {
		c += "NULL"
	}
	return c + " WHEN " + s.good + " THEN " + s.value + " ELSE error(" + quote(refused) + ") END"
}

// reason is why the kind refuses a field.
func (c Column) reason(mark int32) error {
	switch mark {
	case 1:
		return errEmpty
	case 3:
		return errSpoiled
	}
	return [...]error{errText, errDate, errStamp, errMonth, errInteger, errFlag, errCents, errNDC, errType}[c.Kind]
}
