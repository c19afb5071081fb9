package synpuf

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// writeFolder makes a folder with complete small files of the samples.
func writeFolder(t *testing.T, samples ...int) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range samples {
		write(t, filepath.Join(dir, "b_2008_"+strconv.Itoa(n)+".csv"), beneficiaryFile(n))
		write(t, filepath.Join(dir, "ip_"+strconv.Itoa(n)+".csv"), inpatientFile(n))
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func beneficiaryFile(n int) string {
	row := ",19430101,,1,1,0,05,200,12,12,0,00,2,2,2,2,2,2,1,2,2,2,2,0.00,0.00,0.00,0.00,0.00,0.00,700.00,240.00,0.00\r\n"
	id := strconv.Itoa(n)
	return strings.Join(beneficiaryColumns(), ",") + "\r\nA" + id + row + "B" + id + row
}

func inpatientFile(n int) string {
	id := strconv.Itoa(n)
	return strings.Join(claimRequired, ",") + "\r\n" +
		"A" + id + ",90" + id + ",1,20080110,20080114,0005XU,4000.00,0000000001,20080110,4,20080114,201\r\n" +
		"A" + id + ",90" + id + ",2,,,0005XU,0.00,,20080110,,,201\r\n" +
		"B" + id + ",91" + id + ",1,20080301,20080302,0005XU,-4.5,0000000001,20080301,,,202\r\n"
}

func numbers(samples []Sample) []int {
	var n []int
	for _, s := range samples {
		n = append(n, s.Number)
	}
	return n
}

func TestFindOrdersByNumber(t *testing.T) {
	dir := writeFolder(t, 10, 2, 1, 9)
	write(t, filepath.Join(dir, "ip_01.csv"), "not looked at")
	write(t, filepath.Join(dir, "notes.csv"), "not looked at")
	got, err := Find(dir, 3, 2008)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 2, 9}; !slices.Equal(numbers(got), want) {
		t.Fatalf("samples %v, want %v", numbers(got), want)
	}
}

