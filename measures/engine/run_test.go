package engine

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

func row(practice, stratum string, num, den int64) raw {
	return raw{sql.NullString{String: practice, Valid: true}, sql.NullString{String: stratum, Valid: true},
		sql.NullInt64{Int64: num, Valid: true}, sql.NullInt64{Int64: den, Valid: true}, true}
}

func TestCheck(t *testing.T) {
	m := spec("", "t")
	m.Cap = measures.Cap{Num: 50, Den: 60}
	half, null := row("p", "all", 1, 2), row("p", "all", 1, 2)
	half.whole, null.den.Valid = false, false
	for _, c := range []struct {
		rows []raw
		want string
	}{
		{[]raw{row("b", "all", 1, 2), row("a", "y", 0, 0), row("a", "x", 50, 60)}, ""},
		{[]raw{row("p", "all", 1, 2), row("q", "all", 1, 2), row("p", "all", 3, 4)}, "row 2 of the result, by practice and stratum: its practice and stratum come twice"},
		{[]raw{row("p", "all", 3, 2)}, "num is above den"},
		{[]raw{row("p", "all", -1, 2)}, "negative"},
		{[]raw{row("p", "all", 51, 59)}, "num is above the measure's cap of 50"},
		{[]raw{row("p", "all", 5, 61)}, "den is above the measure's cap of 60"},
		{[]raw{row("", "all", 1, 2)}, "practice is empty"},
		{[]raw{row("p\n", "all", 1, 2)}, "practice is empty"},
		{[]raw{row(strings.Repeat("p", 65), "all", 1, 2)}, "practice is empty"},
		{[]raw{row("p", " all", 1, 2)}, "stratum is empty"},
		{[]raw{half}, "not a whole number"},
		{[]raw{null}, "NULL"},
	} {
		err := check(m, c.rows)
		if c.want == "" {
			if err != nil || c.rows[0].practice.String != "a" || c.rows[0].stratum.String != "x" {
				t.Errorf("%v %v", c.rows, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.rows, err, c.want)
		} else if cell, ok := errors.AsType[*CellError](err); !ok || strings.Contains(err.Error(), c.rows[cell.Row-1].practice.String) && len(c.rows[cell.Row-1].practice.String) > 1 || !strings.Contains(cell.Cell(), "practice") {
			t.Errorf("%v: does not keep the row to itself", err)
		}
	}
	m.Type = measures.Ratio
	if err := check(m, []raw{row("p", "all", 3, 2)}); err != nil {
		t.Error("a ratio may be above 1:", err)
	}
}

func TestDescribeWithholdsData(t *testing.T) {
	for text, want := range map[string]string{
		"Binder Error: column nothere":                             "nothere",
		"Conversion Error: Could not convert string 'JOHN' to INT": "Conversion Error (its text is withheld",
		"JOHN 1950":                           "with an error (its text is withheld",
		"pq: JOHN: Error":                     "with an error (its text is withheld",
		"Out of Range Error: JOHN * 99999999": "Out of Range Error (its text is withheld",
	} {
		err := describe(context.Background(), errors.New(text))
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "JOHN") {
			t.Errorf("%s: %v", text, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := describe(ctx, errors.New("INTERRUPT Error: JOHN")); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "JOHN") {
		t.Error(err)
	}
}
