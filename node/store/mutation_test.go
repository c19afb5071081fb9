package store

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// plainCSV reads CSV in another way than the loader: by state, byte for byte; ok is false where the text is not CSV of the strict kind.
func plainCSV(s string) (rows [][]string, ok bool) {
	s = strings.TrimPrefix(s, "\ufeff")
	var row []string
	var field strings.Builder
	quoted, started := false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '"' && i+1 < len(s) && s[i+1] == '"':
			field.WriteByte('"')
			i++
		case quoted && c == '"':
			quoted = false
			if i+1 < len(s) && s[i+1] != ',' && s[i+1] != '\n' && !strings.HasPrefix(s[i+1:], "\r\n") {
				return nil, false
			}
		case quoted:
			if c == '\r' && i+1 < len(s) && s[i+1] == '\n' {
				continue // encoding/csv: a line break in a field is \n
			}
			field.WriteByte(c)
		case c == '"' && !started:
			quoted, started = true, true
		case c == '"':
			return nil, false
		case c == ',':
			row, started = append(row, field.String()), false
			field.Reset()
		case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
		case c == '\n':
			if len(row) > 0 || started {
				rows = append(rows, append(row, field.String()))
			}
			row, started = nil, false
			field.Reset()
		default:
			started = true
			field.WriteByte(c)
		}
	}
	return rows, !quoted && len(row) == 0 && !started
}

var mutants = []string{"\"", ",", "\n", "\r\n", "\r", "\xe9", "\x00", "\ufeff", "0", "9", "-", ".", "1e5", "30", "é", " ", ",,", "\"\"", "12/31/2024", "1,000.00", "NULL", "00", "+", "\t"}

func mutate(r *rand.Rand, s string) string {
	for range 1 + r.IntN(3) {
		i := r.IntN(len(s) + 1)
		j := min(len(s), i+r.IntN(12))
		switch r.IntN(6) {
		case 0:
			s = s[:i] + mutants[r.IntN(len(mutants))] + s[i:]
		case 1:
			s = s[:i] + s[j:]
		case 2:
			s = s[:j] + s[i:] // a piece twice
		case 3:
			s = s[:i] // cut short
		case 4:
			s = s[:i] + mutants[r.IntN(len(mutants))] + s[j:]
		case 5:
			lines := strings.SplitAfter(s, "\n")
			a, b := r.IntN(len(lines)), r.IntN(len(lines))
			lines[a], lines[b] = lines[b], lines[a]
			s = strings.Join(lines, "")
		}
		if s == "" {
			s = "\n"
		}
	}
	return s
}

// A thousand damaged files: each is refused whole, with a reason that quotes nothing, or what is in the table is what the file says, by another
// reading of it.
func TestMutations(t *testing.T) {
	s := newStore(t)
	base := claimHeader
	for i := range 8 {
		base += fmt.Sprintf("clm%04d,%d,0%d7,2024-0%d-28,%d.%02d,\"Q%d, \"\"x\"\"\"\n", i*13, i+1, i, i+1, i*311, i*7, i)
	}
	r := rand.New(rand.NewPCG(6, 1))
	dir, loaded := t.TempDir(), 0
	path := filepath.Join(dir, "medical_claim.csv")
	for n := range 1000 {
		text := mutate(r, base)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Load(t.Context(), path)
		if err != nil {
			if _, refused := errors.AsType[*FileError](err); !refused {
				t.Fatalf("mutation %d: %v", n, err)
			}
			if !utf8.ValidString(err.Error()) || strings.Contains(err.Error(), "clm00") {
				t.Errorf("mutation %d: the reason quotes the file: %q", n, err)
			}
			count(t, s, "medical_claim", 0)
			continue
		}
		loaded++
		compareLoaded(t, s, n, text)
		for _, q := range []string{"DELETE FROM medical_claim", "DELETE FROM node.loaded"} {
			if _, err := s.db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	if loaded < 50 || loaded > 950 {
		t.Errorf("%d of 1000 mutations were loaded: the test has lost its point", loaded)
	}
}

func compareLoaded(t *testing.T, s *Store, n int, text string) {
	t.Helper()
	rows, ok := plainCSV(text)
	if !ok || len(rows) == 0 {
		t.Errorf("mutation %d: loaded, and it is no CSV: %q", n, text)
		return
	}
	count(t, s, "medical_claim", int64(len(rows)-1))
	db, err := s.db.Query("SELECT claim_id, claim_line_number, person_id, claim_start_date, paid_amount, diagnosis_code_1 FROM medical_claim ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, want := range rows[1:] {
		if !db.Next() {
			t.Fatal(db.Err())
		}
		var id, person string
		var line int64
		var day *time.Time
		var cents *int64
		var code *string
		if err := db.Scan(&id, &line, &person, &day, &cents, &code); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"claim_id": id, "claim_line_number": fmt.Sprint(line), "person_id": person}
		if day != nil {
			got["claim_start_date"] = day.Format(time.DateOnly)
		}
		if cents != nil {
			got["paid_amount"] = big.NewRat(*cents, 100).RatString()
		}
		if code != nil {
			got["diagnosis_code_1"] = *code
		}
		for i, name := range rows[0] {
			w := want[i]
			switch v, isNumber := new(big.Rat).SetString(w); {
			case name == "paid_amount" && isNumber:
				w = v.RatString()
			case name == "claim_line_number" && isNumber:
				w = v.Num().String()
			}
			if got[name] != w {
				t.Errorf("mutation %d: column %s is %q in the table and %q in the file", n, name, got[name], w)
			}
		}
	}
}
