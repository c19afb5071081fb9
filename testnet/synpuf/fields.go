package synpuf

import (
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day as days since 1 January 1970; NoDate stands for a blank field.
type Date int32

// NoDate is the blank date.
const NoDate Date = -1 << 31

// String is the ISO form, YYYY-MM-DD, or "" for NoDate.
func (d Date) String() string {
	if d == NoDate {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// Time is midnight UTC of the day. It must not be called on NoDate.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// parseDate reads YYYYMMDD and refuses what the calendar does not have (20090229), and years before 1800, as the store does.
func parseDate(s string) (Date, bool) {
	if len(s) != 8 {
		return NoDate, false
	}
	n := 0
	for i := range 8 {
		if s[i] < '0' || s[i] > '9' {
			return NoDate, false
		}
		n = 10*n + int(s[i]-'0')
	}
	y, m, d := n/10000, n/100%100, n%100
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 1800 || t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return NoDate, false
	}
	return Date(t.Unix() / 86400), true
}

// date reads a date column; blank is NoDate where it is allowed.
func (r *rows) date(column string, blankAllowed bool) (Date, error) {
	s := r.text(column)
	if s == "" && blankAllowed {
		return NoDate, nil
	}
	d, ok := parseDate(s)
	if !ok {
		return NoDate, r.bad(column, "not a calendar date of the form YYYYMMDD")
	}
	return d, nil
}

// cents reads an amount in dollars with at most two decimals, possibly negative, as whole cents.
func (r *rows) cents(column string) (int64, error) {
	s, neg := strings.CutPrefix(r.text(column), "-")
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 12 || len(frac) > 2 || point && frac == "" {
		return 0, r.bad(column, "not an amount of dollars and cents")
	}
	for len(frac) < 2 {
		frac += "0"
	}
	var n int64
	for _, c := range []byte(whole + frac) {
		if c < '0' || c > '9' {
			return 0, r.bad(column, "not an amount of dollars and cents")
		}
		n = 10*n + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, nil
}

// whole reads a whole number lo…hi.
func (r *rows) whole(column string, lo, hi int) (int, error) {
	s := r.text(column)
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > hi {
			return 0, r.bad(column, fmt.Sprintf("not a whole number from %d to %d", lo, hi))
		}
		n = 10*n + int(c-'0')
	}
	if s == "" || n < lo || n > hi {
		return 0, r.bad(column, fmt.Sprintf("not a whole number from %d to %d", lo, hi))
	}
	return n, nil
}

// flag reads a condition flag of the beneficiary file: 1 yes, 2 no.
func (r *rows) flag(column string) (bool, error) {
	switch r.text(column) {
	case "1":
		return true, nil
	case "2":
		return false, nil
	}
	return false, r.bad(column, "not a flag: 1 (yes) or 2 (no)")
}

func isAmount(column string) bool {
	return strings.HasPrefix(column, "MEDREIMB_") || strings.HasPrefix(column, "BENRES_") || strings.HasPrefix(column, "PPPYMT_")
}
