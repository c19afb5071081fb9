package synpuf

import "fmt"

// Claim is one row of an inpatient file: one segment of one claim.
type Claim struct {
	Person, ID string
	Segment    int
	From, Thru Date   // may be NoDate
	Admission  Date   // never NoDate on segment 1
	Discharge  Date   // may be NoDate
	Provider   string // PRVDR_NUM as text; blank when the file has none
	Days       int    // CLM_UTLZTN_DAY_CNT, blank = 0
	Paid       int64  // cents; CLM_PMT_AMT, may be negative
	PaidKnown  bool   // false when CLM_PMT_AMT is blank
	DRG        string
	Attending  string // NPI as text
	Diagnoses  []string
	Procedures []string // ICD-9-CM procedures, blanks left out
}

const (
	diagnoses  = 10
	procedures = 6
	hcpcs      = 45
	maxDays    = 36500 // a hundred years: beyond it a day count is a misplaced field
)

// claimRequired are the columns that the loader and the measures read.
var claimRequired = []string{"DESYNPUF_ID", "CLM_ID", "SEGMENT", "CLM_FROM_DT", "CLM_THRU_DT", "PRVDR_NUM", "CLM_PMT_AMT", "AT_PHYSN_NPI",
	"CLM_ADMSN_DT", "CLM_UTLZTN_DAY_CNT", "NCH_BENE_DSCHRG_DT", "CLM_DRG_CD"}

// claimAmounts are the amount columns; blank is allowed, anything else is a number.
var claimAmounts = []string{"CLM_PMT_AMT", "NCH_PRMRY_PYR_CLM_PD_AMT", "CLM_PASS_THRU_PER_DIEM_AMT", "NCH_BENE_IP_DDCTBL_AMT",
	"NCH_BENE_PTA_COINSRNC_LBLTY_AM", "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM"}

func claimColumns() []string {
	names := append([]string{"OP_PHYSN_NPI", "OT_PHYSN_NPI", "ADMTNG_ICD9_DGNS_CD"}, claimRequired...)
	names = append(names, claimAmounts[1:]...)
	for i := 1; i <= diagnoses; i++ {
		names = append(names, fmt.Sprintf("ICD9_DGNS_CD_%d", i))
	}
	for i := 1; i <= procedures; i++ {
		names = append(names, fmt.Sprintf("ICD9_PRCDR_CD_%d", i))
	}
	for i := 1; i <= hcpcs; i++ {
		names = append(names, fmt.Sprintf("HCPCS_CD_%d", i))
	}
	return names
}

// readClaims hands every row of an inpatient file to yield, in file order.
func readClaims(path string, yield func(*Claim) error) error {
	r, err := openRows(path, claimRequired, claimColumns())
	if err != nil {
		return err
	}
	defer r.close()
	diagnosisAt, procedureAt := r.positions("ICD9_DGNS_CD_", diagnoses), r.positions("ICD9_PRCDR_CD_", procedures)
	type key struct {
		id      string
		segment int
	}
	seen := make(map[key]bool)
	for {
		more, err := r.next()
		if err != nil || !more {
			return err
		}
		c, err := r.claim()
		if err != nil {
			return err
		}
		c.Diagnoses, c.Procedures = r.codes(diagnosisAt), r.codes(procedureAt)
		k := key{c.ID, c.Segment}
		if seen[k] {
			return r.bad("CLM_ID", "the same claim and segment twice in one file")
		}
		seen[k] = true
		if err := yield(c); err != nil {
			return err
		}
	}
}

func (r *rows) claim() (*Claim, error) {
	c := &Claim{Person: r.text("DESYNPUF_ID"), ID: r.text("CLM_ID"), Provider: r.text("PRVDR_NUM"), DRG: r.text("CLM_DRG_CD"),
		Attending: r.text("AT_PHYSN_NPI")}
	if c.Person == "" {
		return nil, r.bad("DESYNPUF_ID", "blank")
	}
	if c.ID == "" {
		return nil, r.bad("CLM_ID", "blank")
	}
	var err error
	if c.Segment, err = r.whole("SEGMENT", 1, 99); err != nil {
		return nil, err
	}
	for _, d := range []struct {
		column string
		date   *Date
		blank  bool
	}{{"CLM_FROM_DT", &c.From, true}, {"CLM_THRU_DT", &c.Thru, true}, {"CLM_ADMSN_DT", &c.Admission, c.Segment != 1}, {"NCH_BENE_DSCHRG_DT", &c.Discharge, true}} {
		if *d.date, err = r.date(d.column, d.blank); err != nil {
			return nil, err
		}
	}
	if r.text("CLM_UTLZTN_DAY_CNT") != "" {
		if c.Days, err = r.whole("CLM_UTLZTN_DAY_CNT", 0, maxDays); err != nil {
			return nil, err
		}
	}
	for i, column := range claimAmounts {
		if r.text(column) == "" {
			continue
		}
		cents, err := r.cents(column)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			c.Paid, c.PaidKnown = cents, true
		}
	}
	return c, nil
}

// positions finds the numbered columns prefix1…prefixN that the file has.
func (r *rows) positions(prefix string, n int) []int {
	var at []int
	for i := 1; i <= n; i++ {
		if p, ok := r.at[fmt.Sprintf("%s%d", prefix, i)]; ok {
			at = append(at, p)
		}
	}
	return at
}

func (r *rows) codes(at []int) []string {
	var codes []string
	for _, p := range at {
		if r.record[p] != "" {
			codes = append(codes, r.record[p])
		}
	}
	return codes
}
