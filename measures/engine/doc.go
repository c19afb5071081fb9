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
//     A CTE's name stands from the end of its definition on, in its query and
//     those within; elsewhere it would be a table of the database.
//   - Functions: see allowedFunctions. None reads a clock, a file, a setting or
//     randomness; none yields a value that depends on row order alone. ROW_NUMBER,
//     RANK, LAG and LEAD have an ORDER BY; a frame of ROWS has one too.
//   - What engines read differently is written in the one way they share: whole
//     numbers only (no fractions, no DECIMAL), CAST to six types without a length,
//     EXTRACT of YEAR, MONTH and DAY, SUBSTRING from a place from 1, LIKE and
//     REPLACE with texts written out, MOD by a number that is not 0, literals of
//     no type but DATE and TIMESTAMP, no text that stands for the present ('today').
//   - Sizes: 16 times ||, REPLACE by nothing longer, CASE 64 deep, 200 queries in
//     one: so a text stays in memory and a database's parser on its stack.
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
//	{{date(year, 7, 1)}}                DATE '2010-07-01'; year or prior_year
//	{{age(birth, d)}}                   completed years on date d; born on 29 February: the birthday of a common year is 1 March
//	{{year_month(d)}}                   '201007', as in provider_attribution.year_month
//	{{text_order(x)}}                   x, ordered by its bytes on every engine: for ties
//	{{codes(name)}}                     ('A','B',…): the codes of a value set and of its filled slot, sorted
//	{{begins(x, name)}}                 x begins with one of the codes
//	{{diagnosis(name)}}                 one of the 25 diagnosis columns is a code of the set; {{procedure(name)}} likewise
//	{{diagnosis_rows(condition)}}       SELECT of person_id, day and code: a row for each diagnosis code of the claim lines that meet the condition
//	{{diagnosis_begins(name)}}          one of them begins with a code; {{procedure_begins(name)}} likewise
//
// Arguments that are SQL expressions may contain macros.
//
// # Building blocks
//
// What measures share is written once, in the SQL files of the folder blocks, each with its comment: who is enrolled, alive, of an age,
// attributed to which practice in which month, which claim lines stand after duplicates and reversals, what is a stay or an
// emergency visit. A measure names a block with its version in its WITH list:
//
//	WITH {{cohort_v1(45, 50, 75)}},
//	{{lines_v1(tests, claim_start_date BETWEEN {{period_start}} AND {{period_end}} AND hcpcs_code IN {{codes(tests)}})}},
//	result AS (
//	  SELECT c.person_id, c.practice, 1 AS initial_population, 1 AS denominator, c.hospice AS exclusion, 0 AS exception, … AS numerator
//	  FROM cohort c …
//	)
//	{{summary_v1(1, 1)}}
//
// The version is part of the measure's text, so the hash that is voted on says which block is meant; the text of a released block never
// changes, which a test holds. A measure of that form, with a CTE result of these seven columns and summary_v1 at the end, can also be run by
// person ([Members]) and by stratum ([Stratified]).
//
// Blocks that take nothing of the measure's own (attribution, member months, enrolment, hospice, stays, emergency visits) become the same text in every
// measure of a period. [SharedIn] finds them in a compiled query, so that a store can compute their rows once (node/store).
//
// # Expected values
//
// A measure of type observed_expected names a block of observations and expected_v1 behind it:
//
//	WITH {{readmissions_v1()}},
//	{{expected_v1()}},
//	result AS (SELECT person_id, practice, … SUM(expected) AS denominator, … SUM(observed) AS numerator FROM expected GROUP BY person_id, practice)
//
// [Observe] reads the same observations for the fit of the model (measures/risk, whose outcomes are the blocks), so over the people it was fitted to expected
// adds up to observed, but for the ridge, the cut at nothing and the rounding. The model is given at query time ([Slot]): its coefficients stand in the query as
// integers, its categories, caps and bands as rows and cases. Without the model, or with one of another outcome, the measure does not compile; only the
// reader's forms (Check, CheckColumns) do without. Expected is in 10⁻⁴ of the outcome's unit, each observation rounded down and at least 1: a denominator
// of nothing would drop what was observed beside it.
//
// # Strata
//
// [Stratified] derives the measure by one dimension: a definition of its own, with the id BASE-by-KIND, to be voted on. dual (dual eligibility or low
// income subsidy at any time of the period) and deprivation (quintile of the place of residence, by the table deprivation_index) have fixed strata;
// race, ethnicity and language are as the payers hold them, by the name [StratumName] gives a value (lower case, hyphens for spaces and for what is not
// ASCII), the same on every engine, and a run names those it releases ([StrataOf]). Everybody is in one stratum of a dimension, those without a value in
// "unknown"; people in a stratum that a run does not name are in no figure of it, and a payer's preview says how many they are.
//
// # Engines
//
// One text runs on DuckDB, PostgreSQL and Trino: the [Dialect] decides what the macros become, and all that differs between the engines
// is in the macros. The lint reads a neutral form and so is the same for all. Where a macro asks 25 columns for the codes of a set, PostgreSQL gets a chain
// of comparisons, DuckDB one search in their joined text, Trino one any_match over an array: the same value for every row, NULL included.
//
// # What is checked in the result
//
// num and den are whole numbers ≥ 0 that fit 63 bits, neither is NULL,
// practice and stratum are short printable texts, no (practice, stratum) comes
// twice, num ≤ den in a proportion, and both stay within the measure's caps.
// An error names the row's place in that order, never a value: a query may put
// what it likes in the place of a practice ([CellError] has it for the payer's own
// screen). Rows are returned sorted by (practice, stratum) in byte order. What a
// database says of a query that ran is passed on as its class alone ([Withheld]):
// a member's value taken for the name of a table is "not found".
package engine
