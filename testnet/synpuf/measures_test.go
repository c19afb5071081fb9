package synpuf

import (
	"testing"

	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
)

// Whatever threshold a cell may need, twice its largest value for 15 payers stays within the precision of the wide parameter set (2²⁶); 5 units
// are set aside for the halves and the constants of the other rules.
func TestFifteenPayersFit(t *testing.T) {
	profiles := map[string]disclosure.Profile{}
	for _, p := range disclosure.Defaults() {
		profiles[p.Name] = p
	}
	for _, s := range Measures() {
		if err := engine.Check(s); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		prog, err := disclosure.Compile(profiles[s.Release.Profile], s)
		if err != nil {
			t.Fatal(err)
		}
		num, den := 2*prog.ScaleNum, prog.ScaleDen
		g := gcd(num, den) // a threshold is 2p·num − (2k−1)·q·den ≥ 0, divided by what 2p and q have in common
		worst := 15 * max(num/g*prog.CapNum, (2*prog.Hi-1)*den/g*prog.CapDen)
		if 2*(worst+5) > 1<<26 {
			t.Errorf("%s: thresholds reach %d for 15 payers", s.ID, worst)
		}
		t.Logf("%s: 15 payers use %.2f of 2^26", s.ID, float64(2*worst)/float64(1<<26))
	}
	if _, err := Measure("sp-none"); err == nil {
		t.Error("an unknown measure was found")
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
