package measures

import "strings"

// Type is the kind of quotient a measure forms. It decides which checks apply
// to its rows and which disclosure rules to its cells.
type Type string

// The types of measures. Proportion is the only one in which num counts a
// subset of what den counts; pmpm is money per member and month; in observed_expected num
// is what happened and den what a joint model (Spec.Model) expects.
const (
	Proportion       Type = "proportion"
	Ratio            Type = "ratio"
	Rate             Type = "rate"
	RatePer1000      Type = "rate_per_1000"
	PMPM             Type = "pmpm"
	ObservedExpected Type = "observed_expected"
)

// Direction says which way is better.
type Direction string

// The two directions.
const (
	Higher Direction = "higher"
	Lower  Direction = "lower"
)

// Kind says what of a measure is released.
type Kind string

// The kinds. The zero value releases a value for every practice that passes
// the disclosure rules.
const (
	PerPractice   Kind = ""
	BenchmarkOnly Kind = "benchmark-only" // percentiles over those practices, and nothing of any one of them
)

// Percent is the release unit for which a profile's percent range applies.
const Percent = "percent"

// Unstratified is the stratum of a measure that has none.
const Unstratified = "all"

// Spec is one version of one measure. It is plain data; a value that came out
// of [Parse] or [ParseCanonical] is valid, any other is checked by
// [Spec.Validate]. A Spec is not changed after it was made and may be shared
// between goroutines.
type Spec struct {
	ID            string              `json:"id"`
	Version       string              `json:"version"`
	Title         string              `json:"title"`
	Type          Type                `json:"type"`
	Direction     Direction           `json:"direction"`
	Grain         string              `json:"grain"`
	Inputs        []string            `json:"inputs"`
	ValueSets     map[string]ValueSet `json:"value_sets,omitempty"`
	SQL           string              `json:"sql"`                // the text, not the file name
	Stratify      string              `json:"stratify,omitempty"` // empty, or what the strata are: see engine.Strata
	Model         string              `json:"model,omitempty"`    // of observed_expected: the joint model, by the id of its sum in the log
	Cap           Cap                 `json:"cap"`
	Release       Release             `json:"release"`
	Rationale     string              `json:"rationale"`
	Source        string              `json:"source"`
	Licence       string              `json:"licence"`
	ClinicalNotes string              `json:"clinical_notes,omitempty"`
}

// Base is the id of the measure that this one is the stratified form of; its own id where it is none.
func (s *Spec) Base() string {
	if s.Stratify == "" {
		return s.ID
	}
	return strings.TrimSuffix(s.ID, by(s.Stratify))
}

// by is how the id of a stratified measure ends.
func by(kind string) string { return "-by-" + kind }

// By returns the measure by strata of a kind under its own id, which is the measure's with "-by-" and the kind. It is not checked.
func (s *Spec) By(kind string) *Spec {
	out := *s
	out.ID, out.Title, out.Stratify = s.ID+by(kind), s.Title+", by "+kind, kind
	return &out
}

// ValueSet is a list of codes the query may name as {{codes(name)}}. Public
// codes are part of the measure; Slot, when not empty, names a list a payer
// adds under its own licence (CPT, for one) and of which only a hash is ever
// made known.
type ValueSet struct {
	System string   `json:"system,omitempty" yaml:"system"`
	Public []string `json:"public,omitempty" yaml:"public"`
	Slot   string   `json:"slot,omitempty" yaml:"slot"`
	// SlotHash says which list fills the slot, see [SlotHash]. A slot with a hash must be filled with just that list, one without may stay empty.
	SlotHash string `json:"slot_sha256,omitempty" yaml:"slot_sha256"`
}

// Cap is the most one payer may contribute to one cell. It fixes the precision
// the release circuit needs; a node refuses to contribute more.
type Cap struct {
	Num int64 `json:"num" yaml:"num"`
	Den int64 `json:"den" yaml:"den"`
}

// Release says how num/den becomes a released value. Range is in released
// units and divisible by Step.
type Release struct {
	Kind    Kind     `json:"kind,omitempty"`
	Profile string   `json:"profile"`
	Unit    string   `json:"unit"`
	Scale   Scale    `json:"scale"`
	Step    int64    `json:"step"`
	Range   [2]int64 `json:"range"`
	MinDen  int64    `json:"min_den"`
}

// Scale is the factor Num/Den that turns num/den into steps.
type Scale struct {
	Num int64 `json:"num" yaml:"num"`
	Den int64 `json:"den" yaml:"den"`
}

// Steps returns the release range in steps.
func (r Release) Steps() (lo, hi int64) { return r.Range[0] / r.Step, r.Range[1] / r.Step }

// Row is what one payer holds of one cell. It never leaves the payer in the clear.
type Row struct {
	Practice string
	Stratum  string
	Num      int64
	Den      int64
}
