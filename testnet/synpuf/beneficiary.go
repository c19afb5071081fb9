package synpuf

// Settings of care in the order of the arrays of a Beneficiary: inpatient, outpatient, carrier (professional).
const (
	Inpatient = iota
	Outpatient
	Carrier
	settings
)

var settingSuffix = [settings]string{"IP", "OP", "CAR"}

// conditions are the chronic-condition flags of the beneficiary file, in its order.
var conditions = []string{"SP_ALZHDMTA", "SP_CHF", "SP_CHRNKIDN", "SP_CNCR", "SP_COPD", "SP_DEPRESSN", "SP_DIABETES",
	"SP_ISCHMCHT", "SP_OSTEOPRS", "SP_RA_OA", "SP_STRKETIA"}

// Beneficiary is one row of a beneficiary summary file: one person in one year.
type Beneficiary struct {
	ID            string
	Birth, Death  Date   // Death is NoDate for the living
	Sex           string // 1 male, 2 female
	Race          string
	ESRD          bool
	State, County string // codes as text, leading zeros kept
	PartA, PartB  int    // months of cover in the year, 0…12
	HMO, Drug     int    // months of managed care and of Part D cover, 0…12
	Conditions    map[string]bool
	Cost          [settings]int64 // cents a year: Medicare reimbursement + beneficiary responsibility + primary payer; may be negative
}

// Region is the county as the measures name it: SP_STATE_CODE-BENE_COUNTY_CD.
func (b *Beneficiary) Region() string { return b.State + "-" + b.County }

// TensOfDollars is the person's cost of the year over all settings in tens of dollars, half up; a negative total counts 0.
func (b *Beneficiary) TensOfDollars() int64 {
	total := b.Cost[Inpatient] + b.Cost[Outpatient] + b.Cost[Carrier]
	if total < 0 {
		return 0
	}
	return (total + 500) / 1000
}

func beneficiaryColumns() []string {
	names := []string{"DESYNPUF_ID", "BENE_BIRTH_DT", "BENE_DEATH_DT", "BENE_SEX_IDENT_CD", "BENE_RACE_CD", "BENE_ESRD_IND",
		"SP_STATE_CODE", "BENE_COUNTY_CD", "BENE_HI_CVRAGE_TOT_MONS", "BENE_SMI_CVRAGE_TOT_MONS", "BENE_HMO_CVRAGE_TOT_MONS",
		"PLAN_CVRG_MOS_NUM"}
	names = append(names, conditions...)
	for _, s := range settingSuffix {
		names = append(names, "MEDREIMB_"+s, "BENRES_"+s, "PPPYMT_"+s)
	}
	return names
}

// readBeneficiaries hands every row of a beneficiary summary file to yield, in file order. All 32 published columns are required.
func readBeneficiaries(path string, yield func(*Beneficiary) error) error {
	columns := beneficiaryColumns()
	r, err := openRows(path, columns, columns)
	if err != nil {
		return err
	}
	defer r.close()
	seen := make(map[string]int)
	for {
		more, err := r.next()
		if err != nil || !more {
			return err
		}
		b, err := r.beneficiary()
		if err != nil {
			return err
		}
		if _, twice := seen[b.ID]; twice {
			return r.bad("DESYNPUF_ID", "the same beneficiary twice in one file")
		}
		seen[b.ID] = r.line
		if err := yield(b); err != nil {
			return err
		}
	}
}

func (r *rows) beneficiary() (*Beneficiary, error) {
	b := &Beneficiary{ID: r.text("DESYNPUF_ID"), Sex: r.text("BENE_SEX_IDENT_CD"), Race: r.text("BENE_RACE_CD"),
		ESRD: r.text("BENE_ESRD_IND") == "Y", State: r.text("SP_STATE_CODE"), County: r.text("BENE_COUNTY_CD")}
	for _, c := range []struct{ column, value string }{{"DESYNPUF_ID", b.ID}, {"SP_STATE_CODE", b.State}, {"BENE_COUNTY_CD", b.County}} {
		if c.value == "" {
			return nil, r.bad(c.column, "blank")
		}
	}
	var err error
	if b.Birth, err = r.date("BENE_BIRTH_DT", false); err != nil {
		return nil, err
	}
	if b.Death, err = r.date("BENE_DEATH_DT", true); err != nil {
		return nil, err
	}
	for _, m := range []struct {
		column string
		months *int
	}{{"BENE_HI_CVRAGE_TOT_MONS", &b.PartA}, {"BENE_SMI_CVRAGE_TOT_MONS", &b.PartB}, {"BENE_HMO_CVRAGE_TOT_MONS", &b.HMO}, {"PLAN_CVRG_MOS_NUM", &b.Drug}} {
		if *m.months, err = r.whole(m.column, 0, 12); err != nil {
			return nil, err
		}
	}
	b.Conditions = make(map[string]bool, len(conditions))
	for _, c := range conditions {
		if b.Conditions[c], err = r.flag(c); err != nil {
			return nil, err
		}
	}
	for i, s := range settingSuffix {
		for _, part := range []string{"MEDREIMB_", "BENRES_", "PPPYMT_"} {
			cents, err := r.cents(part + s)
			if err != nil {
				return nil, err
			}
			b.Cost[i] += cents
		}
	}
	return b, nil
}
