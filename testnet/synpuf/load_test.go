package synpuf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/node/store"
)

// small writes one sample whose figures are counted by hand below.
func small(t *testing.T) Sample {
	t.Helper()
	dir := t.TempDir()
	person := func(id, county, months, diabetes, ip, car string) string {
		return id + ",19430101,,1,1,0,05," + county + "," + months + ",12,0,00,2,2,2,2,2,2," + diabetes + ",2,2,2,2," + ip + ",0.00,0.00,0.00,0.00,0.00," + car + ",0.00,0.00\r\n"
	}
	write(t, filepath.Join(dir, "b_2008_4.csv"), strings.Join(beneficiaryColumns(), ",")+"\r\n"+
		person("P1", "007", "12", "1", "100.00", "4.99")+ // 104.99 → 10 tens
		person("P2", "007", "12", "2", "-500.00", "10.00")+ // negative → 0
		person("P3", "007", "11", "1", "5.00", "0.00")+ // 5.00 → 1
		person("P4", "7", "0", "1", "0.00", "0.00")) // another county: 7 is not 007
	stay := func(person, claim, segment, admitted, discharged, hospital, days string) string {
		return person + "," + claim + "," + segment + ",,," + hospital + ",1.00,," + admitted + "," + days + "," + discharged + ",1\r\n"
	}
	write(t, filepath.Join(dir, "ip_4.csv"), strings.Join(claimRequired, ",")+"\r\n"+
		stay("P1", "1", "1", "20080110", "20080115", "0007", "5")+ // again on day 30: counts
		stay("P1", "1", "2", "20080110", "20080115", "0007", "50")+ // segment 2
		stay("P1", "2", "1", "20080214", "20080214", "7", "")+ // again on the day of discharge: does not count
		stay("P1", "3", "1", "20080214", "20080220", "0007", "3")+ // again on day 31: does not count
		stay("P1", "4", "1", "20080322", "20081201", "0007", "1")+ // 1 December + 30 days = 31 December: in
		stay("P9", "5", "1", "20081105", "20081202", "0007", "2")+ // 2 December + 30: out; no beneficiary of the year
		stay("P2", "6", "1", "20081231", "20090102", "0007", "2")+
		stay("P2", "7", "1", "20071231", "20080103", "0007", "9")+ // of 2007
		stay("P2", "8", "1", "20080601", "", "0007", "7")+ // no discharge date
		stay("P2", "9", "1", "20080701", "20080702", "", "7")) // no hospital
	return Sample{Number: 4, Period: 2008, Beneficiary: filepath.Join(dir, "b_2008_4.csv"), Inpatient: filepath.Join(dir, "ip_4.csv")}
}

func TestMeasuresByHand(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, t.TempDir(), store.Options{Threads: 1, Withhold: withhold.Policy{KeepPart2: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample := small(t)
	for range 2 {
		if err := Load(ctx, s, sample); err != nil {
			t.Fatal(err)
		}
	}
	for table, want := range map[string]int64{"medical_claim": 10, "annual_summary": 4, "eligibility": 4} {
		if n, err := s.Count(ctx, table); err != nil || n != want {
			t.Errorf("%s has %d rows (%v), want %d", table, n, err, want)
		}
	}
	want := map[string][]measures.Row{
		"sp-read": {{Practice: "0007", Stratum: "all", Num: 1, Den: 3}, {Practice: "7", Stratum: "all", Num: 0, Den: 1}},
		"sp-los":  {{Practice: "0007", Stratum: "all", Num: 20, Den: 6}, {Practice: "7", Stratum: "all", Num: 0, Den: 1}},
		"sp-diab": {{Practice: "05-007", Stratum: "all", Num: 1, Den: 2}},
		"sp-adm":  {{Practice: "05-007", Stratum: "all", Num: 7, Den: 35}, {Practice: "05-7", Stratum: "all"}},
		"sp-pmpm": {{Practice: "05-007", Stratum: "all", Num: 11, Den: 35}, {Practice: "05-7", Stratum: "all"}},
	}
	for _, spec := range Measures() {
		got, err := s.Measure(ctx, spec, engine.Period{Year: 2008})
		if err != nil || !slices.Equal(got, want[spec.ID]) {
			t.Errorf("%s: %v, %v; want %v", spec.ID, got, err, want[spec.ID])
		}
	}
}

func TestLoadIsWhole(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, t.TempDir(), store.Options{Threads: 1, Withhold: withhold.Policy{KeepPart2: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample := small(t)
	text, err := os.ReadFile(sample.Inpatient)
	if err != nil {
		t.Fatal(err)
	}
	write(t, sample.Inpatient, strings.Replace(string(text), "20071231", "20071331", 1))
	var in *InputError
	if err := Load(ctx, s, sample); !errors.As(err, &in) || in.Line != 9 || in.Column != "CLM_ADMSN_DT" {
		t.Fatalf("want line 9, got %v", err)
	}
	if n, err := s.Count(ctx, "medical_claim"); err != nil || n != 0 {
		t.Errorf("%d rows of a refused file were kept (%v)", n, err)
	}
	sample.Inpatient += "-absent"
	if err := Load(ctx, s, sample); !errors.As(err, &in) {
		t.Errorf("a missing file: %v", err)
	}
}

// BenchmarkFind checks the five default payers; BenchmarkLoad loads one of them.
func BenchmarkFind(b *testing.B) {
	dir := sharedData(b)
	for b.Loop() {
		if _, err := Find(dir, 5, 2008); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	samples, err := Find(sharedData(b), 1, 2008)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := store.Open(context.Background(), b.TempDir(), store.Options{Threads: 1, Withhold: withhold.Policy{KeepPart2: true}})
		if err != nil {
			b.Fatal(err)
		}
		if err := Load(context.Background(), s, samples[0]); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
