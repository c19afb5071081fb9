package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// Joined is a column of the embedded table that holds the texts of several others side by side, for one search instead of many comparisons: before and after
// each text a unit separator, which no text holds (see [Text]), and at the end a record separator where none of the columns is NULL, so that a search
// that finds nothing knows whether the answer is false or NULL, as a chain of comparisons does. NULL where all are.
type Joined struct {
	Name string
	From []string
}

const between, complete = "\x1f", "\x1e"

// joined is x_codes, made of x_code_1 … x_code_25. measures/engine knows the name and the form.
func joined(code string) Joined {
	j := Joined{Name: code + "s"}
	for n := range 25 {
		j.From = append(j.From, fmt.Sprintf("%s_%d", code, n+1))
	}
	return j
}

// value joins the texts at the positions of a row; fewer positions than columns means that some are NULL throughout.
func (j Joined) value(row []driver.Value, at []int) driver.Value {
	var b strings.Builder
	n := 0
	for _, i := range at {
		if text, ok := row[i].(string); ok {
			b.WriteString(between + text)
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case len(j.From):
		return b.String() + between + complete
	}
	return b.String() + between
}

// sql is value in the database, over those of the columns that are there.
func (j Joined) sql(there func(string) bool) string {
	var texts, all []string
	for _, c := range j.From {
		if there(c) {
			texts, all = append(texts, "nullif("+c+", '')"), append(all, "nullif("+c+", '') IS NOT NULL")
		}
	}
	if len(texts) == 0 {
		return "NULL"
	}
	end := ""
	if len(texts) == len(j.From) {
		end = " || CASE WHEN " + strings.Join(all, " AND ") + " THEN chr(30) ELSE '' END"
	}
	list := strings.Join(texts, ", ")
	return "CASE WHEN coalesce(" + list + ", NULL) IS NOT NULL THEN chr(31) || concat_ws(chr(31), " + list + ") || chr(31)" + end + " END"
}
