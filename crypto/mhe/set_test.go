package mhe

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
)

// TestSecurityLimits: every set that is not marked insecure stays within the published tables, and one prime more is refused.
func TestSecurityLimits(t *testing.T) {
	for _, s := range sets {
		c, err := NewContext(s, 5)
		must(t, err)
		if s.Insecure {
			if s.SecurityBits() != 0 {
				t.Errorf("%s is marked insecure and claims %d bits", s.Name, s.SecurityBits())
			}
			s.Insecure = false
			if _, err := NewContext(s, 5); err == nil {
				t.Errorf("%s passes without its mark", s.Name)
			}
			continue
		}
		// the ring of the conjugate invariant subring: dimension N, inside the cyclotomic field of index 4N
		if got := c.low.RingQ().NthRoot(); got != uint64(4)<<s.LogN || c.low.N() != 1<<s.LogN {
			t.Errorf("%s: index %d, degree %d", s.Name, got, c.low.N())
		}
		if s.SecurityBits() != 128 {
			t.Errorf("%s: %v", s.Name, s.checkSecurity())
		}
		logQP := 0.0
		for _, q := range append(append([]uint64{}, s.Q...), s.P...) {
			logQP += math.Log2(float64(q))
		}
		if got := s.LogQP(); got != int(math.Ceil(logQP)) {
			t.Errorf("%s: log2(QP) = %d, sum of logarithms %.2f", s.Name, got, logQP)
		}
		s.Q = append(append([]uint64{}, s.Q...), 0xfffffff820001)
		if _, err := NewContext(s, 5); err == nil || !strings.Contains(err.Error(), "exceeds 868") {
			t.Errorf("%s with one prime more: %v", s.Name, err)
		}
		if s.SecurityBits() != 0 {
			t.Errorf("%s with one prime more claims %d bits", s.Name, s.SecurityBits())
		}
	}
	if _, err := Lookup("Standard"); err == nil {
		t.Error("a set of another name was found")
	}
}

// TestModuli derives the listed primes again from their sizes.
func TestModuli(t *testing.T) {
	for _, s := range sets[:2] {
		var logQ, logP []int
		for _, q := range s.Q {
			logQ = append(logQ, int(math.Round(math.Log2(float64(q)))))
		}
		for _, p := range s.P {
			logP = append(logP, int(math.Round(math.Log2(float64(p)))))
		}
		q, p, err := rlwe.GenModuli(s.LogN+2, logQ, logP)
		must(t, err)
		for i, x := range append(q, p...) {
			if listed := append(append([]uint64{}, s.Q...), s.P...)[i]; x != listed {
				t.Errorf("%s: prime %d is %#x, listed %#x", s.Name, i, x, listed)
			}
		}
		for _, x := range s.Q[1 : len(s.Q)-1] {
			if math.Abs(math.Log2(float64(x))-float64(s.LogScale)) > 1e-4 {
				t.Errorf("%s: prime %#x is not of the scale", s.Name, x)
			}
		}
	}
}

// TestMargins: levels, widths of masks and flooding, and the security they give, for every number of payers.
func TestMargins(t *testing.T) {
	for _, s := range sets {
		for payers := MinPayers; payers <= MaxPayers; payers++ {
			c, err := NewContext(s, payers)
			must(t, err)
			if l := c.RefreshLevel(false); l != 3 || c.RefreshBits(false) < 128 {
				t.Errorf("%s, %d payers: refresh at level %d, %d bits", s.Name, payers, l, c.RefreshBits(false))
			}
			if l := c.RefreshLevel(true); l != 2 || c.RefreshBits(true) < 80 {
				t.Errorf("%s, %d payers: refresh into the high scale at level %d, %d bits", s.Name, payers, l, c.RefreshBits(true))
			}
			for _, high := range []bool{false, true} {
				l := c.RefreshLevel(high)
				sum := new(big.Int).Lsh(big.NewInt(int64(payers)), uint(c.maskBits(l)-1))
				sum.Add(sum, new(big.Int).Lsh(big.NewInt(1), uint(s.LogScale+1)))
				if sum.Lsh(sum, 1).Cmp(s.modulus(l)) >= 0 {
					t.Errorf("%s, %d payers: the masks wrap around", s.Name, payers)
				}
			}
			if got := s.StatisticalBits(payers); got < 40 || c.StatisticalBits(64) != got {
				t.Errorf("%s, %d payers: %d statistical bits", s.Name, payers, got)
			}
			// a quarter is ten standard deviations of the flooding in a slot
			sigma := math.Exp2(float64(c.floodBits()-s.LogHigh)) * math.Sqrt(float64(2*payers)*float64(s.Slots())/12)
			if 10*sigma > 0.25 || 20*sigma < 0.25 {
				t.Errorf("%s, %d payers: flooding of %d bits, σ %.4f", s.Name, payers, c.floodBits(), sigma)
			}
			if s.DecryptLevel() != 2 {
				t.Errorf("%s: decryption at level %d", s.Name, s.DecryptLevel())
			}
		}
		for _, payers := range []int{0, 1, 16} {
			if _, err := NewContext(s, payers); err == nil {
				t.Errorf("%d payers accepted", payers)
			}
		}
	}
}

func TestRotations(t *testing.T) {
	s, _ := Lookup("toy")
	c, err := NewContext(s, 3)
	must(t, err)
	a, err := c.rotations([]Rotation{{-1, 3}, {2, 4}})
	must(t, err)
	if a[0] != (Rotation{2, 4}) || a[1] != (Rotation{1023, 3}) {
		t.Errorf("%v", a)
	}
	for _, bad := range [][]Rotation{{{0, 3}}, {{1024, 3}}, {{1, 0}}, {{1, 15}}, {{1, 3}, {1025, 4}}} {
		if _, err := c.NewParty(Reference{}, bad); err == nil {
			t.Errorf("%v accepted", bad)
		}
		if c.RoundOneSize(bad) != 0 || c.NewKeySum(Reference{}, bad).AddRoundOne(nil) == nil {
			t.Errorf("%v accepted by the aggregate", bad)
		}
	}
}
