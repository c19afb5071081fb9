package store

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const claimHeader = "claim_id,claim_line_number,person_id,claim_start_date,paid_amount,diagnosis_code_1\n"

func TestLoadForms(t *testing.T) {
	s := newStore(t)
	file := write(t, "medical_claim.part-1.csv", "\ufeff"+strings.ReplaceAll(claimHeader, "\n", "\r\n")+
		"c1,1,p1,2010-02-28,12.5,\"250\n00\"\r\nc1,2,p1,,-0.07,\"a \"\"b\"\"\"\r\nc2,1,p2,9999-12-31,100,\r\n")
	report, err := s.Load(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if read, loaded := report.Rows(); read != 3 || loaded != 3 {
		t.Fatal(report)
	}
	var cents, nulls int64
	var dx string
	if err := s.db.QueryRow("SELECT sum(paid_amount), count(*) - count(claim_start_date), max(diagnosis_code_1) FROM medical_claim").Scan(&cents, &nulls, &dx); err != nil {
		t.Fatal(err)
	}
	if cents != 1250-7+10000 || nulls != 1 || dx != `a "b"` {
		t.Fatal(cents, nulls, dx)
	}
}

func TestLoadRefuses(t *testing.T) {
	s := newStore(t)
	row := "c1,1,p1,2010-02-28,12.50,25000\n"
	for _, c := range []struct{ name, content, want string }{
		{"medical_claim.csv", "", "medical_claim.csv:1: the file is empty"},
		{"medical_claim.csv", "claim_id,claim_line_number,claim_start_dat\n", `:1:28: column "claim_start_dat" is not a column of medical_claim: rename it or leave it out (tacet node schema prints the columns) (and 1 more`},
		{"medical_claim.csv", "claim_id,claim_id,claim_line_number,person_id\n", `:1:10: column "claim_id" comes twice`},
		{"medical_claim.csv", "claim_id,claim_line_number\n", ":1: column person_id is required by medical_claim and missing"},
		{"medical_claim.csv", claimHeader + row + "c2,1,p1,2010-02-30,1,\n", ":3:9: column claim_start_date is not a day"},
		{"medical_claim.csv", claimHeader + row + "c2,1,p1,20100228,1,\n", ":3:9: column claim_start_date is not a day"},
		{"medical_claim.csv", claimHeader + row + "c2,x,p1,,1,\n", ":3:4: column claim_line_number is not a whole number"},
		{"medical_claim.csv", claimHeader + "c2,1,p1,,1.005,\n", ":2:10: column paid_amount is not an amount"},
		{"medical_claim.csv", claimHeader + "c2,1,p1,,\"1,000\",\n", ":2:10: column paid_amount is not an amount"},
		{"medical_claim.csv", claimHeader + "c2,1,,,1,\n", ":2:6: column person_id is empty but required"},
		{"medical_claim.csv", claimHeader + "c2,1,p1,,1,a\x00b\n", ":2:12: column diagnosis_code_1 is not valid UTF-8 text"},
		{"medical_claim.csv", claimHeader + "c2,1,p1,,1,\xff\n", ":2:12: column diagnosis_code_1 is not valid UTF-8 text"},
		{"medical_claim.csv", claimHeader + row + "c2,1,p1\n", ":3: the row has another number of fields than the header"},
		{"medical_claim.csv", claimHeader + row + "c2,1,\"p1,,1,\n", "is not well-formed CSV"},
		{"medical_claim.csv", claimHeader + row + "c2,1,p1,,1,250", "ends without a line break after row 2: truncated?"},
		{"medical_claim.csv", claimHeader + "c3,1,p1,,1,\"a\nb\"\n\n" + row + "c3,1,p2,,1,\n", ":6: repeats the key (claim_id, claim_line_number) of another row"},
		{"medical_claim.csv.gz", "claim_id", "is not a gzip file"},
		{"claims.csv", claimHeader, "the name is not a table's"},
		{"medical_claim.txt", claimHeader, "the name is not a table's"},
		{"lab_result.csv", "lab_result_id,person_id,result_micros\n", `column "result_micros" is computed by the loader`},
		{"provider_attribution.csv", "person_id,year_month\np,201013\n", ":2:3: column year_month is not a month"},
		{"lab_result.csv", "lab_result_id,person_id,collection_datetime\nl,p,2010-01-01 24:00:00\n", ":2:5: column collection_datetime is neither"},
	} {
		file := write(t, c.name, c.content)
		_, err := s.Load(t.Context(), file)
		var fe *FileError
		if err == nil || !errors.As(err, &fe) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%q: %v\nwant %s", c.content, err, c.want)
		}
		for _, secret := range []string{"20100228", "2010-02-30", "1.005", "1,000", "25000"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes a value: %v", err)
			}
		}
	}
	for _, table := range TableNames() {
		count(t, s, table, 0)
	}
	if _, err := s.Load(t.Context(), filepath.Join(t.TempDir(), "none.csv")); err == nil || !strings.Contains(err.Error(), "no such file or folder") {
		t.Error(err)
	}
	if _, err := s.Load(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no .csv") {
		t.Error(err)
	}
}

