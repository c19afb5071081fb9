package oracle

import (
	"fmt"
	"math/big"
	"strconv"
	"time"
)

// Sample is one DE-SynPUF payer as this package sees it: the paths of the beneficiary summary of the period and of the inpatient claims, plain
// or with .gz. It is an interface so that the oracle need not import the adapter, and with it the SQL, that it checks.
type Sample interface {
	Paths() (beneficiary, inpatient string)
}

// SynPUF computes the DE-SynPUF measures named, in that order, for the payers in theirs. It trusts that the files were checked before and
// reads them again, row by row, by itself.
func SynPUF[S Sample](payers []S, period int, measures []string) ([]Counts, error) {
	counts := make([]Counts, len(measures))
	for i, id := range measures {
		counts[i].Measure = id
	}
	for _, s := range payers {
		p, err := readPayer(s, period)
		if err != nil {
			return nil, err
		}
		for i, id := range measures {
			var pairs map[string]Pair
			switch id {
			case "sp-read":
				pairs = p.readmissions(period)
			case "sp-los":
				pairs = p.lengthOfStay()
			case "sp-diab", "sp-adm", "sp-pmpm":
				pairs = p.county(id)
			default:
				return nil, fmt.Errorf("the oracle does not know measure %q on DE-SynPUF data", id)
			}
			counts[i].Payers = append(counts[i].Payers, pairs)
		}
	}
	return counts, nil
}

type stay struct {
	hospital  string
	admitted  time.Time
	left      time.Time // zero when there is no discharge date
	days      int64
	ofPeriod  bool
	claimLine int
}

type resident struct {
	county   string
	months   int64
	diabetes bool
	tens     int64
}

type payerData struct {
	stays  map[string][]stay // by person, segment 1 only
	people map[string]resident
}

func readPayer(s Sample, period int) (*payerData, error) {
	beneficiary, inpatient := s.Paths()
	p := &payerData{stays: make(map[string][]stay), people: make(map[string]resident)}
	line := 0
	err := eachRow(inpatient, []string{"DESYNPUF_ID", "SEGMENT", "PRVDR_NUM", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT", "CLM_UTLZTN_DAY_CNT"}, func(field func(string) string) (err error) {
		line++
		if field("SEGMENT") != "1" {
			return nil
		}
		st := stay{hospital: field("PRVDR_NUM"), claimLine: line}
		if st.admitted, err = time.Parse("20060102", field("CLM_ADMSN_DT")); err != nil {
			return err
		}
		st.ofPeriod = st.admitted.Year() == period
		if d := field("NCH_BENE_DSCHRG_DT"); d != "" {
			if st.left, err = time.Parse("20060102", d); err != nil {
				return err
			}
		}
		if d := field("CLM_UTLZTN_DAY_CNT"); d != "" {
			if st.days, err = strconv.ParseInt(d, 10, 64); err != nil {
				return err
			}
		}
		person := field("DESYNPUF_ID")
		p.stays[person] = append(p.stays[person], st)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var amounts []string
	for _, part := range []string{"MEDREIMB", "BENRES", "PPPYMT"} {
		for _, setting := range []string{"IP", "OP", "CAR"} {
			amounts = append(amounts, part+"_"+setting)
		}
	}
	columns := append([]string{"DESYNPUF_ID", "SP_STATE_CODE", "BENE_COUNTY_CD", "BENE_HI_CVRAGE_TOT_MONS", "SP_DIABETES"}, amounts...)
	err = eachRow(beneficiary, columns, func(field func(string) string) error {
		months, err := strconv.ParseInt(field("BENE_HI_CVRAGE_TOT_MONS"), 10, 64)
		if err != nil {
			return err
		}
		total := new(big.Rat)
		for _, a := range amounts {
			v, ok := new(big.Rat).SetString(field(a))
			if !ok {
				return fmt.Errorf("column %s is not a number", a)
			}
			total.Add(total, v)
		}
		p.people[field("DESYNPUF_ID")] = resident{county: field("SP_STATE_CODE") + "-" + field("BENE_COUNTY_CD"), months: months,
			diabetes: field("SP_DIABETES") == "1", tens: tensOf(total)}
		return nil
	})
	return p, err
}

// tensOf rounds dollars to tens, half up; negative counts 0.
func tensOf(dollars *big.Rat) int64 {
	if dollars.Sign() < 0 {
		return 0
	}
	tens := new(big.Rat).Quo(dollars, big.NewRat(10, 1))
	tens.Add(tens, big.NewRat(1, 2))
	return new(big.Int).Quo(tens.Num(), tens.Denom()).Int64()
}

// readmissions: stays of the period that end 30 days or more before the year does, and those of them with another admission within
// 30 days after the day of discharge.
func (p *payerData) readmissions(period int) map[string]Pair {
	pairs := make(map[string]Pair)
	lastDay := time.Date(period, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, stays := range p.stays {
		for _, index := range stays {
			until := index.left.AddDate(0, 0, 30)
			if !index.ofPeriod || index.left.IsZero() || until.After(lastDay) || index.hospital == "" {
				continue
			}
			pair := pairs[index.hospital]
			pair.Den++
			for _, other := range stays {
				if other.claimLine != index.claimLine && other.admitted.After(index.left) && !other.admitted.After(until) {
					pair.Num++
					break
				}
			}
			pairs[index.hospital] = pair
		}
	}
	return pairs
}

func (p *payerData) lengthOfStay() map[string]Pair {
	pairs := make(map[string]Pair)
	for _, stays := range p.stays {
		for _, s := range stays {
			if s.ofPeriod && s.hospital != "" {
				pair := pairs[s.hospital]
				pairs[s.hospital] = Pair{pair.Num + s.days, pair.Den + 1}
			}
		}
	}
	return pairs
}

// county sums over the people of the period's beneficiary file by where they live.
func (p *payerData) county(measure string) map[string]Pair {
	pairs := make(map[string]Pair)
	for person, r := range p.people {
		pair := pairs[r.county]
		switch measure {
		case "sp-diab":
			if r.months == 12 {
				pair.Den++
				if r.diabetes {
					pair.Num++
				}
			}
		case "sp-adm":
			pair.Den += r.months
			for _, s := range p.stays[person] {
				if s.ofPeriod {
					pair.Num++
				}
			}
		case "sp-pmpm":
			pair.Den += r.months
			pair.Num += r.tens
		}
		pairs[r.county] = pair
	}
	return pairs
}
