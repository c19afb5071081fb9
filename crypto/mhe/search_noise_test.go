package mhe

import (
	"math"
	"testing"
)

// TestSearchNoise holds logMeanNoise for results that are sums of several ciphertexts of weighted bits times a gate, as a search over a value
// ends: binary search with its gains as constants, and a higher radix with masks and the sum over eight lanes.
func TestSearchNoise(t *testing.T) {
	sets := []string{"toy", "toy-wide", "standard", "wide"}
	if testing.Short() {
		sets = sets[:2]
	}
	p, err := NewPolynomial(clean)
	must(t, err)
	p = p.Half()
	for _, set := range sets {
		for _, tc := range []struct {
			name  string
			gains []int64
			lanes int
		}{{"binary", []int64{50, 25, 13, 6, 3, 2, 1}, 1}, {"radix 5", []int64{20, 4, 1}, 8}} {
			t.Run(set+"/"+tc.name, func(t *testing.T) {
				s, err := Lookup(set)
				must(t, err)
				level, stride := s.DecryptLevel()+2, s.Slots()/tc.lanes
				var rot []Rotation
				for by := stride; by < s.Slots(); by *= 2 {
					rot = append(rot, Rotation{by, level})
				}
				n := newNetwork(t, set, 3, rot...)
				n.key()
				slots := n.c.set.Slots()
				bits := func(seed int) (ct *Ciphertext, truth []int64) {
					v := make([]float64, slots)
					truth = make([]int64, slots)
					for i := range v {
						v[i] = math.Exp2(-24) * float64(i%7) / 7
						if i%stride*(2*seed+3)/5%3 > 0 && i/stride < 4 {
							v[i], truth[i] = 1-v[i], 1
						}
					}
					ct, err := n.e.DropLevel(n.encrypt(v), n.c.RefreshLevel(true))
					must(t, err)
					ct, err = n.e.DropLevel(n.refresh(ct, true), level+8)
					must(t, err)
					ct, err = n.e.MulConst(ct, 2)
					must(t, err)
					ct, err = n.e.AddConst(ct, -1, 1)
					must(t, err)
					ct, err = n.e.Evaluate(ct, p)
					must(t, err)
					ct, err = n.e.AddConst(ct, 1, 2)
					must(t, err)
					return ct, truth
				}
				gate, exact := bits(99)
				gate, err = n.e.DropLevel(gate, level)
				must(t, err)
				value := make([]int64, slots)
				var sum *Ciphertext
				for j, gain := range tc.gains {
					ct, truth := bits(j)
					for i, b := range truth {
						for l := range tc.lanes {
							value[(i+l*stride)%slots] += gain * b
						}
					}
					if tc.lanes == 1 {
						ct, err = n.e.MulConst(ct, gain)
						must(t, err)
						ct, err = n.e.DropLevel(ct, level)
					} else {
						w := make([]int64, slots)
						for i := range 4 * stride {
							w[i] = gain
						}
						m, merr := n.c.NewMask(w, ct.Level(), true)
						must(t, merr)
						ct, err = n.e.MulMask(ct, m)
					}
					must(t, err)
					if sum == nil {
						sum = ct
					} else {
						sum, err = n.e.Add(sum, ct)
						must(t, err)
					}
				}
				for _, r := range rot {
					turned, err := n.e.Rotate(sum, r.Steps)
					must(t, err)
					sum, err = n.e.Add(sum, turned)
					must(t, err)
				}
				sum, err = n.e.AddConst(sum, 1, 1)
				must(t, err)
				result, err := n.e.Mul(sum, gate)
				must(t, err)
				for i := range exact {
					exact[i] *= value[i] + 1
				}
				noise := n.noise(result, exact)
				t.Logf("mean coefficient noise 2^%.1f, granted 2^%d", noise, n.c.set.logMeanNoise)
				if noise > float64(n.c.set.logMeanNoise) {
					t.Errorf("the flooding does not cover a mean noise of 2^%.1f", noise)
				}
			})
		}
	}
}
