package predicate

import "testing"

// TestLevelPlans pins the level plans that doc.go states.
func TestLevelPlans(t *testing.T) {
	for _, tc := range []struct {
		cap  int64
		want string
	}{
		{1000, "levels 12→3: sign polynomials 1–2; refresh; levels 13→3: sign polynomials 3–4; refresh; levels 14→2: sign polynomials 5–6 gates; refresh into the high scale; levels 14→8: cleaning; levels 8→2: late factors, masked sum"},
		{20000, "levels 13→3: sign polynomials 1–2; refresh; levels 13→3: sign polynomials 3–4; refresh; levels 13→3: sign polynomials 5–6; refresh; levels 10→2: sign polynomials 7–7 gates with late factors; refresh into the high scale; levels 12→6: cleaning; levels 6→2: masked sum"},
	} {
		p := mustPlan(t, 5, false, qualityRate(tc.cap).cell("m/p"))
		if got := p.levels.String(); got != tc.want {
			t.Errorf("set %s:\n got %s\nwant %s", p.Set().Name, got, tc.want)
		}
		stages := p.Stages()
		for i, s := range stages {
			if s.Refreshes != p.Ciphertexts() || s.High != (i == len(stages)-1) {
				t.Errorf("set %s: stage %d is %+v", p.Set().Name, i, s)
			}
		}
		t.Log(p.Rotations())
	}
}
