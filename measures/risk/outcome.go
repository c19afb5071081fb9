package risk

// The outcomes: what an observation of a model is, and what of it is to be expected. Cost and Readmission are made by the query that the measures of their
// name are made by (package measures/engine, costs_v1 and readmissions_v1), so that over the people a model is fitted to, expected adds up to observed.
const (
	// Allowed: a person of a year; the allowed amounts of the year's medical claims in dollars.
	Allowed = ""
	// Cost: a person at a practice in a year, as often as there are member-months; the dollars allowed for all care of those months, drugs too.
	Cost = "cost"
	// Readmission: an index stay; 1 when another stay follows within 30 days. It is no count per person, for a person without a stay cannot be readmitted,
	// and a rate per person would mostly say who is admitted.
	Readmission = "readmission"
)

// DefaultOf is the definition that members begin with for an outcome: coefficients move by a quarter from version to version, or by 10 dollars of a
// member-month, or by one readmission in a hundred stays.
func DefaultOf(outcome string) Definition {
	d := DefaultDefinition()
	d.Outcome = outcome
	switch outcome {
	case Cost:
		d.OutcomeCap, d.Floor = 100_000, 10*Unit
	case Readmission:
		d.OutcomeCap, d.Floor = 1, Unit/100
	}
	return d
}

// Scorer is a model with its definition: what expected values are computed with. It is not changed after it was made.
type Scorer struct {
	of     Definition
	layout Layout
	fit    *Fit
}

// Scorer reads a model on record.
func (d Definition) Scorer(model []byte) (*Scorer, error) {
	l, f, err := ReadModel(d.Spec(), model)
	if err != nil {
		return nil, err
	}
	return &Scorer{d, l, f}, nil
}

// Model is the model and the definition that it is of.
func (s *Scorer) Model() (Definition, Model) { return s.of, s.layout.Model(s.fit) }

// Outcome is what the model expects.
func (s *Scorer) Outcome() string { return s.of.Outcome }

// Expected is what is expected of an observation in 10⁻⁴ of the outcome's unit, rounded down; at least 1, so that nothing observed stands beside an
// expectation of nothing.
func (s *Scorer) Expected(p Person) int64 { return max(s.layout.Expected(s.fit, p)/100, 1) }

// OutcomeCap is the most that is expected, in the outcome's unit.
func (s *Scorer) OutcomeCap() int64 { return s.of.OutcomeCap }

// Band is an age band of a sex.
type Band struct {
	Female      bool
	From        int   // lowest age
	Coefficient int64 // in Unit; 0 where the cell was left out
}

// AgeBands are those of women, then those of men, ages ascending.
func (s *Scorer) AgeBands() []Band {
	var out []Band
	for i := range 2 * len(s.of.Bands) {
		c := Band{Female: i < len(s.of.Bands), From: s.of.Bands[i%len(s.of.Bands)]}
		if at := s.layout.column[i]; at >= 0 {
			c.Coefficient = s.fit.Coefficients[at]
		}
		out = append(out, c)
	}
	return out
}

// Term is a category that is in the model. Days with one of its codes count up to Cap; the counts of categories in one Column add up to Most.
type Term struct {
	Category    int
	From, To    string
	Cap         int64
	Column      int
	Most        int64
	Coefficient int64 // of the column, in Unit
}

// Terms are the categories that have a column.
func (s *Scorer) Terms() []Term {
	most := map[int]int64{}
	first := 2 * len(s.of.Bands)
	for i, c := range s.of.Categories {
		at := s.layout.column[first+i]
		most[at] = max(most[at], c.Cap)
	}
	var out []Term
	for i, c := range s.of.Categories {
		if at := s.layout.column[first+i]; at >= 0 {
			out = append(out, Term{i, c.From, c.To, c.Cap, at, most[at], s.fit.Coefficients[at]})
		}
	}
	return out
}
