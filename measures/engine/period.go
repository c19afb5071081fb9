package engine

import (
	"fmt"
	"strings"
	"time"
)

// Period is a measurement year.
type Period struct {
	Year int
}

// String returns the period as it is written in the log and in release tables.
func (p Period) String() string { return fmt.Sprintf("%04d", p.Year) }

// Check refuses years for which no claims data can exist.
func (p Period) Check() error {
	if p.Year < 1950 || p.Year > 2199 {
		return fmt.Errorf("period %d is not a year from 1950 to 2199", p.Year)
	}
	return nil
}

// Start is the first day, End the last day of the period.
func (p Period) Start() time.Time { return time.Date(p.Year, time.January, 1, 0, 0, 0, 0, time.UTC) }

// End is the last day of the period.
func (p Period) End() time.Time { return time.Date(p.Year, time.December, 31, 0, 0, 0, 0, time.UTC) }

func (p Period) dates() map[string]time.Time {
	prior := Period{Year: p.Year - 1}
	return map[string]time.Time{
		"period_start": p.Start(), "period_end": p.End(),
		"prior_start": prior.Start(), "prior_end": prior.End(),
	}
}

func (p Period) constants() map[string]string {
	c := map[string]string{
		"year": fmt.Sprint(p.Year), "prior_year": fmt.Sprint(p.Year - 1),
		"first_month": fmt.Sprintf("'%04d01'", p.Year), "last_month": fmt.Sprintf("'%04d12'", p.Year),
	}
	for name, d := range p.dates() {
		c[name] = literal(d)
	}
	c["months"] = p.months()
	return c
}

// months is a query with a row per month of the period: its name as in
// provider_attribution.year_month, and its 15th.
func (p Period) months() string {
	rows := make([]string, 12)
	for i := range rows {
		rows[i] = fmt.Sprintf("SELECT '%04d%02d' AS month, DATE '%04d-%02d-15' AS middle", p.Year, i+1, p.Year, i+1)
	}
	return strings.Join(rows, " UNION ALL ")
}

func literal(d time.Time) string { return "DATE '" + d.Format(time.DateOnly) + "'" }

// yearsBefore is the same day n years earlier; 29 February becomes 28, so that
// somebody born on a leap day has had the birthday.
func yearsBefore(d time.Time, n int) time.Time {
	e := d.AddDate(-n, 0, 0)
	if e.Day() != d.Day() {
		e = e.AddDate(0, 0, -e.Day())
	}
	return e
}
