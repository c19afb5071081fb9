package store

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// sample is a good field of a column, in the form of a file; the marker must show in no error.
func sample(c Column, row int) string {
	switch c.Kind {
	case Date:
		return fmt.Sprintf("20%02d-0%d-2%d", 10+row, 1+row, row)
	case Timestamp:
		return []string{"2024-02-29", "2024-02-29 23:59:59", "2024-03-01T00:00:00"}[row%3]
	case Month:
		return fmt.Sprintf("20%02d0%d", 10+row, 1+row)
	case Integer:
		return fmt.Sprint(row*7 - 3)
	case Flag:
		return fmt.Sprint(row % 2)
	case Cents:
		return []string{"12.50", "-0.07", "100", "1234567.8", "0.1", "7.000"}[row%6]
	case NDC:
		return []string{"00071015523", "0002-3227-30", "50242-040-62"}[row%3]
	}
	for name, v := range map[string]string{"revenue_center_code": "0450", "place_of_service_code": "02", "drg_code": "007", "zip_code": "02139", "discharge_disposition_code": "01", "dual_status_code": "02"} {
		if c.Name == name {
			return v
		}
	}
	switch {
	case strings.HasSuffix(c.Name, "_npi"):
		return "1234567893"
	case strings.HasSuffix(c.Name, "_code") || strings.HasSuffix(c.Name, "_id"):
		return fmt.Sprintf("0Zq7%d", row)
	}
	return []string{"Zq7, \"x\"", "", "Zq7\nline", "é Zq7", "Zq7"}[row%5]
}

// file is a good file of a table: every column, quoted where it must be.
func file(t Table, rows int) string {
	var b strings.Builder
	line := func(fields []string) {
		for i, f := range fields {
			if strings.ContainsAny(f, ",\"\n") {
				fields[i] = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
			}
		}
		b.WriteString(strings.Join(fields, ",") + "\n")
	}
	var names []string
	for _, c := range t.Columns {
		if c.Kind != Micros {
			names = append(names, c.Name)
		}
	}
	line(slices.Clone(names))
	for r := range rows {
		var fields []string
		for _, c := range t.Columns {
			if c.Kind != Micros {
				v := sample(c, r)
				if v == "" && c.Required {
					v = "Zq7"
				}
				fields = append(fields, v)
			}
		}
		line(fields)
	}
	return b.String()
}

var disguises = []string{"05/06/2024", "06.05.2024", "2024/05/06", "20240506", "2024-5-6", "2024-13-01", "2023-02-29", "45444", "2024-05-06T10:00:00Z", "2024-05-06 10:00:00.5", "1,234.56", "$12.50",
	"(12.50)", "12,50", "1.2e3", "1E+5", "12.505", "+3", "-", "--3", ".5", "5.", "NaN", "NULL", "null", "N/A", "\\N", "#REF!", "=1+1", "1.23E+10", "1.23457E+09", "450", "450.0", "2139", "021391234", "71015523", "7101552", "9",
	"2.0", "true", "TRUE", "Y", "01", "1.0", " 1", "1 ", "１２", "99999999999999999999", "0x10", "00000000-0000", "a\rb", "a\x00b", "\xe9", "\u00a0", "\"", "''", strings.Repeat("x", 4097), strings.Repeat("é", 3000), strings.Repeat("9", 200000)}

// strike damages a file as people, spreadsheets, disks and exports do.
func strike(r *rand.Rand, t Table, s string) []byte {
	lines := strings.SplitAfter(s, "\n")
	at := func() int { return r.IntN(len(lines)) }
	fields := func(f func([]string)) { // of one line without quotes, else of none
		i := at()
		if line := strings.TrimSuffix(lines[i], "\n"); !strings.Contains(line, `"`) && line != "" {
			list := strings.Split(line, ",")
			f(list)
			lines[i] = strings.Join(list, ",") + "\n"
		}
	}
	join := func() []byte { return []byte(strings.Join(lines, "")) }
	switch r.IntN(26) {
	case 0: // a bit
		b := []byte(s)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	case 1: // a line lost
		i := at()
		lines = slices.Delete(lines, i, i+1)
	case 2: // cut short
		return []byte(s[:r.IntN(len(s))])
	case 3: // one field more
		i := at()
		lines[i] = strings.TrimSuffix(lines[i], "\n") + ",\n"
	case 4: // columns of a row shifted
		fields(func(l []string) { copy(l[1:], l); l[0] = "x" })
	case 5: // two fields of a row swapped
		fields(func(l []string) { a, b := r.IntN(len(l)), r.IntN(len(l)); l[a], l[b] = l[b], l[a] })
	case 6: // two names of the header swapped
		l := strings.Split(strings.TrimSuffix(lines[0], "\n"), ",")
		a, b := r.IntN(len(l)), r.IntN(len(l))
		l[a], l[b] = l[b], l[a]
		lines[0] = strings.Join(l, ",") + "\n"
	case 7: // quotes dropped
		return []byte(strings.Replace(s, `"`, "", 1+r.IntN(4)))
	case 8: // delimiters doubled
		i := at()
		lines[i] = strings.Replace(lines[i], ",", ",,", 1+r.IntN(3))
	case 9: // UTF-16
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			out = append(out, byte(u), byte(u>>8))
		}
		return out
	case 10: // Latin-1
		var out []byte
		for _, c := range s {
			out = append(out, byte(c))
		}
		return out
	case 11: // old line ends, or of two kinds
		return []byte(strings.Replace(s, "\n", []string{"\r", "\r\n", "\n\r"}[r.IntN(3)], 1+r.IntN(6)))
	case 12: // another delimiter
		return []byte(strings.ReplaceAll(s, ",", []string{";", "\t", "|"}[r.IntN(3)]))
	case 13: // the header in other letters, renamed, twice, or gone
		l := strings.Split(strings.TrimSuffix(lines[0], "\n"), ",")
		i := r.IntN(len(l))
		switch r.IntN(5) {
		case 0:
			l[i] = strings.ToUpper(l[i])
		case 1:
			l[i] += " "
		case 2:
			l[i] = l[r.IntN(len(l))]
		case 3:
			l[i] = "amount"
		case 4:
			l[i] = `"` + l[i] + `"`
		}
		lines[0] = strings.Join(l, ",") + "\n"
	case 14: // no header
		lines = lines[1:]
	case 15: // the header again
		i := at()
		lines = slices.Insert(lines, i, lines[0])
	case 16: // a row again
		i := at()
		lines = slices.Insert(lines, i, lines[i])
	case 17: // empty lines, a second byte order mark, an end of file
		return []byte([]string{"\n\n", "\ufeff\ufeff", "\ufeff", "\x1a", " ", "sep=,\n"}[r.IntN(6)] + s)
	case 18:
		return []byte(s + []string{"\n", "\x1a", "\x00", ",", " ", "\r\n"}[r.IntN(6)])
	case 19: // nothing
		return nil
	default: // a value in another dress
		fields(func(l []string) { l[r.IntN(len(l))] = disguises[r.IntN(len(disguises))] })
	}
	return join()
}

