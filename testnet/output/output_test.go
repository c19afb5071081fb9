package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/testnet/oracle"
)

func pointer(v int64) *int64 { return &v }

func sampleRows() []Row {
	return []Row{
		{Practice: "05-200", Measure: "sp-diab", Version: "1.0.0", Period: "2008", Stratum: "all", Status: "released", Value: pointer(95), Bound: "ge", Unit: "percent",
			P25: pointer(30), P50: pointer(33), P75: pointer(36), P90: pointer(40), Band: "p90+", Run: "run-1"},
		{Practice: "05,300", Measure: "sp-diab", Version: "1.0.0", Period: "2008", Stratum: "all", Status: "suppressed", Unit: "percent", Run: "run-1"},
	}
}

func TestReleaseFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.csv")
	if err := WriteRelease(path, sampleRows()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "practice_id,measure_id,measure_version,period,stratum,status,value,bound,unit,benchmark_p25,benchmark_p50,benchmark_p75,benchmark_p90,percentile_band,run_id\n" +
		"05-200,sp-diab,1.0.0,2008,all,released,95,ge,percent,30,33,36,40,p90+,run-1\n" +
		"\"05,300\",sp-diab,1.0.0,2008,all,suppressed,,,percent,,,,,,run-1\n"
	if string(got) != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("a temporary file was left: %v", entries)
	}
	rows, err := ReadRelease(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0] != (oracle.Row{Practice: "05-200", Measure: "sp-diab", Stratum: "all", Status: "released", Value: "95", Bound: "ge"}) || rows[1] != sampleRows()[1].Cell() {
		t.Errorf("read back %v", rows)
	}
	os.WriteFile(path, []byte("practice,value\n1,2\n"), 0o600)
	if _, err := ReadRelease(path); err == nil {
		t.Error("another header was accepted")
	}
}

func TestWriteFailsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent", "release.csv")
	if err := WriteRelease(path, sampleRows()); err == nil || !strings.Contains(err.Error(), path) {
		t.Fatalf("want an error that names the file, got %v", err)
	}
}

func TestOracleFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "oracle.csv")
	cells := []oracle.Cell{
		{Practice: "A", Measure: "m", Stratum: "all", Num: 12, Den: 100, PayerDen: []int64{60, 30, 10}, Status: "released", Value: 12},
		{Practice: "B", Measure: "m", Stratum: "all", Num: 1, Den: 20, PayerDen: []int64{20, 0, 0}, Status: "suppressed"}}
	if err := WriteOracle(path, []string{"payer-1", "payer-2", "payer-3"}, cells); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	want := "practice_id,measure_id,stratum,num,den,den_payer-1,den_payer-2,den_payer-3,expected_status,expected_value,expected_bound\n" +
		"A,m,all,12,100,60,30,10,released,12,\nB,m,all,1,20,20,0,0,suppressed,,\n"
	if string(got) != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	if WriteOracle(path, []string{"payer-1"}, cells) == nil {
		t.Error("one payer for three denominators was accepted")
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := Table(&b, sampleRows()); err != nil {
		t.Fatal(err)
	}
	want := `practice  measure       value  unit     p25  p50  p75  p90  band
05-200    sp-diab         ≥95  percent   30   33   36   40  p90+
05,300    sp-diab  suppressed

measure  released  suppressed  cells
sp-diab         1           1      2
`
	if b.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
	}
	var many []Row
	for _, m := range []string{"a", "b", "c"} {
		for range 30 {
			many = append(many, Row{Practice: "P", Measure: m, Stratum: "all", Status: "suppressed"})
		}
	}
	b.Reset()
	if err := Table(&b, many); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "suppressed\n"); n != 40 || !strings.Contains(b.String(), "… and 50 more cells") || !strings.Contains(b.String(), "c               0          30     30") {
		t.Fatalf("%d rows shown:\n%s", n, b.String())
	}
	if err := Table(&b, nil); err != nil {
		t.Fatal(err)
	}
}
