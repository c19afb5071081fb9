package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/node/store"
)

// exported is a file of the Synthea CSV export, the columns it must have, and
// what becomes of a row.
type exported struct {
	name    string
	columns []string
	row     func(*export, *record) error
}

// syntheaFiles are read in this order: what others refer to comes first.
// payers, claims and payer_transitions only fill maps.
var syntheaFiles = []exported{
	{"payers", []string{"Id", "NAME"}, (*export).payer},
	{"payer_transitions", []string{"PATIENT", "START_YEAR", "END_YEAR", "PAYER"}, (*export).transition},
	{"patients", []string{"Id", "BIRTHDATE", "DEATHDATE", "RACE", "ETHNICITY", "GENDER", "COUNTY", "ZIP"}, (*export).patient},
	{"encounters", []string{"Id", "START", "STOP", "PATIENT", "CODE"}, (*export).encounter},
	{"conditions", []string{"START", "STOP", "PATIENT", "ENCOUNTER", "CODE"}, (*export).condition},
	{"observations", []string{"DATE", "PATIENT", "ENCOUNTER", "CATEGORY", "CODE", "VALUE", "UNITS"}, (*export).observation},
	{"procedures", []string{"START", "PATIENT", "ENCOUNTER", "CODE"}, (*export).procedure},
	{"immunizations", []string{"DATE", "PATIENT", "ENCOUNTER", "CODE"}, (*export).immunization},
	{"medications", []string{"START", "STOP", "PATIENT", "ENCOUNTER", "CODE"}, (*export).medication},
	{"claims", []string{"Id", "HEALTHCARECLAIMTYPEID1", "DIAGNOSIS1"}, (*export).claim},
	{"claims_transactions", []string{"CLAIMID", "CHARGEID", "PATIENTID", "TYPE", "FROMDATE", "TODATE", "UNITS", "PROVIDERID"}, (*export).charge},
}

