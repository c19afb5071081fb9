package risk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Definition is a Spec as members approve it, with what is agreed on besides. Its canonical form is compact JSON in the order of the fields.
type Definition struct {
	Bands      []int      `json:"bands"`
	Categories []Category `json:"categories"`
	OutcomeCap int64      `json:"outcome_cap"`
	Lambda     int64      `json:"lambda"`
	MinPeople  int64      `json:"min_people"`
	MinPayers  int64      `json:"min_payers"`
	// MaxPeople of one payer: with it the bound of an element follows (Bound).
	MaxPeople int64 `json:"max_people"`
	// Change is how far a coefficient may move from the version before, in thousandths of it, and Floor in any case, in Unit.
	Change int64 `json:"change"`
	Floor  int64 `json:"floor"`
	// Outcome says what an observation is and what of it is the outcome; empty: Allowed.
	Outcome string `json:"outcome,omitempty"`
}

// DefaultDefinition is Default with up to 2,000,000 people a payer, and coefficients that move by a quarter, or 100 dollars, from version to version.
func DefaultDefinition() Definition {
	s := Default()
	return Definition{
		Bands: s.Bands, Categories: s.Categories, OutcomeCap: s.OutcomeCap, Lambda: s.Lambda, MinPeople: s.MinPeople, MinPayers: s.MinPayers,
		MaxPeople: 2_000_000, Change: 250, Floor: 100 * Unit,
	}
}

// Spec is what the model is made of.
func (d Definition) Spec() Spec {
	s := Spec{Bands: d.Bands, Categories: d.Categories, OutcomeCap: d.OutcomeCap, Lambda: d.Lambda, MinPeople: d.MinPeople, MinPayers: d.MinPayers, Exposure: 1}
	if d.Outcome == Cost {
		s.Exposure = 12
	}
	return s
}

// Canonical is the one form of a definition.
func (d Definition) Canonical() []byte { return plain(d) }

// ReadDefinition reads a canonical definition and checks it.
func ReadDefinition(raw []byte) (d Definition, err error) {
	if err := canonical(raw, &d); err != nil {
		return d, fmt.Errorf("definition of a risk model: %w", err)
	}
	if d.MaxPeople < 1 || d.Change < 0 || d.Change > 1000 || d.Floor < 0 {
		return d, errors.New("risk: people of a payer, or the change of a coefficient, is out of range")
	}
	if !slices.Contains([]string{Allowed, Cost, Readmission}, d.Outcome) || d.Outcome == Readmission && d.OutcomeCap != 1 {
		return d, fmt.Errorf("risk: the outcome %.40q is not known, or not up to %d of an observation", d.Outcome, d.OutcomeCap)
	}
	return d, d.Spec().Check()
}

// Model is a fit as it stands in the log: with the definition, all that an expected value needs.
type Model struct {
	Columns      []string `json:"columns"`
	Of           []int    `json:"of"`           // for each column of the definition (cells of women, of men, categories) the model's, -1 where left out
	Coefficients []int64  `json:"coefficients"` // in 10⁻¹² of the outcome's unit
	People       int64    `json:"people"`
	RSquared     int64    `json:"r_squared"`        // 10⁻⁹
	Freedom      int64    `json:"freedom"`          // 10⁻⁹
	Residual     int64    `json:"residual_freedom"` // 10⁻⁹
}

// Model makes the model of a fit.
func (l Layout) Model(f *Fit) Model {
	return Model{l.Columns(), slices.Clone(l.column), f.Coefficients, f.People, f.RSquared, f.Freedom, f.Residual}
}

// Canonical is the one form of a model, whose SHA-256 members sign.
func (m Model) Canonical() []byte { return plain(m) }

// ReadModel reads a model of a specification: the layout and the fit that expected values are made with.
func ReadModel(s Spec, raw []byte) (Layout, *Fit, error) {
	var m Model
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Layout{}, nil, fmt.Errorf("risk: model: %w", err)
	}
	l, err := NewLayout(s)
	if err != nil {
		return l, nil, err
	}
	if len(m.Of) != len(l.column) || len(m.Columns) != len(m.Coefficients) || slices.ContainsFunc(m.Of, func(c int) bool { return c < -1 || c >= len(m.Columns) }) {
		return l, nil, errors.New("risk: the model is of another specification")
	}
	l.column, l.names, l.level = m.Of, m.Columns, make([]int, len(m.Columns))
	return l, &Fit{Columns: m.Columns, Coefficients: m.Coefficients, People: m.People, RSquared: m.RSquared, Freedom: m.Freedom, Residual: m.Residual}, nil
}
