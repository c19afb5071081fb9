package library

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
)

func TestMeasures(t *testing.T) {
	for i, s := range Measures() {
		if s.ID != IDs()[i] {
			t.Errorf("folder %s holds measure %s", IDs()[i], s.ID)
		}
		if err := engine.Check(s); err != nil {
			t.Error(err)
		}
		prog, err := disclosure.Compile(disclosure.QualityRate(), s)
		if err != nil {
			t.Error(err)
		}
		// 2p·num − (2k−1)·q·den with num ≤ den: at most (2·hi − 1)·den on one side, as lo and hi lie evenly around the middle.
		if worst := 15 * (2*prog.Hi - 1) * prog.CapDen; 2*(worst+1) > 1<<26 {
			t.Errorf("%s: 15 payers need thresholds up to %d", s.ID, worst)
		}
	}
	if _, err := Measure("qp-none"); err == nil || !strings.Contains(err.Error(), "qp-none") {
		t.Errorf("an unknown measure: %v", err)
	}
}

// CPT codes are five digits, or four and an F, T or U; the library may hold none.
func TestNoLicensedCodes(t *testing.T) {
	for _, s := range Measures() {
		for name, set := range s.ValueSets {
			for _, code := range set.Public {
				if len(code) == 5 && strings.Trim(code[:4], "0123456789") == "" {
					t.Errorf("%s: value set %s has %s, which has the form of a CPT code", s.ID, name, code)
				}
			}
		}
	}
}