var syntheaLayouts = []store.Layout{
	{Table: "eligibility", Columns: []string{"person_id", "payer", "gender", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date", "zip_code", "county", "race", "ethnicity"}},
	fhirLayouts[1], fhirLayouts[2],
	{Table: "observation", Columns: []string{"observation_id", "person_id", "observation_date", "observation_type", "source_code_type", "source_code", "result", "source_units", "status", "observation_datetime"}},
	fhirLayouts[4], fhirLayouts[5], fhirLayouts[7], fhirLayouts[8],
	{Table: "medical_claim", Columns: []string{"claim_id", "claim_line_number", "claim_type", "person_id", "claim_start_date", "claim_end_date", "service_unit_quantity", "billing_npi", "diagnosis_code_type",
		"diagnosis_code_1", "diagnosis_code_2", "diagnosis_code_3", "diagnosis_code_4", "diagnosis_code_5", "diagnosis_code_6", "diagnosis_code_7", "diagnosis_code_8"}},
}

type header struct {
	kind      string
	diagnoses [8]string
}

// export is one load of a Synthea export. Synthea holds charges and no allowed
// amounts, and does not say which payment is for which line, so claim lines
// carry no money; codes of procedures are SNOMED CT and go to procedure.
type export struct {
	clock
	unit    *store.Unit
	payers  map[string]string
	covers  map[string][]cover
	headers map[string]header
	skipped map[string]int64
}

// Synthea loads a folder of the CSV export as one unit.
func Synthea(ctx context.Context, s *store.Store, o Options, dir string) (Report, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	x := &export{clock: clock{o.Zone}, payers: map[string]string{}, covers: map[string][]cover{}, headers: map[string]header{}, skipped: map[string]int64{}}
	report := Report{Skipped: x.skipped}
	var parts []store.Source
	for _, e := range syntheaFiles {
		path := filepath.Join(dir, e.name+".csv")
		if _, err := os.Stat(path); err != nil {
			if _, err := os.Stat(path + ".gz"); err != nil {
				return report, &store.FileError{Problems: []store.Problem{{File: path, Reason: "is missing in the export"}}}
			}
			path += ".gz"
		}
		sum, err := records(path, e.columns, func(*record) error { return ctx.Err() })
		if err != nil {
			return report, err
		}
		report.Files = append(report.Files, path)
		parts = append(parts, store.Source{Name: filepath.Base(path), Digest: sum})
	}
	var err error
	report.Loaded, report.Already, err = s.LoadUnit(ctx, "synthea", parts, syntheaLayouts, func(u *store.Unit) error {
		x.unit = u
		var bad problems
		for i, e := range syntheaFiles {
			sum, err := records(report.Files[i], e.columns, func(r *record) error {
				report.Read++
				if err := e.row(x, r); err != nil {
					return bad.add(r.problem(err))
				}
				return ctx.Err()
			})
			if err != nil {
				return err
			}
			if sum != parts[i].Digest {
				return fmt.Errorf("%s changed while it was read; nothing was loaded", report.Files[i])
			}
		}
		return bad.err()
	})
	return report, named(err, report.Files)
}

func (x *export) payer(r *record) error {
	x.payers[r.get("Id")] = r.get("NAME")
	return nil
}

// transition notes a span of cover. It ends the day before the next one begins;
// NO_INSURANCE is none.
func (x *export) transition(r *record) error {
	name := x.payers[r.get("PAYER")]
	if name == "NO_INSURANCE" {
		x.skipped["payer_transitions without insurance"]++
		return nil
	}
	f := fields{clock: x.clock}
	from, to := f.take(f.day, "START_YEAR", r.get("START_YEAR")), f.take(f.day, "END_YEAR", r.get("END_YEAR"))
	if f.err != nil {
		return f.err
	}
	if from == nil {
		return &fieldError{"START_YEAR", errors.New("is empty")}
	}
	if to == nil {
		to = openEnd
	} else if to = to.(time.Time).AddDate(0, 0, -1); to.(time.Time).Before(from.(time.Time)) {
		x.skipped["payer_transitions of no day"]++
		return nil
	}
	x.covers[r.get("PATIENT")] = append(x.covers[r.get("PATIENT")], cover{name, from, to})
	return nil
}

func (x *export) patient(r *record) error {
	f := fields{clock: x.clock}
	birth, death := f.take(f.day, "BIRTHDATE", r.get("BIRTHDATE")), f.take(f.day, "DEATHDATE", r.get("DEATHDATE"))
	if f.err != nil {
		return f.err
	}
	gender, ok := map[string]string{"F": "female", "M": "male", "": "unknown", "U": "unknown"}[r.get("GENDER")]
	if !ok {
		return &fieldError{"GENDER", errors.New("is none of F, M and U")}
	}
	if len(x.covers[r.get("Id")]) == 0 {
		x.skipped["patients who were never insured"]++
	}
	for _, c := range x.covers[r.get("Id")] {
		if err := x.add("eligibility", r.get("Id"), c.payer, gender, birth, death, c.from, c.to, r.get("ZIP"), r.get("COUNTY"), r.get("RACE"), r.get("ETHNICITY")); err != nil {
			return err
		}
	}
	return nil
}

// id names a row of a file that has no ids: its encounter, or its patient where
// there is none, and its number, so that exports can be put together.
func (x *export) id(r *record) string {
	owner := r.get("ENCOUNTER")
	if owner == "" {
		owner = r.get("PATIENT")
	}
	return owner + "/" + strconv.FormatInt(r.row, 10)
}

func (x *export) encounter(r *record) error {
	f := fields{clock: x.clock}
	from, to := f.take(f.instant, "START", r.get("START")), f.take(f.instant, "STOP", r.get("STOP"))
	return x.after(f, "encounter", r.get("Id"), r.get("PATIENT"), "finished", "snomed-ct", r.get("CODE"), from, to)
}

func (x *export) condition(r *record) error {
	f := fields{clock: x.clock}
	from, to := f.take(f.day, "START", r.get("START")), f.take(f.day, "STOP", r.get("STOP"))
	status := "active"
	if to != nil {
		status = "resolved"
	}
	return x.after(f, "condition", x.id(r), r.get("PATIENT"), status, "confirmed", "snomed-ct", r.get("CODE"), from, from, to)
}

func (x *export) observation(r *record) error {
	f := fields{clock: x.clock}
	at := f.take(f.instant, "DATE", r.get("DATE"))
	if r.get("CATEGORY") == "laboratory" {
		return x.after(f, "lab_result", x.id(r), r.get("PATIENT"), "loinc", r.get("CODE"), "final", r.get("VALUE"), at, at, r.get("UNITS"))
	}
	day := f.take(f.day, "DATE", r.get("DATE"))
	return x.after(f, "observation", x.id(r), r.get("PATIENT"), day, r.get("CATEGORY"), "loinc", r.get("CODE"), r.get("VALUE"), r.get("UNITS"), "final", at)
}

func (x *export) procedure(r *record) error {
	f := fields{clock: x.clock}
	at := f.take(f.instant, "START", r.get("START"))
	return x.after(f, "procedure", x.id(r), r.get("PATIENT"), "completed", "snomed-ct", r.get("CODE"), at)
}

func (x *export) immunization(r *record) error {
	f := fields{clock: x.clock}
	at := f.take(f.day, "DATE", r.get("DATE"))
	return x.after(f, "immunization", x.id(r), r.get("PATIENT"), at, "cvx", r.get("CODE"), "completed")
}

func (x *export) medication(r *record) error {
	f := fields{clock: x.clock}
	from, to := f.take(f.instant, "START", r.get("START")), f.take(f.instant, "STOP", r.get("STOP"))
	status := "active"
	if to != nil {
		status = "completed"
	}
	return x.after(f, "medication_request", x.id(r), r.get("PATIENT"), status, "order", int64(0), "rxnorm", r.get("CODE"), from, from, to)
}

func (x *export) claim(r *record) error {
	kind, ok := map[string]string{"1": "professional", "2": "institutional"}[r.get("HEALTHCARECLAIMTYPEID1")]
	if !ok {
		return &fieldError{"HEALTHCARECLAIMTYPEID1", errors.New("is neither 1 (professional) nor 2 (institutional)")}
	}
	h := header{kind: kind}
	for i := range h.diagnoses {
		h.diagnoses[i] = r.get("DIAGNOSIS" + strconv.Itoa(i+1))
	}
	x.headers[r.get("Id")] = h
	return nil
}

func (x *export) charge(r *record) error {
	if r.get("TYPE") != "CHARGE" {
		x.skipped["claims_transactions of type "+strings.ToLower(r.get("TYPE"))]++
		return nil
	}
	h, ok := x.headers[r.get("CLAIMID")]
	if !ok {
		return &fieldError{"CLAIMID", errors.New("is of no row of claims.csv")}
	}
	number, err := strconv.ParseInt(r.get("CHARGEID"), 10, 32)
	if err != nil {
		return &fieldError{"CHARGEID", errors.New("is not a whole number")}
	}
	var units any
	if s := r.get("UNITS"); s != "" {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return &fieldError{"UNITS", errors.New("is not a whole number")}
		}
		units = n
	}
	f := fields{clock: x.clock}
	from, to := f.take(f.day, "FROMDATE", r.get("FROMDATE")), f.take(f.day, "TODATE", r.get("TODATE"))
	row := []any{r.get("CLAIMID"), number + 1, h.kind, r.get("PATIENTID"), from, to, units, r.get("PROVIDERID"), "snomed-ct"}
	for _, d := range h.diagnoses {
		row = append(row, d)
	}
	return x.after(f, "medical_claim", row...)
}

func (x *export) after(f fields, table string, values ...any) error {
	if f.err != nil {
		return f.err
	}
	return x.add(table, values...)
}

func (x *export) add(table string, values ...any) error {
	if err := x.unit.Add(table, values); err != nil {
		return fmt.Errorf("as a row of %s: %w", table, err)
	}
	return nil
}
