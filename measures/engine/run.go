package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tacet-health/tacet/measures"
)

// Conn is what a query runs on: *sql.DB, *sql.Conn or *sql.Tx.
type Conn interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// maxRows bounds what a query may return; practices times strata of one payer
// stay far below.
const maxRows = 1 << 20

// Run compiles the measure, runs it and checks every row (see the package
// comment). It returns the rows sorted by practice, then stratum; no rows is
// no error. Errors name the measure and quote nothing of the data, a practice neither ([CellError]);
// ctx ends the query.
func Run(ctx context.Context, db Conn, spec *measures.Spec, period Period, slots ...Slot) ([]measures.Row, error) {
	return RunOn(ctx, DuckDB, db, spec, period, slots...)
}

// RunOn is Run for any engine.
func RunOn(ctx context.Context, dialect Dialect, db Conn, spec *measures.Spec, period Period, slots ...Slot) ([]measures.Row, error) {
	if err := checkSlots(spec, slots); err != nil {
		return nil, err
	}
	query, err := QueryFor(dialect, spec, period, slots...)
	if err != nil {
		return nil, err
	}
	rows, err := collect(ctx, db, wrap(query))
	if err == nil {
		if _, closed := closedStrata[spec.Stratify]; spec.Stratify != "" && !closed {
			rows = nameStrata(rows)
		}
		err = check(spec, rows)
	}
	if err != nil {
		return nil, fmt.Errorf("measure %s %s, period %s: %w", spec.ID, spec.Version, period, err)
	}
	out := make([]measures.Row, len(rows))
	for i, r := range rows {
		out[i] = measures.Row{Practice: r.practice.String, Stratum: r.stratum.String, Num: r.num.Int64, Den: r.den.Int64}
	}
	return out, nil
}

// checkSlots holds what fills the slots against the hashes in the definition, whoever runs it.
func checkSlots(spec *measures.Spec, slots []Slot) error {
	filled := map[string][]string{}
	for _, s := range slots {
		if s.Model == nil {
			filled[s.Name] = s.Codes
		}
	}
	if err := spec.CheckSlots(filled); err != nil {
		return fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return nil
}

// wrap casts the four columns, the texts no longer than it takes to see that they are too long. A cast rounds what is no whole number, so a
// second column says whether the cast changed the value.
func wrap(query string) string {
	return "SELECT SUBSTRING(CAST(m.practice AS VARCHAR), 1, 65), SUBSTRING(CAST(m.stratum AS VARCHAR), 1, 65), CAST(m.num AS BIGINT), CAST(m.den AS BIGINT),\n" +
		"  CASE WHEN CAST(m.num AS BIGINT) = m.num AND CAST(m.den AS BIGINT) = m.den THEN 1 ELSE 0 END\n" +
		"FROM (\n" + query + "\n) AS m"
}

type raw struct {
	practice, stratum sql.NullString
	num, den          sql.NullInt64
	whole             bool
}

// CellError is a row that a payer may not contribute. Its text does not name the row: a query may put what it likes in the place of a practice. Who
// shows it to the payer's own people on their own screen may add Cell.
type CellError struct {
	Row    int // from 1, sorted by practice and stratum
	reason error
	cell   raw
}

func (e *CellError) Error() string {
	return fmt.Sprintf("row %d of the result, by practice and stratum: %v", e.Row, e.reason)
}

// Cell names the row: for the payer alone.
func (e *CellError) Cell() string {
	return fmt.Sprintf("practice %.80q, stratum %.80q", e.cell.practice.String, e.cell.stratum.String)
}

func collect(ctx context.Context, db Conn, query string) ([]raw, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, describe(ctx, err)
	}
	defer rows.Close()
	var out []raw
	for rows.Next() {
		var r raw
		var whole int64
		if err := rows.Scan(&r.practice, &r.stratum, &r.num, &r.den, &whole); err != nil {
			return nil, errors.New("the query returns a column of an unexpected type; want practice and stratum as text, num and den as integers")
		}
		if len(out) == maxRows {
			return nil, fmt.Errorf("the query returns more than %d rows", maxRows)
		}
		r.whole = whole == 1
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, describe(ctx, Withheld(ctx, err))
	}
	return out, nil
}

