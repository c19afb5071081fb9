package disclosure

import "fmt"

// Quality are thresholds for the data of a member, in whole percent; 0 is no rule. A profile may carry them as floors, a member sets its own on top, and
// the stricter of the two counts. Whether they are met is asked at the member (package node/quality), and all that leaves it is that it does or does
// not take part.
type Quality struct {
	MinMonthPercent      int64 `json:"min_month_percent,omitempty" toml:"min_month_percent"`           // rows of each month of the period, of its median month
	MaxMonthPercent      int64 `json:"max_month_percent,omitempty" toml:"max_month_percent"`           // likewise, at most
	MaxYearPercent       int64 `json:"max_year_percent,omitempty" toml:"max_year_percent"`             // change of the rows of the period against the year before
	MaxLatePercent       int64 `json:"max_late_percent,omitempty" toml:"max_late_percent"`             // claims of the last quarter that are still to come, as the year before had them
	MinCodedPercent      int64 `json:"min_coded_percent,omitempty" toml:"min_coded_percent"`           // claim lines with well-formed diagnosis and procedure codes
	MinNPIPercent        int64 `json:"min_npi_percent,omitempty" toml:"min_npi_percent"`               // claim lines with a valid NPI
	MinAttributedPercent int64 `json:"min_attributed_percent,omitempty" toml:"min_attributed_percent"` // members with a practice
	MinLabPercent        int64 `json:"min_lab_percent,omitempty" toml:"min_lab_percent"`               // members with a laboratory result
	MaxUnitPercent       int64 `json:"max_unit_percent,omitempty" toml:"max_unit_percent"`             // results in another unit than their code says
	MaxDuplicatePercent  int64 `json:"max_duplicate_percent,omitempty" toml:"max_duplicate_percent"`   // lines that are there again under another id
}

// limits are the thresholds in a fixed order.
func (q *Quality) limits() []limit {
	return []limit{
		{"min_month_percent", &q.MinMonthPercent, false}, {"max_month_percent", &q.MaxMonthPercent, true}, {"max_year_percent", &q.MaxYearPercent, true},
		{"max_late_percent", &q.MaxLatePercent, true}, {"min_coded_percent", &q.MinCodedPercent, false}, {"min_npi_percent", &q.MinNPIPercent, false},
		{"min_attributed_percent", &q.MinAttributedPercent, false}, {"min_lab_percent", &q.MinLabPercent, false},
		{"max_unit_percent", &q.MaxUnitPercent, true}, {"max_duplicate_percent", &q.MaxDuplicatePercent, true},
	}
}

type limit struct {
	field   string
	value   *int64
	ceiling bool
}

// Validate checks that every threshold is a percentage; ceilings of volume may be above 100.
func (q Quality) Validate() error {
	for _, l := range q.limits() {
		most := int64(100)
		if l.ceiling {
			most = 10000
		}
		if *l.value < 0 || *l.value > most {
			return fmt.Errorf("%s is %d: want 0 (no rule) to %d", l.field, *l.value, most)
		}
	}
	return nil
}

// Stricter returns of each threshold the stricter one.
func (q Quality) Stricter(o Quality) Quality {
	mine, other := q.limits(), o.limits()
	for i, l := range mine {
		if v := *other[i].value; l.ceiling && v > 0 && (*l.value == 0 || v < *l.value) || !l.ceiling && v > *l.value {
			*l.value = v
		}
	}
	return q
}
