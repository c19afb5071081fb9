// Package engine turns a measure's SQL into one query for one period, refuses
// what is more than a query over the declared inputs, runs it over
// database/sql and checks what comes back. It knows no database driver.
//
// # The SQL a measure may use
//
// One SELECT (or WITH … SELECT) in the subset of ANSI SQL that reads the same
// on DuckDB, PostgreSQL and Trino, returning the four columns practice,
// stratum, num and den. The lint is a whitelist: a character, word or function
// it does not know is refused, so a database's dialect can add nothing.
//
//   - Tables after FROM and JOIN: the declared inputs and the query's own CTEs,
//     by bare name. No schema, no table function, no quoted name, no file.
//   - Functions: see allowedFunctions. None reads a clock, a file, a setting or
//     randomness; none yields a value that depends on row order alone.
//   - Words that start another statement or change state are refused anywhere.
//   - No semicolon, block comment, parameter, dollar quote, escape string,
//     backslash, double quote, brace or bracket. A line comment (-- …) is taken
//     out before anything else looks at the text.
//   - No "/": it divides integers on one engine and makes a fraction on
//     another. {{div(a, b)}} is the integer quotient.
//
// The lint is the first of three layers. The second is the database itself:
// node/store asks DuckDB's parser for the statement's kind and tables. The
// third is the sandbox the query runs in.
//
// # Macros
//
// Values are computed here and inlined as literals; the database's clock and
// calendar take no part.
//
//	{{period_start}} {{period_end}}     DATE '2010-01-01', DATE '2010-12-31'
//	{{prior_start}} {{prior_end}}       the same days of the year before
//	{{year}} {{prior_year}}             2010, 2009
//	{{first_month}} {{last_month}}      '201001', '201012' (as in provider_attribution.year_month)
//	{{years_before(period_end, 45)}}    DATE '1965-12-31'; any of the four dates; 29 February becomes 28
//	{{days_before(period_start, 14)}}   DATE '2009-12-18'
//	{{days_after(period_end, 30)}}      DATE '2011-01-30'
//	{{days_between(a, b)}}              days from date a to date b, as an integer
//	{{add_days(d, n)}}                  date d plus n days
//	{{div(a, b)}}                       ⌊a/b⌋ for a ≥ 0, b > 0
//	{{codes(name)}}                     ('A','B',…): the codes of a value set and of its filled slot, sorted
//
// Arguments of the last five are SQL expressions and may contain macros of the
// first group.
//
// # What is checked in the result
//
// num and den are whole numbers ≥ 0 that fit 63 bits, neither is NULL,
// practice and stratum are short printable texts, no (practice, stratum) comes
// twice, num ≤ den in a proportion, and both stay within the measure's caps.
// An error names the cell, never the value. Rows are returned sorted by
// (practice, stratum) in byte order.
package engine
