package audit

import (
	"strings"
	"testing"
)

func TestTableFromCSV(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	want := table("r-1", "2023", s)
	head := "practice_id,measure_id,measure_version,period,stratum,status,value,bound,unit,benchmark_p25,run_id\n"
	m := "," + s.ID + "," + s.Version + ",2023,all,"
	rows := []string{"p-1" + m + "released,42,,percent,7,r-1\n", "p-2" + m + "released,95,ge,percent,7,r-1\n", "p<3>" + m + "suppressed,,,percent,,r-1\n"}
	got, err := TableFromCSV([]byte(head+strings.Join(rows, "")), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.authorise("r-1", "2023", s)
	w.certify(want)
	if string(got) != string(w.tables["r-1"]) {
		t.Errorf("from CSV %s\nsigned   %s", got, w.tables["r-1"])
	}
	for name, c := range map[string]struct{ text, why string }{
		"no column":  {strings.Replace(head, "run_id", "run", 1) + rows[0], "no column run_id"},
		"no number":  {head + strings.Replace(rows[0], "42", "42.0", 1), "line 2"},
		"two runs":   {head + rows[0] + strings.Replace(rows[1], "r-1", "r-2", 1), "line 3"},
		"short line": {head + "p-1\n", "wrong number of fields"},
		"empty":      {"", "EOF"},
	} {
		if _, err := TableFromCSV([]byte(c.text), nil); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
	}
}