// check sorts the rows and holds them to what a payer may contribute.
func check(spec *measures.Spec, rows []raw) error {
	slices.SortStableFunc(rows, func(a, b raw) int {
		if c := strings.Compare(a.practice.String, b.practice.String); c != 0 {
			return c
		}
		return strings.Compare(a.stratum.String, b.stratum.String)
	})
	for i, r := range rows {
		if err := checkRow(spec, r); err != nil {
			return &CellError{i + 1, err, r}
		}
		if i > 0 && rows[i-1].practice == r.practice && rows[i-1].stratum == r.stratum {
			return &CellError{i + 1, errors.New("its practice and stratum come twice; the query must return one row per practice and stratum"), r}
		}
	}
	return nil
}

func checkRow(spec *measures.Spec, r raw) error {
	switch {
	case !r.practice.Valid || !label(r.practice.String):
		return errors.New("the practice is empty or not a short printable text; leave such rows out in the SQL")
	case !r.stratum.Valid || !label(r.stratum.String):
		return errors.New("the stratum is empty or not a short printable text; an unstratified measure returns 'all'")
	case !r.num.Valid || !r.den.Valid:
		return errors.New("num or den is NULL; use COALESCE")
	case !r.whole:
		return errors.New("num or den is not a whole number")
	case r.num.Int64 < 0 || r.den.Int64 < 0:
		return errors.New("num or den is negative")
	case spec.Type == measures.Proportion && r.num.Int64 > r.den.Int64:
		return errors.New("num is above den in a proportion")
	case r.num.Int64 > spec.Cap.Num:
		return fmt.Errorf("num is above the measure's cap of %d; nothing is contributed until the measure has a larger cap", spec.Cap.Num)
	case r.den.Int64 > spec.Cap.Den:
		return fmt.Errorf("den is above the measure's cap of %d; nothing is contributed until the measure has a larger cap", spec.Cap.Den)
	}
	return nil
}

// label is what may name a practice or stratum in a roster: 1 to 64 bytes of
// printable UTF-8 without space at the ends.
func label(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// describe keeps the class of a database's error and, where the text can only
// quote the measure's own SQL, the text. Conversion and overflow errors quote
// the member data they met, so theirs is withheld.
func describe(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("the query was stopped: %w", cause)
	}
	switch class := class(err); class {
	case "Binder Error", "Parser Error", "Catalog Error":
		text, _, _ := strings.Cut(err.Error(), "\n\nLINE ") // the line may hold a payer's own codes
		return fmt.Errorf("the database refused the query: %.600s", text)
	case "Out of Memory Error":
		return errors.New("the query needs more memory than the store allows; raise the store's memory limit")
	case "":
		return errors.New("the query failed in the database with an error (its text is withheld: it may quote data)")
	default:
		return fmt.Errorf("the query failed in the database with %s (its text is withheld: it may quote data)", class)
	}
}

// classes are how a database's error may begin for its beginning to be repeated: words, and a code as of SQLSTATE.
var classes = regexp.MustCompile(`^[A-Za-z_ ]{0,32}( [0-9A-Z]{5})? ?Error$`)

func class(err error) string {
	c, _, ok := strings.Cut(err.Error(), ": ")
	if !ok || !classes.MatchString(c) {
		return ""
	}
	return c
}

// Withheld is an error of a query that ran, or began to, for whoever passes it on: what the database calls it and nothing of its text, which may quote data whatever it is
// called (a text taken for the name of a table is "not found"). An error of the context stays.
func Withheld(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	switch c := class(err); {
	case c == "Out of Memory Error":
		return errors.New(c + ": withheld")
	case c == "":
		return errors.New("Execution Error: withheld")
	default:
		return errors.New("Execution " + strings.TrimPrefix(c, "Execution ") + ": withheld")
	}
}
