package library

import (
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
)

func TestMeasures(t *testing.T) {
	profiles := disclosure.Defaults()
	for _, name := range Names() {
		s, err := Measure(name)
		if err != nil {
			t.Fatal(err)
		}
		if Name(s) != name {
			t.Errorf("folder %s holds measure %s %s", name, s.ID, s.Version)
		}
		if err := engine.Check(s); err != nil {
			t.Error(err)
		}
		p := slices.IndexFunc(profiles, func(p disclosure.Profile) bool { return p.Name == s.Release.Profile })
		if p < 0 {
			t.Errorf("%s: no profile %q", s.ID, s.Release.Profile)
			continue
		}
		prog, err := disclosure.Compile(profiles[p], s)
		if err != nil {
			t.Error(err)
			continue
		}
		// 2p·num − (2k−1)·q·den, lo < k ≤ hi, by the common factor: what fifteen payers reach must stay within the wide set's 2²⁶. For a proportion num ≤ den,
		// and lo and hi lie evenly around the middle, so the second product bounds both.
		a, b := 2*prog.ScaleNum, prog.ScaleDen
		for f := gcd(a, b); f > 1; f = gcd(a, b) {
			a, b = a/f, b/f
		}
		worst := 15 * (2*prog.Hi - 1) * b * prog.CapDen
		if s.Type != "proportion" {
			worst = max(worst, 15*a*prog.CapNum)
		}
		if 2*(worst+1) > 1<<26 {
			t.Errorf("%s: 15 payers need thresholds up to %d", s.ID, worst)
		}
	}
	if _, err := Measure("qp-none"); err == nil || !strings.Contains(err.Error(), "qp-none") {
		t.Errorf("an unknown measure: %v", err)
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// CPT codes are five digits, or four and an F, T or U; the library may hold none. RxNorm concept numbers can look the same, and are never held
// against a procedure.
func TestNoLicensedCodes(t *testing.T) {
	for _, s := range Measures() {
		for name, set := range s.ValueSets {
			for _, code := range set.Public {
				if len(code) == 5 && strings.Trim(code[:4], "0123456789") == "" && set.System != "rxnorm" {
					t.Errorf("%s: value set %s has %s, which has the form of a CPT code", s.ID, name, code)
				}
			}
			if set.System == "rxnorm" && strings.Contains(strings.ReplaceAll(s.SQL, " ", ""), "hcpcs_codeIN{{codes("+name+")}}") {
				t.Errorf("%s: value set %s of RxNorm is held against hcpcs_code", s.ID, name)
			}
		}
	}
}

// Every measure tells a clinician who is counted, and keeps to its headings.
func TestReadmes(t *testing.T) {
	for _, name := range Names() {
		s, err := Measure(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := folders.ReadFile(name + "/README.md")
		if err != nil {
			t.Error(err)
			continue
		}
		for _, heading := range []string{"# " + s.ID + ": " + s.Title + "\n", "\n## Population\n", "\n## Numerator\n", "\n## Exclusions\n", "\n## Source\n", "\n## What differs from ", "\n## Licence\n"} {
			if !strings.Contains(string(text), heading) {
				t.Errorf("%s/README.md has no %q", s.ID, strings.TrimSpace(heading))
			}
		}
	}
}
