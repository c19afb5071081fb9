package quality

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/store"
)

// feed is two years of a payer's data, all of it as it should be, and what a fault changes.
type feed struct {
	skipMonth  string // no claim lines and results of this month
	twice      string // the lines of this month, or "all", once more under other ids
	unit       bool   // every third HbA1c in mmol/mol
	diagnosis  string
	npi        string
	unassigned bool
	noLab      bool
	thinYear   bool // hardly anything of the year before
	late       bool // the data ends on the last day of the period
	pressure   string
}

func (f feed) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	tables := map[string]*strings.Builder{}
	row := func(table, format string, a ...any) {
		if tables[table] == nil {
			tables[table] = &strings.Builder{}
		}
		fmt.Fprintf(tables[table], format+"\n", a...)
	}
	row("eligibility", "person_id,birth_date,enrollment_start_date,enrollment_end_date")
	row("provider_attribution", "person_id,year_month,payer_attributed_provider_practice")
	row("practice_crosswalk", "local_practice_id,practice_id\nlocal,PR-1")
	row("medical_claim", "claim_id,claim_line_number,claim_type,person_id,claim_start_date,rendering_npi,hcpcs_code,allowed_amount,diagnosis_code_type,diagnosis_code_1,paid_date")
	row("lab_result", "lab_result_id,person_id,source_component_code,result,source_units,collection_datetime")
	row("observation", "observation_id,person_id,observation_date,source_code,result")
	for i := range 40 {
		person := fmt.Sprintf("p%02d", i)
		row("eligibility", "%s,1960-01-01,2022-01-01,9999-12-31", person)
		if !f.unassigned || i < 10 {
			row("provider_attribution", "%s,202406,local", person)
		}
		for m := range 24 {
			month := fmt.Sprintf("%04d-%02d", 2023+m/12, m%12+1)
			if month == f.skipMonth || f.thinYear && m < 12 && i > 5 {
				continue
			}
			paid := fmt.Sprintf("%04d-%02d-15", 2023+(m+2)/12, (m+2)%12+1)
			if f.late && m+2 >= 24 {
				paid = "2024-12-31"
			}
			claim := func(copy string) {
				row("medical_claim", "%s%s-%s,1,professional,%s,%s-%02d,%s,99213,%d.00,icd-10-cm,%s,%s", copy, person, month, person, month, i%28+1, f.npi, 100+i, f.diagnosis, paid)
			}
			if claim("c"); f.twice == month || f.twice == "all" {
				claim("again")
			}
			if !f.noLab {
				value, unit := "6.5", "%"
				if f.unit && i%3 == 0 {
					value = "48"
				}
				row("lab_result", "l%s-%s,%s,4548-4,%s,%s,%s-%02d", person, month, person, value, unit, month, i%28+1)
			}
		}
		row("observation", "o%s,%s,2024-03-03,8480-6,%s", person, person, f.pressure)
	}
	for table, text := range tables {
		if err := os.WriteFile(filepath.Join(dir, table+".csv"), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func good() feed { return feed{diagnosis: "E119", npi: "1234567893", pressure: "121"} }

func gate(t *testing.T, f feed, inputs []string, q disclosure.Quality) Report {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{Threads: 1, MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Load(t.Context(), f.write(t)); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), s, 2024, inputs, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func failed(r Report) string {
	var names []string
	for _, c := range r.Checks {
		if !c.Pass {
			names = append(names, c.Check+" of "+c.Of)
		}
	}
	if (len(names) == 0) != r.Pass {
		return "the report contradicts itself"
	}
	return strings.Join(names, "; ")
}

// Every fault is caught by its own check and no other, and complete data passes.
func TestSeededFaults(t *testing.T) {
	q := Defaults()
	q.MinLabPercent = 20
	for want, change := range map[string]func(*feed){
		"": func(*feed) {},
		"month of medical_claim least; month of lab_result least": func(f *feed) { f.skipMonth = "2024-05" },
		"month of medical_claim most":                             func(f *feed) { f.twice = "2024-07" },
		"year of medical_claim; duplicate of medical_claim lines": func(f *feed) { f.twice = "all"; f.thinYear = true },
		"duplicate of medical_claim lines":                        func(f *feed) { f.twice = "all" },
		"year of medical_claim; year of lab_result":               func(f *feed) { f.thinYear = true },
		"unit of lab_result hba1c":                                func(f *feed) { f.unit = true },
		"unit of observation blood pressure":                      func(f *feed) { f.pressure = "16.1" },
		"coded of medical_claim diagnosis":                        func(f *feed) { f.diagnosis = "E11.9" },
		"npi of medical_claim provider":                           func(f *feed) { f.npi = "1234567890" },
		"attributed of eligibility members":                       func(f *feed) { f.unassigned = true },
		"month of lab_result least; lab of lab_result members":    func(f *feed) { f.noLab = true },
		"late of medical_claim all":                               func(f *feed) { f.late = true },
	} {
		t.Run(want, func(t *testing.T) {
			f := good()
			change(&f)
			inputs := []string{"medical_claim", "lab_result", "eligibility", "observation", "provider_attribution", "practice_crosswalk"}
			r := gate(t, f, inputs, q)
			got := failed(r)
			if f.twice == "all" && f.thinYear {
				got = strings.Replace(got, "year of lab_result; ", "", 1)
			}
			if got != want {
				t.Errorf("failed: %q, want %q\n%+v", got, want, r.Checks)
			}
		})
	}
}

// Only what the run reads is asked, and a feed that the run reads must be there.
func TestOnlyWhatIsRead(t *testing.T) {
	f := good()
	f.unit, f.noLab = true, true
	if r := gate(t, f, []string{"eligibility", "medical_claim"}, Defaults()); !r.Pass {
		t.Error(failed(r))
	}
	if got := failed(gate(t, good(), []string{"pharmacy_claim"}, Defaults())); got != "month of pharmacy_claim least" {
		t.Errorf("no pharmacy claims: %q", got)
	}
	if r := gate(t, good(), nil, Defaults()); !r.Pass {
		t.Error("a payer without pharmacy data has a check fail that nothing asks for:", failed(r))
	}
	if r := gate(t, f, nil, disclosure.Quality{}); !r.Pass {
		t.Error("no threshold, and it fails:", failed(r))
	}
}

// The check digit in SQL is that of the standard's example and of no neighbour.
func TestNPI(t *testing.T) {
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{Threads: 1, MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	text := "claim_id,claim_line_number,person_id,claim_start_date,rendering_npi\n"
	for i, npi := range []string{"1234567893", "1245319599", "1234567890", "1234567891", "123456789X", "12345678930", "123456789", ""} {
		text += fmt.Sprintf("c%d,1,p,2024-01-01,%s\n", i, npi)
	}
	file := filepath.Join(t.TempDir(), "medical_claim.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), s, 2024, []string{"medical_claim"}, disclosure.Quality{MinNPIPercent: 25})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Check == "npi" && (c.Percent != 25 || !c.Pass) {
			t.Errorf("%+v, want 2 of 8", c)
		}
	}
}
