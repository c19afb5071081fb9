package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/store"
)

// people are this payer's, where they can be read.
func (s *Service) people(ctx context.Context, year engine.Period, d risk.Definition) ([]risk.Person, error) {
	if d.Outcome != risk.Allowed {
		return observations(ctx, s.store, year, d)
	}
	st, ok := s.store.(*store.Store)
	if !ok {
		return nil, errors.New("a risk model is made from the embedded database; this payer's data is in a warehouse")
	}
	return People(ctx, st, year, d)
}

// observations are those of a model that feeds measures, by the query that these are made by.
func observations(ctx context.Context, st data, year engine.Period, d risk.Definition) ([]risk.Person, error) {
	out, err := st.Observe(ctx, d.Outcome, year)
	if err == nil && int64(len(out)) > d.MaxPeople {
		err = errors.New("this payer has more observations than the model's definition allows for")
	}
	return out, err
}

// People are a payer's people of a year as the risk model sees them: everybody covered on a day of it, with age at its end, the diagnoses of the year's
// medical claims (ICD-10-CM, by the first day of the claim), and as outcome their allowed amounts in whole dollars. Of a definition with another outcome they are
// its observations.
func People(ctx context.Context, st *store.Store, year engine.Period, d risk.Definition) ([]risk.Person, error) {
	if d.Outcome != risk.Allowed {
		return observations(ctx, st, year, d)
	}
	from, to := year.Start(), year.End()
	index := map[string]int{}
	var out []risk.Person
	cover, err := columns("eligibility", "person_id", "gender", "birth_date", "enrollment_start_date", "enrollment_end_date", "death_date")
	if err != nil {
		return nil, err
	}
	for row, err := range st.Seen(ctx, "eligibility") {
		if err != nil {
			return nil, err
		}
		id, _ := row[cover[0]].(string)
		birth, okBirth := row[cover[2]].(time.Time)
		begin, okBegin := row[cover[3]].(time.Time)
		end, okEnd := row[cover[4]].(time.Time)
		if !okBirth || !okBegin || !okEnd {
			return nil, errors.New("eligibility: a date has another type than it should")
		}
		death, dead := row[cover[5]].(time.Time)
		if begin.After(to) || end.Before(from) || birth.After(to) || dead && death.Before(from) {
			continue
		}
		if _, known := index[id]; known {
			continue
		}
		gender, _ := row[cover[1]].(string)
		index[id] = len(out)
		out = append(out, risk.Person{Age: to.Year() - birth.Year(), Female: gender == "female"})
	}
	names := []string{"person_id", "claim_start_date", "allowed_amount", "diagnosis_code_type"}
	for i := range 25 {
		names = append(names, fmt.Sprintf("diagnosis_code_%d", i+1))
	}
	claim, err := columns("medical_claim", names...)
	if err != nil {
		return nil, err
	}
	cents := make([]int64, len(out))
	for row, err := range st.Seen(ctx, "medical_claim") {
		if err != nil {
			return nil, err
		}
		id, _ := row[claim[0]].(string)
		i, known := index[id]
		day, ok := row[claim[1]].(time.Time)
		if !known || !ok || day.Before(from) || day.After(to) {
			continue
		}
		if c, ok := row[claim[2]].(int64); ok {
			cents[i] += c
		}
		if kind, _ := row[claim[3]].(string); kind != "" && kind != "icd-10-cm" {
			continue
		}
		for _, at := range claim[4:] {
			if code, _ := row[at].(string); code != "" {
				out[i].Diagnoses = append(out[i].Diagnoses, risk.Diagnosis{Code: strings.Clone(code), Day: day.YearDay()})
			}
		}
	}
	for i, c := range cents {
		out[i].Outcome = max(c/100, 0)
	}
	if int64(len(out)) > d.MaxPeople {
		return nil, errors.New("this payer has more people than the model's definition allows for")
	}
	return out, nil
}

// columns are the places of columns in a row of a canonical table.
func columns(table string, names ...string) ([]int, error) {
	t, ok := store.Lookup(table)
	if !ok {
		return nil, fmt.Errorf("no canonical table %s", table)
	}
	out := make([]int, len(names))
	for i, n := range names {
		out[i] = -1
		for at, c := range t.Columns {
			if c.Name == n {
				out[i] = at
			}
		}
		if out[i] < 0 {
			return nil, fmt.Errorf("table %s has no column %s", table, n)
		}
	}
	return out, nil
}
