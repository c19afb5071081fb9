package disclosure

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Class decides which floor a profile must meet.
type Class string

// The classes. PriceLike is for anything from which money per service or
// member could be read; it has no numerator rules, so it takes no proportions.
const (
	ClassQualityRate Class = "quality-rate"
	ClassPriceLike   Class = "price-like"
)

// Profile is one set of disclosure rules, in integers only.
type Profile struct {
	Name            string `json:"name"`
	Version         int64  `json:"version"`
	Class           Class  `json:"class"`
	MinContributors int64  `json:"min_contributors"`  // payers with den ≥ 1
	MaxSharePercent int64  `json:"max_share_percent"` // of the largest payer in den
	MinDen          int64  `json:"min_den"`
	MinNumerator    int64  `json:"min_numerator"`     // num ≥ this or 0; 0 = no rule
	MinComplement   int64  `json:"min_complement"`    // den − num ≥ this or 0; 0 = no rule
	MinResidual     int64  `json:"min_residual"`      // den without any one payer
	MinDataAgeDays  int64  `json:"min_data_age_days"` // whole days between period end and run
	PercentLo       int64  `json:"percent_lo"`        // range for unit percent; 0 and 100 = no coding
	PercentHi       int64  `json:"percent_hi"`
	// Of a benchmark-only measure: practices that pass all rules above, or the benchmark is suppressed.
	MinBenchmarkPractices int64 `json:"min_benchmark_practices"`

	Quality // floors for the data of every member; a file may leave them out
	Totals  // whether sums of shown practices may be opened exactly; a file may leave it out: they may not
}

// QualityRate is the default profile for rates.
func QualityRate() Profile {
	return Profile{
		Name: "quality-rate", Version: 1, Class: ClassQualityRate,
		MinContributors: 3, MaxSharePercent: 60, MinDen: 30, MinNumerator: 11, MinComplement: 11, MinResidual: 11,
		PercentLo: 5, PercentHi: 95, MinBenchmarkPractices: 10,
	}
}

// PriceLike is the default profile for cost. Data must be more than 90 days old.
func PriceLike() Profile {
	return Profile{
		Name: "price-like", Version: 1, Class: ClassPriceLike,
		MinContributors: 5, MaxSharePercent: 25, MinDen: 30, MinResidual: 11, MinDataAgeDays: 91,
		PercentHi: 100, MinBenchmarkPractices: 10,
	}
}

// Defaults are the built-in profiles, in a fixed order.
func Defaults() []Profile { return []Profile{QualityRate(), PriceLike()} }

// MaxProfile is the most bytes a profile may have.
const MaxProfile = 4096

var nameGrammar = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)

// Parse reads a profile strictly: every field is known, none is missing or
// given twice, no trailing data, floors met. White space is free, because
// people write these files; what is hashed is [Profile.Canonical].
func Parse(data []byte) (Profile, error) {
	if len(data) > MaxProfile {
		return Profile{}, fmt.Errorf("disclosure profile has %d bytes, more than %d", len(data), MaxProfile)
	}
	if err := onceEach(data); err != nil {
		return Profile{}, fmt.Errorf("disclosure profile: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var p Profile
	if err := dec.Decode(&p); err != nil {
		return Profile{}, fmt.Errorf("disclosure profile: %w", err)
	}
	if err := p.Validate(); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// ParseCanonical reads a profile that must be in canonical form already.
func ParseCanonical(data []byte) (Profile, error) {
	p, err := Parse(data)
	if err != nil {
		return Profile{}, err
	}
	if !bytes.Equal(p.Canonical(), data) {
		return Profile{}, errors.New("disclosure profile is not in canonical form: encoding it again gives other bytes")
	}
	return p, nil
}

// Canonical returns the profile's one byte form.
func (p Profile) Canonical() []byte {
	b, err := json.Marshal(p)
	if err != nil {
		panic("disclosure: encoding a plain struct failed: " + err.Error())
	}
	return b
}

// Hash is the SHA-256 of the canonical bytes.
func (p Profile) Hash() [32]byte { return sha256.Sum256(p.Canonical()) }

// fields are the keys of a profile as they stand in the struct.
var fields = []string{
	"name", "version", "class", "min_contributors", "max_share_percent", "min_den", "min_numerator", "min_complement",
	"min_residual", "min_data_age_days", "percent_lo", "percent_hi",
	"min_benchmark_practices",
}

// optional are the floors for a member's data and what is said of totals: their zero is no rule and no total, and files of before do not have them.
var optional = func() map[string]bool {
	m := map[string]bool{}
	for _, l := range new(Quality).limits() {
		m[l.field] = true
	}
	m["exact_totals"], m["min_total_practices"] = true, true
	return m
}()

// onceEach walks one flat JSON object: encoding/json would take the last of two
// equal keys, match keys without regard to case and leave missing ones at zero,
// which for a rule means off.
func onceEach(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("is not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := k.(string)
		if _, twice := seen[key]; !ok || twice {
			return fmt.Errorf("the field %.40q comes twice", key)
		}
		seen[key] = !optional[key]
		v, err := dec.Token()
		if err != nil {
			return err
		}
		if _, nested := v.(json.Delim); nested || v == nil {
			return fmt.Errorf("the field %.40q must be a number or text", key)
		}
	}
	for _, f := range fields {
		if !seen[f] {
			return fmt.Errorf("the field %q is missing", f)
		}
		delete(seen, f)
	}
	for key, required := range seen {
		if !required {
			continue
		}
		return fmt.Errorf("unknown field %.40q", key)
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the end")
	}
	return nil
}
