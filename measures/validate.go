package measures

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a header. They bound what a proposal can put into the log and keep
// every product the release rules form inside 63 bits.
const (
	maxText   = 16 << 10
	maxSQL    = 64 << 10
	maxCodes  = 5000
	maxInputs = 32
	maxCap    = 1 << 40
	maxScale  = 1_000_000
	maxUnits  = 1_000_000_000
	maxSteps  = 4096
)

var (
	idGrammar      = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)
	nameGrammar    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	versionGrammar = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$`)
	codeGrammar    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.\-]{0,31}$`)
)

// Validate checks every field by itself and against the others. It does not
// read the SQL: that is measures/engine's lint. The error is a [*FieldError].
func (s *Spec) Validate() error {
	for _, f := range s.fields() {
		if f.err != nil {
			return &FieldError{Field: f.field, Err: f.err}
		}
	}
	// The rest divides by what has now been checked.
	for _, f := range []finding{
		{"release.range", s.Release.checkRange()},
		{"cap.num", s.checkProportion()},
		{"release.scale", s.checkPercent()},
		{"cap", s.checkProducts()},
	} {
		if f.err != nil {
			return &FieldError{Field: f.field, Err: f.err}
		}
	}
	return nil
}

// FieldError says which field of a header is wrong; a reader that knows lines
// adds them.
type FieldError struct {
	Field string // as in YAML, nested with a dot: release.step
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

type finding struct {
	field string
	err   error
}

// fields are the checks of each field by itself.
func (s *Spec) fields() []finding {
	r := []finding{
		{"id", match(idGrammar, s.ID, "lower-case letters, digits and single hyphens, at most 32")},
		{"version", match(versionGrammar, s.Version, "major.minor.patch")},
		{"title", text(s.Title, 1, 200, false)},
		{"type", oneOf(s.Type, Proportion, Ratio, Rate, RatePer1000, PMPM, ObservedExpected)},
		{"direction", oneOf(s.Direction, Higher, Lower)},
		{"grain", match(nameGrammar, s.Grain, "a lower-case name such as practice, facility or county")},
		{"inputs", names(s.Inputs)},
		{"sql", text(s.SQL, 1, maxSQL, true)},
		{"stratify", s.checkStratify()},
		{"model", s.checkModel()},
		{"cap.num", between(s.Cap.Num, 1, maxCap)},
		{"cap.den", between(s.Cap.Den, 1, maxCap)},
		{"release.kind", s.Release.checkKind()},
		{"release.profile", match(idGrammar, s.Release.Profile, "the name of a disclosure profile")},
		{"release.unit", text(s.Release.Unit, 1, 60, false)},
		{"release.scale.num", between(s.Release.Scale.Num, 1, maxScale)},
		{"release.scale.den", between(s.Release.Scale.Den, 1, maxScale)},
		{"release.step", between(s.Release.Step, 1, maxScale)},
		{"release.min_den", between(s.Release.MinDen, 0, maxCap)},
		{"rationale", text(s.Rationale, 1, maxText, true)},
		{"source", text(s.Source, 1, maxText, true)},
		{"licence", text(s.Licence, 1, maxText, true)},
		{"clinical_notes", text(s.ClinicalNotes, 0, maxText, true)},
	}
	keys := make([]string, 0, len(s.ValueSets))
	for k := range s.ValueSets {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		r = append(r, finding{"value_sets." + k, s.ValueSets[k].check(k)})
	}
	return r
}

func (r Release) checkKind() error {
	if r.Kind != PerPractice && r.Kind != BenchmarkOnly {
		return fmt.Errorf("%.40q is not %s; leave it out to release a value for every practice", string(r.Kind), BenchmarkOnly)
	}
	return nil
}

func (r Release) checkRange() error {
	lo, hi := r.Range[0], r.Range[1]
	switch {
	case lo < 0 || hi > maxUnits || lo >= hi:
		return fmt.Errorf("is [%d, %d]; want 0 ≤ lo < hi ≤ %d", lo, hi, maxUnits)
	case lo%r.Step != 0 || hi%r.Step != 0:
		return fmt.Errorf("[%d, %d] is not divisible by the step %d", lo, hi, r.Step)
	case (hi-lo)/r.Step > maxSteps:
		return fmt.Errorf("[%d, %d] has %d steps, more than %d; use a larger step", lo, hi, (hi-lo)/r.Step, maxSteps)
	}
	return nil
}

func (s *Spec) checkProportion() error {
	if s.Type == Proportion && s.Cap.Num > s.Cap.Den {
		return fmt.Errorf("is %d, above cap.den %d, though num counts a part of den in a proportion", s.Cap.Num, s.Cap.Den)
	}
	return nil
}

// checkPercent holds the unit to its name: a percent is 100·num/den of a
// proportion, whatever the step.
func (s *Spec) checkPercent() error {
	if s.Release.Unit != Percent {
		return nil
	}
	r := s.Release
	switch {
	case s.Type != Proportion:
		return fmt.Errorf("unit percent needs type proportion, not %s", s.Type)
	case r.Scale.Num*r.Step != 100*r.Scale.Den:
		return fmt.Errorf("is %d/%d with step %d; percent needs scale × step = 100", r.Scale.Num, r.Scale.Den, r.Step)
	case r.Range[0] < 0 || r.Range[1] > 100:
		return fmt.Errorf("percent range [%d, %d] leaves 0…100", r.Range[0], r.Range[1])
	}
	return nil
}

// checkProducts makes sure that 2·p·num and (2k−1)·q·den, each summed over 64
// payers, stay below 2⁶².
func (s *Spec) checkProducts() error {
	_, hi := s.Release.Steps()
	a := mulBits(2*64, uint64(s.Release.Scale.Num), uint64(s.Cap.Num))
	b := mulBits(2*64, uint64(s.Release.Scale.Den), uint64(s.Cap.Den)) + bits.Len64(uint64(hi+1))
	if max(a, b) > 62 {
		return fmt.Errorf("with this scale the release rules need %d bits, more than 62; use coarser units or a smaller cap", max(a, b))
	}
	return nil
}

func mulBits(f ...uint64) int {
	n := 0
	for _, x := range f {
		n += bits.Len64(x)
	}
	return n
}

func match(g *regexp.Regexp, v, want string) error {
	if v == "" {
		return errors.New("is missing")
	}
	if len(v) > 63 || g == idGrammar && len(v) > 32 || !g.MatchString(v) {
		return fmt.Errorf("%.80q is not %s", v, want)
	}
	return nil
}

// checkStratify asks for a stratified measure's own id, by which it and the measure it comes from are known to count the same.
func (s *Spec) checkStratify() error {
	if s.Stratify == "" {
		return nil
	}
	if err := match(nameGrammar, s.Stratify, "the name of a stratification"); err != nil {
		return err
	}
	if s.Base() == s.ID || s.Base() == "" {
		return fmt.Errorf("is %s, so the id is that of the unstratified measure with %q behind it, not %s", s.Stratify, by(s.Stratify), s.ID)
	}
	return nil
}

// checkModel: expected values come from a model, and nothing else does.
func (s *Spec) checkModel() error {
	switch {
	case s.Type == ObservedExpected:
		return match(idGrammar, s.Model, "the id of a joint model's sum in the log")
	case s.Model != "":
		return fmt.Errorf("only a measure of type %s has a model", ObservedExpected)
	}
	return nil
}

func oneOf[T ~string](v T, allowed ...T) error {
	if v == "" {
		return errors.New("is missing")
	}
	if !slices.Contains(allowed, v) {
		return fmt.Errorf("%.40q is none of %v", string(v), allowed)
	}
	return nil
}

func between(v, lo, hi int64) error {
	if v < lo || v > hi {
		return fmt.Errorf("is %d, want %d to %d", v, lo, hi)
	}
	return nil
}

func names(list []string) error {
	if len(list) == 0 || len(list) > maxInputs {
		return fmt.Errorf("lists %d tables, want 1 to %d", len(list), maxInputs)
	}
	for i, n := range list {
		if !nameGrammar.MatchString(n) {
			return fmt.Errorf("%.70q is no table name", n)
		}
		if slices.Contains(list[:i], n) {
			return fmt.Errorf("%q is listed twice", n)
		}
	}
	return nil
}

// text accepts valid UTF-8 without control characters (line feeds and tabs
// where several lines make sense), so that what a reviewer sees is what is hashed.
func text(v string, lo, hi int, lines bool) error {
	switch {
	case len(v) < lo || strings.TrimSpace(v) == "" && lo > 0:
		return errors.New("is missing")
	case len(v) > hi:
		return fmt.Errorf("has %d bytes, more than %d", len(v), hi)
	case !utf8.ValidString(v):
		return errors.New("is not valid UTF-8")
	}
	for i, r := range v {
		if lines && (r == '\n' || r == '\t') {
			continue
		}
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("has the character %U at byte %d, which does not show", r, i)
		}
	}
	return nil
}