// TestLoadKeyAcrossFiles: another file may not repeat a key that was committed before.
func TestLoadKeyAcrossFiles(t *testing.T) {
	s := newStore(t)
	var b strings.Builder
	b.WriteString(claimHeader)
	for i := range 5000 {
		fmt.Fprintf(&b, "c%d,1,p%d,2010-01-01,1.00,\n", i, i%700)
	}
	if _, err := s.Load(t.Context(), write(t, "medical_claim.csv", b.String())); err != nil {
		t.Fatal(err)
	}
	again := claimHeader + "d1,1,p,,,\nd2,1,p,,,\nc4999,1,p,,,\nd3,1,p,,,\n"
	if _, err := s.Load(t.Context(), write(t, "medical_claim.csv", again)); err == nil || !strings.Contains(err.Error(), ":4: repeats the key") {
		t.Fatal(err)
	}
	count(t, s, "medical_claim", 5000)
}

func TestLoadGzipSameContentAndTruncation(t *testing.T) {
	s := newStore(t)
	content := claimHeader
	for i := range 3000 {
		content += fmt.Sprintf("c%d,1,p%d,2010-01-01,%d.%02d,\n", i, i*7919%3001, i*31, i%100)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(content))
	w.Close()
	if _, err := s.Load(t.Context(), write(t, "medical_claim.csv.gz", z.String()[:z.Len()*2/3])); err == nil || !strings.Contains(err.Error(), "cannot be read to its end") {
		t.Fatal(err)
	}
	count(t, s, "medical_claim", 0)
	if _, err := s.Load(t.Context(), write(t, "medical_claim.csv.gz", z.String())); err != nil {
		t.Fatal(err)
	}
	report, err := s.Load(t.Context(), write(t, "medical_claim.csv", content))
	if err != nil || !report.Files[0].Already {
		t.Fatal(report, err)
	}
	count(t, s, "medical_claim", 3000)
}

func TestLoadCollectsProblems(t *testing.T) {
	s := newStore(t)
	_, err := s.Load(t.Context(), write(t, "medical_claim.csv", claimHeader+strings.Repeat("c,1,p,x,y,\n", 50)))
	var fe *FileError
	if !errors.As(err, &fe) || len(fe.Problems) != maxProblems || !fe.More || !strings.Contains(err.Error(), "at least 19 more") {
		t.Fatal(err)
	}
	_, err = s.Load(t.Context(), write(t, "medical_claim.csv", claimHeader+"c,1,p,,,\nc,1\nd,1,p,,,\nd,2,p,x,,\n"))
	if !errors.As(err, &fe) || len(fe.Problems) != 2 || fe.Problems[1].Line != 5 {
		t.Fatal(err)
	}
}

// TestLoadTuva loads files of the Tuva project as they are, but for their names.
func TestLoadTuva(t *testing.T) {
	source := shared(t, "tuva")
	dir := t.TempDir()
	for _, table := range []string{"eligibility", "medical_claim", "pharmacy_claim", "lab_result", "observation", "immunization", "provider_attribution"} {
		data, err := os.ReadFile(filepath.Join(source, table+"_seed.csv"))
		if err != nil {
			t.Skip(err)
		}
		if err := os.WriteFile(filepath.Join(dir, table+".csv"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newStore(t)
	report, err := s.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Files {
		t.Log(f.Table, f.Read, f.Ignored)
	}
	count(t, s, "medical_claim", 2075)
}

// shared finds test data beside the project, or skips.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
	p := filepath.Join(filepath.Dir(dir), "shared", "data", name)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("shared test data %s is not beside the project", name)
	}
	return p
}
