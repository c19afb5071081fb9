package synthetic

import "time"

// day is a calendar day as days since origin, which lies before every birth. The zero value means "none".
type day int

// origin is days from 1 January 1970 back to day 0, in March 1696.
const origin = 100000

func dayOf(y, m, d int) day {
	return day(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix()/86400 + origin)
}

// append writes the day as YYYY-MM-DD; nothing for none.
func (d day) append(b []byte) []byte {
	if d == 0 {
		return b
	}
	return d.time().AppendFormat(b, time.DateOnly)
}

func (d day) time() time.Time { return time.Unix(int64(d-origin)*86400, 0).UTC() }

// inYear draws a day of a year.
func (r *random) inYear(y int) day { return r.days(dayOf(y, 1, 1), dayOf(y, 12, 31)) }

// days draws a day from the two and what lies between.
func (r *random) days(from, to day) day { return day(r.between(int(from), int(to))) }
