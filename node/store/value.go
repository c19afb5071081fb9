package store

import (
	"database/sql/driver"
	"errors"
	"time"
	"unicode/utf8"
)

// maxText is the longest text a column takes, in bytes.
const maxText = 4096

var (
	errEmpty   = errors.New("is empty but required")
	errText    = errors.New("is not valid UTF-8 text without control characters of at most 4096 bytes (a file in Latin-1 has to be converted first)")
	errDate    = errors.New("is not a day YYYY-MM-DD from 1800-01-01 to 9999-12-31")
	errStamp   = errors.New("is neither YYYY-MM-DD nor YYYY-MM-DD HH:MM:SS")
	errMonth   = errors.New("is not a month YYYYMM")
	errInteger = errors.New("is not a whole number of at most 18 digits")
	errFlag    = errors.New("is neither 0 nor 1")
	errCents   = errors.New("is not an amount in dollars with at most two decimals")
	errNDC     = errors.New("is no NDC of a known layout: 11 digits, or with hyphens 5-4-2, 4-4-2, 5-3-2 or 5-4-1 (ten digits without hyphens can mean three packages)")
	errType    = errors.New("has a Go type the column does not take")
)

// accept checks a value given to Append.
func (c Column) accept(v any) (driver.Value, error) {
	if v == nil || v == "" {
		if c.Required {
			return nil, errEmpty
		}
		return nil, nil
	}
	switch x := v.(type) {
	case string:
		if c.Kind == Text || c.Kind == Month || c.Kind == NDC {
			return c.parse(x)
		}
	case time.Time:
		if c.Kind == Date || c.Kind == Timestamp {
			if x.Year() < 1800 || x.Year() > 9999 {
				return nil, errDate
			}
			return x, nil
		}
	case int:
		return c.accept(int64(x))
	case int64:
		switch {
		case c.Kind == Flag && x != 0 && x != 1:
			return nil, errFlag
		case c.Kind == Integer || c.Kind == Flag || c.Kind == Cents:
			return x, nil
		}
	}
	return nil, errType
}

// parse reads a field of a file; the empty field is NULL.
func (c Column) parse(s string) (driver.Value, error) {
	if s == "" {
		if c.Required {
			return nil, errEmpty
		}
		return nil, nil
	}
	switch c.Kind {
	case Text:
		if len(s) > maxText || !plainText(s) {
			return nil, errText
		}
		if c.isSpoiled(s) {
			return nil, errSpoiled
		}
		return c.whole(s), nil
	case Date:
		if d, ok := parseDate(s); ok {
			return d, nil
		}
		return nil, errDate
	case Timestamp:
		if d, ok := parseStamp(s); ok {
			return d, nil
		}
		return nil, errStamp
	case Month:
		if m, ok := digits(s); len(s) == 6 && ok && m%100 >= 1 && m%100 <= 12 && m >= 180000 {
			return s, nil
		}
		return nil, errMonth
	case Integer:
		if n, ok := integer(s); ok {
			return n, nil
		}
		return nil, errInteger
	case Flag:
		switch s {
		case "0":
			return int64(0), nil
		case "1":
			return int64(1), nil
		}
		return nil, errFlag
	case NDC:
		if code, ok := parseNDC(s); ok {
			return code, nil
		}
		return nil, errNDC
	case Cents:
		if n, ok := fixed(s, 2); ok {
			return n, nil
		}
		return nil, errCents
	}
	return nil, errType
}

func plainText(s string) bool {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 && s[i] != '\n' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
		ascii = ascii && s[i] < 0x80
	}
	return ascii || utf8.ValidString(s)
}

func parseDate(s string) (time.Time, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	y, ok1 := digits(s[:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:])
	if !ok1 || !ok2 || !ok3 || y < 1800 || m < 1 || m > 12 || d < 1 {
		return time.Time{}, false
	}
	t := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
	return t, t.Day() == int(d) // 30 February has rolled over
}

func parseStamp(s string) (time.Time, bool) {
	if len(s) == 10 {
		return parseDate(s)
	}
	if len(s) != 19 || s[10] != ' ' && s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	day, ok := parseDate(s[:10])
	h, ok1 := digits(s[11:13])
	m, ok2 := digits(s[14:16])
	sec, ok3 := digits(s[17:])
	if !ok || !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || sec > 59 {
		return time.Time{}, false
	}
	return day.Add(time.Duration(h*3600+m*60+sec) * time.Second), true
}

func digits(s string) (int64, bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

func integer(s string) (int64, bool) {
	if s[0] == '-' {
		n, ok := digits(s[1:])
		return -n, ok
	}
	return digits(s)
}

// fixed reads a decimal exactly, as a whole number of 10^-places: no float is
// ever formed. Further decimals must be zeros.
func fixed(s string, places int) (int64, bool) {
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	whole, frac := s, ""
	for i := 0; i < len(s); i++ {
		if s[i] == '.' {
			if whole, frac = s[:i], s[i+1:]; frac == "" {
				return 0, false
			}
			break
		}
	}
	for len(frac) > places && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	n, ok := digits(whole)
	if !ok || len(frac) > places || len(whole)+places > 18 {
		return 0, false
	}
	for i := 0; i < places; i++ {
		n *= 10
		if i < len(frac) {
			if frac[i] < '0' || frac[i] > '9' {
				return 0, false
			}
			n += int64(frac[i] - '0')
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

// micros derives millionths from a result's text; a text that is not a plain
// decimal ("<5", "positive") or has more than six decimals has none.
func micros(s string) (int64, bool) {
	if s == "" || s == "-" {
		return 0, false
	}
	return fixed(s, 6)
}
