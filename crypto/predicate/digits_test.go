package predicate

import "testing"

// TestSearchSteps: for every range and number of lanes, walking the passes by true comparisons ends at every
// value exactly, values outside the range end at its ends, the gains sum to the range, and one pass fewer
// could not tell as many values apart.
func TestSearchSteps(t *testing.T) {
	for lanes := 1; lanes <= 12; lanes++ {
		for steps := int64(1); steps <= 130; steps++ {
			passes := searchSteps(steps, lanes)
			sum, apart := int64(0), int64(1)
			for i, s := range passes {
				if s.window != steps-sum {
					t.Fatalf("%d lanes, %d steps: pass %d has window %d", lanes, steps, i, s.window)
				}
				at := int64(0)
				for c, g := range s.gains {
					if at += g; g < 0 || g > 0 && s.positions[c] != at || g == 0 && s.positions[c] != 0 {
						t.Fatalf("%d lanes, %d steps: gains %v, positions %v", lanes, steps, s.gains, s.positions)
					}
					sum += g
				}
				if i < len(passes)-1 {
					apart *= int64(lanes + 1)
				}
			}
			if sum != steps {
				t.Fatalf("%d lanes: gains sum to %d of %d", lanes, sum, steps)
			}
			if apart > steps {
				t.Fatalf("%d lanes, %d steps: %d passes are one too many", lanes, steps, len(passes))
			}
			for value := int64(-3); value <= steps+3; value++ {
				base := int64(0)
				for _, s := range passes {
					add := int64(0)
					for c, p := range s.positions {
						if value >= base+p {
							add += s.gains[c]
						}
					}
					base += add
				}
				if want := min(max(value, 0), steps); base != want {
					t.Fatalf("%d lanes, %d steps: value %d found as %d", lanes, steps, value, base)
				}
			}
		}
	}
}
