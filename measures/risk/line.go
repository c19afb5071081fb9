package risk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// StageComponents is the one stage of a reliability.
const StageComponents = "components"

// ReliabilityDefinition says of which measure's cells the variance components are summed. Its canonical form is compact JSON.
type ReliabilityDefinition struct {
	Measure string `json:"measure"` // hash of an approved proportion
}

// ReadReliabilityDefinition reads a canonical definition.
func ReadReliabilityDefinition(raw []byte) (d ReliabilityDefinition, err error) {
	return d, canonical(raw, &d)
}

// Canonical is the one form of a definition.
func (d ReliabilityDefinition) Canonical() []byte { return plain(d) }

// Reliability is what variance components say of a measure: from how many people on a practice's rate is reliable. No denominator is in it. Its canonical
// form is what members sign and put on record; a release that asks its encrypted denominators for the line names it.
type Reliability struct {
	Measure  string   `json:"measure"` // hash
	Period   string   `json:"period"`
	Run      string   `json:"run"` // of the variance components
	Payers   []string `json:"payers"`
	Between  string   `json:"between"` // variance, six digits
	Within   string   `json:"within"`
	Line     int64    `json:"people_for_reliability_0_70,omitempty"` // absent: no number of people is enough
	Reliable bool     `json:"reachable"`
}

// Reliability reads the line off a sum of variance components.
func (d ReliabilityDefinition) Reliability(run, period string, payers []string, sum []int64) (Reliability, error) {
	c, err := ReadComponents(sum)
	if err != nil {
		return Reliability{}, err
	}
	out := Reliability{Measure: d.Measure, Period: period, Run: run, Payers: payers, Between: c.Between.FloatString(6), Within: c.Within.FloatString(6)}
	out.Line, out.Reliable = c.Line()
	return out, nil
}

// ReadReliability reads a reliability in its one form.
func ReadReliability(raw []byte) (r Reliability, err error) {
	if err := canonical(raw, &r); err != nil {
		return r, err
	}
	if r.Reliable != (r.Line > 0) {
		return r, errors.New("risk: a line that is reachable is at least one, another is absent")
	}
	return r, nil
}

// Canonical is the one form of a reliability.
func (r Reliability) Canonical() []byte { return plain(r) }

func plain(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("risk: encoding plain fields")
	}
	return b
}

// canonical reads the one form of a value and nothing else.
func canonical[T any](raw []byte, to *T) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return fmt.Errorf("risk: cannot be read: %w", err)
	}
	if !bytes.Equal(plain(*to), raw) {
		return errors.New("risk: is not in canonical form")
	}
	return nil
}