func TestFindReadsGzip(t *testing.T) {
	dir := writeFolder(t, 1)
	pack(t, filepath.Join(dir, "ip_1.csv"), 0)
	got, err := Find(dir, 1, 2008)
	if err != nil {
		t.Fatal(err)
	}
	var claims []Claim
	if err := got[0].Claims(func(c *Claim) error { claims = append(claims, *c); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(claims) != 3 || claims[0].Provider != "0005XU" || claims[0].Days != 4 || claims[2].Days != 0 || claims[2].Paid != -450 ||
		claims[2].Discharge != NoDate || claims[0].Admission.String() != "2008-01-10" {
		t.Fatalf("claims read wrongly: %+v", claims)
	}
}

// pack replaces a file by its gzip form, cut bytes short.
func pack(t *testing.T, path string, cut int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(text)
	z.Close()
	write(t, path+".gz", b.String()[:b.Len()-cut])
	os.Remove(path)
}

func TestFindRefuses(t *testing.T) {
	edit := func(file, old, new string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, file)
			text, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(text), old) {
				t.Fatalf("nothing to change in %s: %v", file, err)
			}
			write(t, path, strings.Replace(string(text), old, new, 1))
		}
	}
	remove := func(file string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, file)) }
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		file   string
		line   int
		reason string
	}{
		"missing claims":  {remove("ip_2.csv"), "ip_2.csv", 0, "no such file"},
		"missing summary": {remove("b_2008_3.csv"), "b_2008_3.csv", 0, "no such file"},
		"both forms":      {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "ip_1.csv.gz"), "x") }, "ip_1.csv", 0, "both with and without .gz"},
		"not gzip": {func(t *testing.T, dir string) {
			os.Rename(filepath.Join(dir, "ip_1.csv"), filepath.Join(dir, "ip_1.csv.gz"))
		}, "ip_1.csv.gz", 1, "not a complete gzip file"},
		"truncated gzip": {func(t *testing.T, dir string) { pack(t, filepath.Join(dir, "ip_1.csv"), 9) }, "ip_1.csv.gz", 0, "truncated"},
		"empty gzip": {func(t *testing.T, dir string) {
			remove("ip_1.csv")(t, dir)
			write(t, filepath.Join(dir, "ip_1.csv.gz"), "")
		}, "ip_1.csv.gz", 1, "truncated"},
		"empty": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "ip_1.csv"), "") }, "ip_1.csv", 1, "header is missing"},
		"no rows": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "ip_1.csv"), strings.Join(claimRequired, ",")+"\n")
		}, "ip_1.csv", 1, "no rows"},
		"unknown column":    {edit("ip_1.csv", "PRVDR_NUM", "PROVIDER"), "ip_1.csv", 1, "wrong header"},
		"header left out":   {edit("b_2008_1.csv", strings.Join(beneficiaryColumns(), ",")+"\r\n", ""), "b_2008_1.csv", 1, "wrong header"},
		"column twice":      {edit("b_2008_1.csv", "SP_CHF", "SP_CNCR"), "b_2008_1.csv", 1, "named twice"},
		"wrong file":        {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "ip_1.csv"), beneficiaryFile(1)) }, "ip_1.csv", 1, "wrong header"},
		"short row":         {edit("b_2008_1.csv", "B1,19430101,", "B1,"), "b_2008_1.csv", 3, "wrong number of fields"},
		"bare quote":        {edit("b_2008_1.csv", "B1,", "B\"1,"), "b_2008_1.csv", 3, "not well-formed"},
		"no such day":       {edit("b_2008_1.csv", "19430101", "19430229"), "b_2008_1.csv", 2, "BENE_BIRTH_DT: not a calendar date"},
		"blank birth":       {edit("b_2008_1.csv", "19430101", ""), "b_2008_1.csv", 2, "BENE_BIRTH_DT: not a calendar date"},
		"dashes in a date":  {edit("ip_1.csv", "20080110,4", "2008-1-10,4"), "ip_1.csv", 2, "CLM_ADMSN_DT: not a calendar date"},
		"blank admission":   {edit("ip_1.csv", "20080110,4", ",4"), "ip_1.csv", 2, "CLM_ADMSN_DT: not a calendar date"},
		"bad discharge":     {edit("ip_1.csv", "4,20080114", "4,20081314"), "ip_1.csv", 2, "NCH_BENE_DSCHRG_DT: not a calendar date"},
		"amount":            {edit("b_2008_1.csv", "700.00", "seven"), "b_2008_1.csv", 2, "MEDREIMB_CAR: not an amount"},
		"blank amount":      {edit("b_2008_1.csv", "700.00", ""), "b_2008_1.csv", 2, "MEDREIMB_CAR: not an amount"},
		"months":            {edit("b_2008_1.csv", ",12,12,0", ",13,12,0"), "b_2008_1.csv", 2, "BENE_HI_CVRAGE_TOT_MONS: not a whole number"},
		"flag":              {edit("b_2008_1.csv", ",00,2", ",00,3"), "b_2008_1.csv", 2, "SP_ALZHDMTA: not a flag"},
		"days":              {edit("ip_1.csv", "20080110,4", "20080110,4.5"), "ip_1.csv", 2, "CLM_UTLZTN_DAY_CNT: not a whole number"},
		"payment":           {edit("ip_1.csv", "4000.00", "4,000.00"), "ip_1.csv", 2, "wrong number of fields"},
		"payment text":      {edit("ip_1.csv", "4000.00", "n/a"), "ip_1.csv", 2, "CLM_PMT_AMT: not an amount"},
		"segment":           {edit("ip_1.csv", "901,1,", "901,x,"), "ip_1.csv", 2, "SEGMENT: not a whole number"},
		"beneficiary twice": {edit("b_2008_1.csv", "B1,", "A1,"), "b_2008_1.csv", 3, "same beneficiary twice"},
		"claim twice":       {edit("ip_1.csv", "901,2,", "901,1,"), "ip_1.csv", 3, "same claim and segment twice"},
		"cut in the last line": {func(t *testing.T, dir string) {
			text := beneficiaryFile(1)
			write(t, filepath.Join(dir, "b_2008_1.csv"), text[:len(text)-5]) // the last 0.00 becomes 0
		}, "b_2008_1.csv", 3, "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFolder(t, 1, 2, 3)
			c.change(t, dir)
			_, err := Find(dir, 3, 2008)
			var in *InputError
			if !errors.As(err, &in) {
				t.Fatalf("want an InputError, got %v", err)
			}
			if filepath.Base(in.File) != c.file || c.line != 0 && in.Line != c.line || !strings.Contains(in.Error(), c.reason) {
				t.Fatalf("got %v; want %s line %d: %s", in, c.file, c.line, c.reason)
			}
		})
	}
}

func TestFindNeedsPeriodAndPayers(t *testing.T) {
	dir := writeFolder(t, 1, 2, 3)
	for _, c := range []struct {
		payers, period int
		reason         string
	}{{3, 2011, "no data for period 2011"}, {4, 2008, "4 payers asked for, files of 3 samples found"}} {
		_, err := Find(dir, c.payers, c.period)
		var in *InputError
		if !errors.As(err, &in) || !strings.Contains(in.Reason, c.reason) {
			t.Errorf("payers %d, period %d: %v", c.payers, c.period, err)
		}
	}
	if _, err := Find(filepath.Join(dir, "absent"), 3, 2008); err == nil {
		t.Error("a folder that is not there was accepted")
	}
	if _, err := Find(t.TempDir(), 3, 2008); err == nil {
		t.Error("an empty folder was accepted")
	}
}

func TestTensOfDollars(t *testing.T) {
	for _, c := range []struct{ cents, want int64 }{{0, 0}, {499, 0}, {500, 1}, {1499, 1}, {1500, 2}, {-500, 0}, {-100000, 0}} {
		b := Beneficiary{Cost: [settings]int64{c.cents, 1000, -1000}}
		if got := b.TensOfDollars(); got != c.want {
			t.Errorf("%d cents: %d tens, want %d", c.cents, got, c.want)
		}
	}
}

func TestSharedSamplesAreAccepted(t *testing.T) {
	dir := sharedData(t)
	samples, err := Find(dir, 5, 2008)
	if err != nil {
		t.Fatal(err)
	}
	people, claims := 0, 0
	for _, s := range samples {
		s.Beneficiaries(func(*Beneficiary) error { people++; return nil })
		s.Claims(func(*Claim) error { claims++; return nil })
	}
	if !slices.Equal(numbers(samples), []int{1, 2, 3, 4, 5}) || people != 50000 || claims < 25000 {
		t.Fatalf("samples %v, %d people, %d claims", numbers(samples), people, claims)
	}
}