// Every canonical table, more than a thousand damaged files: each is loaded as an independent reading has it, row for row and column for column, or refused
// whole with file, reason and place. Nothing else happens, and nothing of the file shows in the reason.
func TestUnderFire(t *testing.T) {
	s := newStore(t)
	r := rand.New(rand.NewPCG(2026, 7))
	dir, counts := t.TempDir(), map[bool]int{}
	for _, table := range Tables() {
		base := file(table, 6)
		for n := range 60 {
			raw := []byte(base)
			if n > 0 { // the first is whole
				raw = strike(r, table, base)
			}
			if n > 0 && n%8 == 0 {
				raw = strike(r, table, string(raw)+"\n")
			}
			path := filepath.Join(dir, table.Name+".csv")
			content := raw
			if n%16 == 15 {
				var z bytes.Buffer
				w := gzip.NewWriter(&z)
				w.Write(raw)
				w.Close()
				path += ".gz"
				if content = z.Bytes(); r.IntN(2) == 0 {
					content, raw = content[:len(content)/2], nil
				}
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			want, why := independent(table, raw)
			report, err := s.Load(t.Context(), path)
			counts[err == nil]++
			name := fmt.Sprintf("%s %d", table.Name, n)
			switch {
			case err == nil && why != "":
				t.Errorf("%s: loaded, though %s", name, why)
			case err != nil && why == "":
				t.Errorf("%s: refused, though nothing is wrong: %v", name, err)
			}
			if err != nil {
				checkRefusal(t, name, path, err)
				want = nil
			} else if read, loaded := report.Rows(); read != loaded || loaded != int64(len(want)) {
				t.Errorf("%s: %d rows read, %d loaded, %d there", name, read, loaded, len(want))
			}
			if why == "" || err != nil {
				checkTable(t, s.db, name, table, want)
			}
			for _, q := range []string{"DELETE FROM " + table.Name, "DELETE FROM node.loaded"} {
				if _, err := s.db.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if counts[true] < 100 || counts[false] < 400 {
		t.Errorf("%v: the test has lost its point", counts)
	}
}

func checkRefusal(t *testing.T, name, path string, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*FileError](err)
	if !ok {
		t.Errorf("%s: no refusal: %v", name, err)
		return
	}
	if strings.Contains(err.Error(), "Zq7") {
		t.Errorf("%s: the reason quotes the file: %v", name, err)
	}
	for _, p := range refusal.Problems {
		field := p.Column > 0 && p.Name != ""
		if p.File != path || p.Reason == "" || field && p.Line == 0 {
			t.Errorf("%s: %+v does not say where and why", name, p)
		}
	}
}

// checkTable holds the table against rows of column → text, absent where NULL.
func checkTable(t *testing.T, db *sql.DB, name string, table Table, want []map[string]string) {
	t.Helper()
	var columns []string
	for _, c := range table.Columns {
		columns = append(columns, fmt.Sprintf("CAST(%q AS VARCHAR)", c.Name))
	}
	rows, err := db.Query("SELECT " + strings.Join(columns, ", ") + " FROM " + table.Name + " ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		if n >= len(want) {
			continue
		}
		for i, c := range table.Columns {
			if w, there := want[n][c.Name]; values[i].Valid != there || values[i].String != w {
				t.Errorf("%s: row %d, %s is %.60q, want %.60q", name, n+1, c.Name, values[i].String, w)
			}
		}
	}
	if n != len(want) {
		t.Errorf("%s: %d rows in the table, want %d", name, n, len(want))
	}
}
