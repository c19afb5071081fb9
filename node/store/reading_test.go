package store

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// independent reads a file by what the documents say of each column, with nothing of the loader's: rows of column → what the table must hold, as text, or
// why the file must be refused.
func independent(t Table, raw []byte) (rows []map[string]string, why string) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	in := csv.NewReader(bytes.NewReader(raw))
	var header []string
	keys := map[string]bool{}
	for {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, "it is no CSV of one width"
		}
		if header == nil {
			header = slices.Clone(record)
			if why = heading(t, header); why != "" {
				return nil, why
			}
			continue
		}
		row := map[string]string{}
		for i, name := range header {
			for _, c := range t.Columns {
				if c.Name != name {
					continue
				}
				v, null, ok := meaning(c, record[i])
				if !ok || null && c.Required {
					return nil, "a field of " + name + " is no " + c.Kind.String()
				}
				if !null {
					row[name] = v
				}
			}
		}
		for _, c := range t.Columns {
			if v, ok := row[c.From]; ok && c.Kind == Micros && micro.MatchString(v) {
				n, _ := new(big.Rat).SetString(v)
				row[c.Name] = n.Mul(n, big.NewRat(1_000_000, 1)).RatString()
			}
		}
		key := ""
		for _, k := range t.Key {
			key += fmt.Sprintf("%q ", row[k])
		}
		if key != "" && keys[key] {
			return nil, "a key comes twice"
		}
		keys[key] = true
		rows = append(rows, row)
	}
	switch {
	case header == nil:
		return nil, "it is empty"
	case raw[len(raw)-1] != '\n':
		return nil, "its last line has no end"
	}
	return rows, ""
}

var micro = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,6}0*)?$`)

func heading(t Table, header []string) string {
	for i, name := range header {
		kept := slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name && c.Kind != Micros })
		if !kept && !slices.Contains(t.Ignored, name) || slices.Contains(header[:i], name) {
			return "its header has a column that is unknown or there twice"
		}
	}
	for _, c := range t.Columns {
		if c.Required && !slices.Contains(header, c.Name) {
			return c.Name + " is missing"
		}
	}
	return ""
}

var (
	wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	money       = regexp.MustCompile(`^-?[0-9]{1,16}(\.[0-9]{1,2}0*)?$`)
	month       = regexp.MustCompile(`^(1[89]|[2-9][0-9])[0-9]{2}(0[1-9]|1[0-2])$`)
	ndc         = regexp.MustCompile(`^([0-9]{11}|[0-9]{5}-[0-9]{4}-[0-9]{2}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9])$`)
	exponent    = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+[0-9]+$`)
	fraction    = regexp.MustCompile(`^[0-9]+\.0+$`)
	zipCut      = regexp.MustCompile(`^([0-9]{3,4}|[0-9]{7,8}|[0-9]{3,4}-[0-9]{4})$`)
	digitsOnly  = regexp.MustCompile(`^[0-9]+$`)
	endsAsCode  = regexp.MustCompile(`(_id|_npi|_code|_rxcui|_practice)$`)
)

// meaning is what a field says, as the table holds it.
func meaning(c Column, s string) (v string, null, ok bool) {
	if s == "" {
		return "", true, true
	}
	stamp := func(layouts ...string) (time.Time, bool) {
		for _, l := range layouts {
			if d, err := time.Parse(l, s); err == nil && d.Format(l) == s && d.Year() >= 1800 {
				return d, true
			}
		}
		return time.Time{}, false
	}
	switch c.Kind {
	case Date:
		d, ok := stamp(time.DateOnly)
		return d.Format(time.DateOnly), false, ok
	case Timestamp:
		d, ok := stamp(time.DateOnly, time.DateTime, "2006-01-02T15:04:05")
		return d.Format(time.DateTime), false, ok
	case Month:
		return s, false, month.MatchString(s)
	case Integer:
		n, _ := new(big.Int).SetString(s, 10)
		return fmt.Sprint(n), false, wholeNumber.MatchString(s)
	case Flag:
		return s, false, s == "0" || s == "1"
	case Cents:
		n, is := new(big.Rat).SetString(s)
		if !is || !money.MatchString(s) {
			return "", false, false
		}
		return n.Mul(n, big.NewRat(100, 1)).RatString(), false, true
	case NDC:
		if !ndc.MatchString(s) {
			return "", false, false
		}
		for i, part := range strings.Split(s, "-") {
			if strings.Contains(s, "-") {
				part = fmt.Sprintf("%0*s", []int{5, 4, 2}[i], part)
			}
			v += part
		}
		return v, false, true
	}
	if !utf8.ValidString(s) || len(s) > 4096 || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f }) {
		return "", false, false
	}
	width := map[string]int{"revenue_center_code": 4, "place_of_service_code": 2, "discharge_disposition_code": 2, "drg_code": 3}[c.Name]
	clinical := strings.HasPrefix(c.Name, "diagnosis_code_") || strings.HasPrefix(c.Name, "procedure_code_") || c.Name == "source_code"
	switch code := endsAsCode.MatchString(c.Name); {
	case c.Name == "dual_status_code":
		if fraction.MatchString(s) && len(s) <= 4 && strings.HasSuffix(s, ".0") {
			s = s[:len(s)-2]
		}
	case (code || clinical) && exponent.MatchString(s), code && !clinical && fraction.MatchString(s), c.Name == "zip_code" && zipCut.MatchString(s):
		return "", false, false
	case digitsOnly.MatchString(s) && len(s) < width:
		s = fmt.Sprintf("%0*s", width, s)
	}
	return s, false, true
}
