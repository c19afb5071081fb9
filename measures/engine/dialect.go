package engine

import (
	"fmt"
	"strings"
)

// Dialect is a database's way to write the few things in which the engines
// differ. A measure's text knows none of them: they are all in this file.
type Dialect uint8

// The dialects. DuckDB is the embedded engine and the zero value.
const (
	DuckDB Dialect = iota
	PostgreSQL
	Trino

	// neutral is what the lint reads: placeholders where the engines differ, so
	// that an operator or function of one engine need not be in the subset.
	neutral Dialect = 255
)

// String is the dialect's name as configuration and errors write it.
func (d Dialect) String() string {
	switch d {
	case DuckDB:
		return "duckdb"
	case PostgreSQL:
		return "postgresql"
	case Trino:
		return "trino"
	}
	return "neutral"
}

// quotient stands for integer division before the lint, because "/" is not in
// the subset.
const quotient = "tacet_quotient"

// div is ⌊a/b⌋ for a ≥ 0 and b > 0, whatever whole type a and b have: a sum of
// BIGINT is a HUGEINT in DuckDB, a NUMERIC in PostgreSQL and a BIGINT in Trino.
func (d Dialect) div(a, b string) string {
	switch d {
	case DuckDB:
		return "((" + a + ") // (" + b + "))"
	case PostgreSQL:
		return "DIV(CAST(" + a + " AS NUMERIC), CAST(" + b + " AS NUMERIC))"
	case Trino:
		return "(CAST(" + a + " AS BIGINT) / CAST(" + b + " AS BIGINT))"
	}
	return "((" + a + ") " + quotient + " (" + b + "))"
}

// daysBetween is the number of days from date a to date b.
func (d Dialect) daysBetween(a, b string) string {
	if d == Trino {
		return "date_diff('day', CAST(" + a + " AS DATE), CAST(" + b + " AS DATE))"
	}
	return "(CAST(" + b + " AS DATE) - CAST(" + a + " AS DATE))"
}

// addDays is date a plus n days, a date.
func (d Dialect) addDays(a, n string) string {
	if d == Trino {
		return "date_add('day', CAST(" + n + " AS BIGINT), CAST(" + a + " AS DATE))"
	}
	return "(CAST(" + a + " AS DATE) + CAST(" + n + " AS INTEGER))"
}

// textOrder orders text by its bytes, as DuckDB and Trino do by themselves; in
// PostgreSQL the database's locale would decide, and ties would fall otherwise.
func (d Dialect) textOrder(a string) string {
	if d == PostgreSQL {
		return "(" + a + ") COLLATE \"C\""
	}
	return "(" + a + ")"
}

// age is completed years: somebody born on 29 February has the birthday of a
// common year on 1 March.
func age(birth, on string) string {
	month := func(x string) string {
		return fmt.Sprintf("EXTRACT(MONTH FROM %s) * 100 + EXTRACT(DAY FROM %s)", x, x)
	}
	return fmt.Sprintf("(EXTRACT(YEAR FROM %s) - EXTRACT(YEAR FROM %s) - CASE WHEN %s < %s THEN 1 ELSE 0 END)", on, birth, month(on), month(birth))
}

// diagnosisRows is a query of the lines of medical_claim that meet a condition, a row for each of their diagnosis codes. DuckDB reads column by column,
// and most of the 25 are nearly empty; the others would read the table 25 times, so they take a line apart.
func (d Dialect) diagnosisRows(condition string) string {
	codes := numbered("diagnosis_code")
	switch d {
	case PostgreSQL:
		return "SELECT person_id, claim_start_date AS day, c.code FROM medical_claim CROSS JOIN LATERAL (VALUES (" + strings.Join(codes, "), (") +
			")) AS c (code) WHERE c.code IS NOT NULL AND (" + condition + ")"
	case Trino:
		return "SELECT person_id, claim_start_date AS day, c.code FROM medical_claim CROSS JOIN UNNEST(ARRAY[" + strings.Join(codes, ", ") +
			"]) AS c (code) WHERE c.code IS NOT NULL AND (" + condition + ")"
	}
	var each []string
	for _, code := range codes {
		each = append(each, "SELECT person_id, claim_start_date AS day, "+code+" AS code FROM medical_claim WHERE "+code+" IS NOT NULL AND ("+condition+")")
	}
	return strings.Join(each, " UNION ALL ")
}
